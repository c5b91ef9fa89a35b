"""Ask about what is named instead of an address, of a single check and of a batch alike."""

from __future__ import annotations

import json
from dataclasses import replace

from fake_geocoder import FakeGeocoder

import qpv_geo
from qpv_geo.eligibility.bulk import answer_addresses
from qpv_geo.eligibility.check import Checker
from qpv_geo.eligibility.lookup import Finder
from qpv_geo.errors import QpvGeoError
from qpv_geo.geocoding.protocol import make_query
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.settings import load_settings

ON, BEFORE = "2024-06-01", "2023-06-01"
LOOS_PLOT = "59360000AB0123"
NOBODY = FakeGeocoder({})
"""Finds nothing: an address is `not_located`."""


def check(text, on=ON, geocoder=None, **options):
    """Check a text, and see that its record is verified without any geocoder, and that a batch says the same."""
    chain = geocoder or geocoder_of(load_settings(), offline=True)
    verdict = qpv_geo.check(address=text, on=on, geocoder=chain, **options)
    record = json.loads(json.dumps(verdict.to_dict()))
    assert qpv_geo.verify(record).identical
    if geocoder is None and not options:
        told = many([text], on=on)[0]
        assert (told.outcome.status, told.outcome.reason, told.generation) == (
            verdict.status,
            verdict.reason,
            verdict.generation,
        )
        assert told.message == verdict.message
    return verdict


def many(texts, on=ON, *, offline=True):
    """Answer texts as a batch does."""
    settings = load_settings()
    checker = Checker(settings)
    queries = [make_query(text) for text in texts]
    with Finder(geocoder_of(settings, offline=offline, cached=False), settings, workers=1) as finder:
        found = dict(finder.find(queries))
    asked = [found[query] for query in queries]
    known = [one for one in asked if not isinstance(one, QpvGeoError)]
    answered = iter(answer_addresses(checker.contexts, known, checker.check_options(on=on)))
    return [one if isinstance(one, QpvGeoError) else next(answered) for one in asked]


def words(verdict):
    return verdict.status.value, verdict.reason.value


def codes(verdict):
    return [(one.code, one.share_inside) for one in verdict.perimeters]


INSIDE, OUTSIDE, AREA = ("inside", "clear"), ("outside", "clear"), ("uncertain", "named_area")


def renamed(some, names, insee=None):
    """Return a set of perimeters with other labels and communes."""
    return replace(some, names=tuple(names), insee=tuple(insee or [""] * len(names)))

"""The evidence of an address: what was asked and what was found, from which the same verdict is computed again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fake_geocoder import FakeGeocoder, candidate, offline_index, row
from real_towns import LOOS
from synthetic import perimeters, point, square

import qpv_geo
from qpv_geo.errors import FormatError, InputError
from qpv_geo.schemes.record_differences import RecordDifference

ASKED = "1 rue des Carrés, 99990 Essai"
ON = "2024-06-01"
SQUARES = replace(perimeters(square(0, 0, 1000), name="qpv-2024"), insee=("99999,59360",))


@pytest.fixture(autouse=True)
def installed(catalogue):
    catalogue.store.install(SQUARES)


@pytest.fixture
def index(home):
    return offline_index(
        home,
        *(row(500, 500, n) for n in range(1, 8)),
        *(row(-70 + 20 * n, 500, n, "Avenue des Bords") for n in range(1, 8)),
        *(row(500, 500, n, "Rue du Banc", **LOOS.columns()) for n in range(1, 8)),
    )


def test_the_evidence_tells_what_was_asked_and_what_was_found():
    found = candidate(500, 500)
    geocoder = FakeGeocoder({ASKED: [found]})
    verdict = qpv_geo.check(address=ASKED, postcode="99990", geocoder=geocoder, on=ON)
    question = verdict.to_dict()["evidence"]["input"]
    kept = question.pop("found")
    assert question == {
        "address": ASKED, "postcode": "99990", "searched": "essai", "on": ON, "kinds": ["qpv"],
    }  # fmt: skip
    [one] = kept["candidates"]
    match = one.pop("match")
    assert one == {key: value for key, value in found._asdict().items() if key != "match"}
    assert {part: match[part] for part in ("number", "street", "city")} == dict.fromkeys(
        ("number", "street", "city"), "same"
    )
    assert kept["numbers"] == kept["missing"] == []


def records(index):
    """Return a record of each kind of answer to an address."""
    one, other = candidate(500, 500), candidate(-500, 500)
    asked = {
        "number": (ASKED, FakeGeocoder({ASKED: [one]})),
        "several": (ASKED, FakeGeocoder({ASKED: [one, other]})),
        "weak": (ASKED, FakeGeocoder({ASKED: [candidate(500, 500, "1 Allée des Carrés")]})),
        "nothing": (ASKED, FakeGeocoder({})),
        "street": ("avenue des Bords, Essai", index),
        "numbers": ("1 à 5 avenue des Bords, Essai", index),
        "unknown number": ("99 avenue des Bords, Essai", index),
        "commune": ("59120 Loos", index),
        "communes": ("Beaumont", index),
        "without": ("12 rue des Témoins, 86000 Poitiers", FakeGeocoder({})),
        "missing": ("12 rue des Témoins, 62110 Hénin-Beaumont", index),
        "elsewhere": ("1 rue du Banc, 86000 Loos", index),
    }
    found = {name: qpv_geo.check(address=text, geocoder=geocoder, on=ON) for name, (text, geocoder) in asked.items()}
    found["filtered"] = qpv_geo.check(address="1 rue du Banc", citycode="59360", geocoder=index, on=ON)
    return {name: json.loads(json.dumps(one.to_dict(), allow_nan=False)) for name, one in found.items()}


def test_there_is_a_record_of_every_kind_of_answer(index):
    kinds = {(one["status"], one["reason"]) for one in records(index).values()}
    assert kinds >= {
        ("inside", "clear"),
        ("uncertain", "weak_match"),
        ("uncertain", "street_straddles"),
        ("uncertain", "imprecise_location"),
        ("outside", "commune_without_perimeter"),
        ("not_located", "no_match"),
    }


@pytest.mark.usefixtures("socket_disabled")
def test_a_record_is_computed_again_without_any_geocoder(index):
    kept = records(index)
    index.path.unlink()
    for name, record in kept.items():
        verification = qpv_geo.verify(record)
        assert verification.differences == (), name
        assert (verification.intact, verification.identical) == (True, True)


def test_an_altered_record_is_told(index):
    record = records(index)["number"]
    record["evidence"]["input"]["found"]["candidates"][0] |= point(-500, 500)
    verification = qpv_geo.verify(record)
    assert (verification.intact, verification.same_answer, verification.identical) == (False, False, False)
    assert [one for one in verification.differences if one.field == "status"] == [
        RecordDifference("answer", "status", "inside", "outside", "changed")
    ]


def test_a_match_that_was_altered_is_told(index):
    """Made firm by hand, a candidate gives another answer, and the digest is no longer that of the record."""
    record = records(index)["weak"]
    record["evidence"]["input"]["found"]["candidates"][0]["match"]["street"] = "same"
    verification = qpv_geo.verify(record)
    assert (verification.intact, verification.identical) == (False, False)


CANDIDATE = {**candidate(0, 0)._asdict(), "match": None}
"""As the evidence writes one that was never compared."""


@pytest.mark.parametrize(
    "change",
    [
        {"candidates": None},
        {"candidates": [{}]},
        {"candidates": [5]},
        {"candidates": [CANDIDATE | {"type": "planète"}]},
        {"candidates": [CANDIDATE | {"lon": "est", "match": {"number": "same"}}]},
        {"candidates": [CANDIDATE | {"inconnu": 1}]},
        {"candidates": [CANDIDATE | {"match": "same"}]},
        {"candidates": [CANDIDATE | {"match": {"number": "presque"}}]},
        {"candidates": [CANDIDATE | {"match": {}}]},
        {"numbers": [5]},
        {"communes": [5]},
        {"communes": [{}]},
        {"communes": None},
        {"missing": None},
    ],
)
def test_what_was_found_and_cannot_be_read_is_refused(index, change):
    record = records(index)["number"]
    record["evidence"]["input"]["found"] |= change
    with pytest.raises((FormatError, InputError)):
        qpv_geo.verify(record)


@pytest.mark.parametrize("change", [{"lat": 91.0}, {"lat": "nord"}, {"lon": None}, {"accuracy_m": "loin"}])
def test_a_point_that_is_none_is_refused(index, change):
    record = records(index)["number"]
    record["evidence"]["input"]["found"]["candidates"][0] |= change
    with pytest.raises((FormatError, InputError)):
        qpv_geo.verify(record)


@pytest.mark.parametrize("change", [{"found": None}, {"found": {}}, {"found": []}, {"address": None}, {"inconnue": 1}])
def test_a_question_that_cannot_be_read_is_refused(index, change):
    record = records(index)["number"]
    record["evidence"]["input"] |= change
    with pytest.raises((FormatError, InputError)):
        qpv_geo.verify(record)

"""Ask an index for verdicts, and judge them: a firm answer is about the place asked, or it is wrong."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import communes
from ground import whole_city
from places import fold
from sets import point

import qpv_geo
from qpv_geo.errors import MissingError
from qpv_geo.geocoding.chain import Chain
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import make_query

ON = "2024-06-01"
FIRM = {"inside", "outside"}
NO_PERIMETER = "commune_without_perimeter"


class Judged(StrEnum):
    """What a verdict is worth."""

    RIGHT = "firm, right"
    WRONG = "firm, another place"
    COMMUNE = NO_PERIMETER
    WEAK = "weak_match"
    OTHER = "other doubt"
    NOT_LOCATED = "not_located"
    CRASHED = "crashed"


class Answer(NamedTuple):
    id: str | None
    label: str | None
    ms: float


@dataclass(frozen=True)
class Told:
    """A verdict as far as it is judged."""

    judged: Judged
    words: str


class Ours:
    """The index of a data set, and the verdicts that follow from it."""

    name = "ours"

    def __init__(self, data, limit):
        self._data = data
        self._limit = limit
        self._chain = Chain([OfflineIndex(data.index_path)])

    def ask(self, text):
        started = time.perf_counter()
        candidates = self._chain.search(make_query(text), limit=self._limit)
        ms = (time.perf_counter() - started) * 1000
        return Answer(candidates[0].id, candidates[0].label, ms) if candidates else Answer(None, None, ms)

    def tell(self, question):
        """Return what the verdict about a question is worth."""
        try:
            verdict = qpv_geo.check(
                address=question.text, geocoder=self._chain, perimeters=self._data.perimeters, on=ON
            )
        except MissingError as error:
            return Told(Judged.NOT_LOCATED, str(error))
        except Exception as error:  # noqa: BLE001 - counted and told with its question, whatever it is
            return Told(Judged.CRASHED, repr(error))
        where = verdict.location
        label = where.label if where is not None else None
        words = f"{verdict.status.value}, {verdict.reason.value}: {label}"
        return Told(judged(self._data, question, verdict), words)


def judged(data, question, verdict):
    """Return what a verdict about a question is worth, by the point that it is about."""
    status, reason = verdict.status.value, verdict.reason.value
    if status not in FIRM:
        doubt = Judged.WEAK if reason == "weak_match" else Judged.OTHER
        return Judged.NOT_LOCATED if status == "not_located" else doubt
    if reason == NO_PERIMETER:
        return Judged.COMMUNE if is_commune_asked(data, question.asked, verdict.location) else Judged.WRONG
    found = data.at.get(point(verdict.location.lon, verdict.location.lat), frozenset())
    if question.is_ambiguous and found & question.suiting:
        agree = len({one in data.inside for one in question.suiting}) == 1
        return Judged.RIGHT if agree else Judged.WRONG
    return Judged.RIGHT if found & question.expected else Judged.WRONG


def is_commune_asked(data, asked, location):
    """Tell whether a commune that is answered, for no perimeter touches it, is the one asked.

    Where only a name or a postcode is said, it may be any commune of that name or postcode: none of them is touched.
    """
    own, touched = whole_city(location.citycode or ""), set(data.perimeters.insee)
    meant = {whole_city(asked.address.citycode)} - {""} or {one.code for one in communes.named(asked.address.town)}
    if own in meant:
        return True
    if asked.town and asked.code:
        return own in namesakes(data, asked) and asked.code != asked.address.postcode
    suiting = namesakes(data, asked) if asked.town else of_postcode(data, asked.code)
    return own in suiting and not (meant | suiting) & touched


def namesakes(data, asked):
    """Return the codes of the communes of the name asked, in the département asked if any."""
    start = asked.code[:2] or asked.department
    held = {street.citycode for places in data.places for street in places.named[fold(asked.town)]}
    known = {commune.code for commune in communes.named(asked.town)}
    return {whole_city(code) for code in held | known if code.startswith(start)}


def of_postcode(data, postcode):
    code = postcode.rjust(5, "0")
    held = {street.citycode for places in data.places for street in places.of_postcode[code]}
    return {whole_city(one) for one in held | {commune.code for commune in communes.with_postcode(code)}}

"""Geocoders whose answers are known in advance, and that remember what they were asked."""

from __future__ import annotations

import threading

from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.protocol import Candidate, MatchType

DOOR = Candidate(
    label="15 bis Rue des Essais 99010 Essai-sur-Test",
    score=0.97,
    type=MatchType.HOUSENUMBER,
    id="99001_0001_00015_bis",
    housenumber="15 bis",
    street="Rue des Essais",
    postcode="99010",
    citycode="99001",
    city="Essai-sur-Test",
    lon=0.3,
    lat=46.5,
    position="entrée",
    accuracy_m=20.0,
    source="essai",
    edition="2030-01-02",
)


def door(identifier, score, **more):
    return DOOR._replace(id=identifier, score=score, **more)


class Counting:
    """A geocoder that gives its answers in turn, the last one again and again; an exception is raised.

    It does not believe the candidates whose ids are in `disbelieved`.
    """

    def __init__(self, *answers, name="essai", disbelieved=()):
        self.name = name
        self.disbelieved = disbelieved
        self.asked = []
        self._answers = answers
        self._lock = threading.Lock()

    def search(self, query, *, limit=5):
        return self._next((query, limit))

    def reverse(self, *, lon, lat, limit=1):
        return self._next((lon, lat, limit))

    def checked(self, candidates, query):
        for one in candidates:
            if one.id in self.disbelieved:
                raise RemoteError(query.text)
        return candidates

    def _next(self, question):
        with self._lock:
            answer = self._answers[min(len(self.asked), len(self._answers) - 1)]
            self.asked.append(question)
        if isinstance(answer, Exception):
            raise answer
        return answer

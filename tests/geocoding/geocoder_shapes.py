"""What geocoding services answer, as they document it: the national one, and Addok; on made-up and published places."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import threading
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from typing import Any, Self

import pytest
from loopback import Answer, Loopback

from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.geoplateforme import NationalGeocoder
from qpv_geo.geocoding.protocol import Candidate, Query
from qpv_geo.geocoding.trust import no_box
from qpv_geo.http import ANSWERS, Limits
from qpv_geo.settings import Settings

IMPATIENT = replace(ANSWERS, wait_initial_s=0.001, wait_max_s=0.002)
HERRIOT = "collège René Descartes, rue Édouard Herriot, 59120 Loos"
"""Published by the education directory, at `LOOS_POINT`."""

LOOS = {
    "label": "Rue Édouard Herriot 59120 Loos",
    "score": 0.9518,
    "id": "59360_0000",
    "banId": "00000000-0000-4000-8000-000000000000",
    "name": "Rue Édouard Herriot",
    "postcode": "59120",
    "citycode": "59360",
    "x": 700_000.0,
    "y": 7_000_000.0,
    "city": "Loos",
    "context": "59, Nord, Hauts-de-France",
    "type": "street",
    "importance": 0.5,
    "depcode": "59",
    "street": "Rue Édouard Herriot",
    "_type": "address",
}
"""The street of the collège René Descartes, as the national service writes a street; identifiers are made up."""

LOOS_POINT = (3.00671, 50.60889)

NUMBER = {
    **LOOS,
    "label": "15 bis Rue d'Essai 59120 Loos",
    "id": "59360_0000_00015_bis",
    "name": "15 bis Rue d'Essai",
    "housenumber": "15 bis",
    "street": "Rue d'Essai",
    "type": "housenumber",
    "postcode": "59120",
    "citycode": "59360",
    "city": "Loos",
}

COMMUNE = {key: value for key, value in NUMBER.items() if key not in {"housenumber", "street", "banId"}} | {
    "label": "Loos",
    "id": "59360",
    "name": "Loos",
    "type": "municipality",
    "population": 9_999,
    "municipality": "Loos",
}

ADDOK_NUMBER = {
    "label": "15 bis Rue d'Essai 59120 Loos",
    "score": 0.93,
    "housenumber": "15 bis",
    "id": "59360_0000_00015_bis",
    "type": "housenumber",
    "name": "15 bis Rue d'Essai",
    "postcode": "59120",
    "citycode": "59360",
    "city": "Loos",
    "importance": 0.5,
    "context": "59",
    "street": "Rue d'Essai",
}

POINT_OF_INTEREST = {
    "name": ["Gare d'essai"],
    "toponym": "Gare d'essai",
    "category": ["gare"],
    "postcode": ["59120"],
    "citycode": ["59360"],
    "city": ["Loos"],
    "score": 0.9,
    "_type": "poi",
}

REFUSED = {
    "code": 400,
    "message": "Failed parsing query",
    "detail": ["q: must contain between 3 and 200 chars and start with a number or a letter"],
}

NATIONAL_COLUMNS = (
    *("longitude", "latitude", "result_score", "result_score_next", "result_label", "result_type", "result_id"),
    *("result_banId", "result_housenumber", "result_name", "result_street", "result_postcode", "result_city"),
    *("result_context", "result_citycode", "result_oldcitycode", "result_oldcity", "result_district", "result_status"),
)

ADDOK_COLUMNS = (
    *("latitude", "longitude", "result_label", "result_score", "result_score_next", "result_type", "result_id"),
    *("result_housenumber", "result_name", "result_street", "result_postcode", "result_city", "result_context"),
    "result_citycode",
)

FOUND = {
    "longitude": "3.00671",
    "latitude": "50.60889",
    "result_score": "0.9518",
    "result_score_next": "0.72",
    "result_label": "Rue Édouard Herriot 59120 Loos",
    "result_type": "street",
    "result_id": "59360_0000",
    "result_name": "Rue Édouard Herriot",
    "result_street": "Rue Édouard Herriot",
    "result_postcode": "59120",
    "result_city": "Loos",
    "result_context": "59, Nord, Hauts-de-France",
    "result_citycode": "59360",
    "result_status": "ok",
}
ADDOK_FOUND = {
    **FOUND,
    "result_status": "",
    "result_street": "",
    "result_name": "Rue d'Essai",
    "result_housenumber": "15 bis",
    "result_type": "housenumber",
}
NOT_FOUND = {"result_status": "not-found"}


def feature(properties: dict[str, Any] = LOOS, point: Any = LOOS_POINT, **changes: Any) -> dict[str, Any]:
    """Return a feature; changes are those of its properties."""
    geometry = {"type": "Point", "coordinates": list(point)}
    return {"type": "Feature", "geometry": geometry, "properties": {**properties, **changes}}


def collection(*features: Any) -> Answer:
    """Return the national service's answer."""
    return as_json({"type": "FeatureCollection", "features": list(features), "query": "essai"})


def addok_collection(*features: Any) -> Answer:
    around = {"version": "draft", "attribution": "BAN", "licence": "Licence Ouverte 2.0", "query": "essai", "limit": 5}
    return as_json({"type": "FeatureCollection", "features": list(features), **around})


def as_json(document: Any, **options: Any) -> Answer:
    headers = {"Content-Type": "application/json; charset=utf-8"} | options.pop("headers", {})
    return Answer(json.dumps(document, ensure_ascii=False).encode(), headers=headers, **options)


NOTHING = collection()
PAGE = Answer(b"<!doctype html><title>Maintenance</title>", headers={"Content-Type": "text/html"})


@dataclass
class CsvService:
    """``POST /search/csv``: reads the form as a service does, and gives each row back with what was found.

    Attributes
    ----------
    server
        Which received the request.
    results
        From the address of a row to its result columns.
    columns, mark
        Result columns of the header, and what comes before the header.
    change
        What is done to the rows that are answered, header first.
    forms
        What was asked: the fields of the form in order, without the file.
    sheets
        The rows of each file, as dictionaries.
    """

    server: Loopback
    results: dict[str, dict[str, str]]
    columns: tuple[str, ...] = NATIONAL_COLUMNS
    mark: str = ""
    change: Any = list
    forms: list[list[tuple[str, str]]] = field(default_factory=list)
    sheets: list[list[dict[str, str]]] = field(default_factory=list)

    def __call__(self, _query: Any) -> Answer:
        request = self.server.requests[-1]
        fields = form_fields(request.headers["Content-Type"], request.body)
        self.forms.append([(name, text) for name, text in fields if name != "data"])
        text = dict(fields)["data"]
        rows = list(csv.reader(io.StringIO(text, newline="")))
        self.sheets.append([dict(zip(rows[0], row, strict=True)) for row in rows[1:]])
        answered = self.change([[*rows[0], *self.columns], *(self.answer(rows[0], row) for row in rows[1:])])
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows(answered)
        return Answer((self.mark + out.getvalue()).encode(), headers={"Content-Type": "text/csv; charset=utf-8"})

    def answer(self, header: list[str], row: list[str]) -> list[str]:
        found = self.results.get(row[header.index("adresse")], NOT_FOUND)
        return [*row, *(found.get(column, "") for column in self.columns)]


def form_fields(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a form in order, with the text of its file."""
    parts = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body).get_payload()
    names = [part.get_param("name", header="Content-Disposition") for part in parts]
    return [(name, part.get_payload(decode=True).decode()) for name, part in zip(names, parts, strict=True)]


class FakeTime:
    """A clock that only moves when someone sleeps, or is made to."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.sleeps: list[float] = []
        self._lock = threading.Lock()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.sleeps.append(seconds)
            self.now += seconds


class Bench:
    """A loopback server, geocoders that ask it, and a time of their own; all closed in the end.

    Attributes
    ----------
    server
        What answers, under ``/geocodage``.
    time
        What the geocoders wait by.
    """

    def __init__(self) -> None:
        self.server = Loopback()
        self.time = FakeTime()
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(self.server)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def build(
        self, *, boxes: Any = no_box, transport: Any = None, limits: Limits = IMPATIENT, **settings: Any
    ) -> NationalGeocoder:
        """Make a geocoder of the server, that tries once unless told otherwise."""
        options = {
            "geocoder_url": f"{self.server.url}/geocodage",
            "http_attempts": 1,
            "http_timeout_s": 5.0,
            **settings,
        }
        time = {"clock": self.time.clock, "sleep": self.time.sleep}
        made = NationalGeocoder(Settings(**options), boxes=boxes, transport=transport, limits=limits, **time)
        return self._open.enter_context(made)

    def ask(self, *answers: Answer, query: str = HERRIOT, limit: int = 5, **options: Any) -> list[Candidate]:
        """Search, with a server that gives these answers in turn."""
        self.server.serve("/geocodage/search", *answers)
        return self.build(**options).search(Query(query), limit=limit)


def refusal(call: Any, *arguments: Any, **options: Any) -> str:
    """Return the message of the RemoteError that a call raises: one line, without the address searched."""
    with pytest.raises(RemoteError) as caught:
        call(*arguments, **options)
    message = str(caught.value)
    assert message.replace("\u00a0", " ").isprintable()
    assert "Herriot" not in message
    return message


def without(properties: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name != key}


def edited(column: str, value: str, *, row: int = 1) -> Any:
    """Return what changes one cell of an answer."""

    def change(rows):
        rows[row][rows[0].index(column)] = value
        return rows

    return change

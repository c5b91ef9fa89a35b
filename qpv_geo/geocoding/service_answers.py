"""Encode queries to a geocoding service as CSV, and decode its answers as candidates.

An answer that is not as documented is a `RemoteError`, never an empty list; an empty list is "no candidate".

Sources of the formats: ``https://data.geopf.fr/geocodage/openapi.yaml`` and ``getCapabilities`` for the national
service, the sources of Addok 1.3 (``addok/helpers/formatters.py``) and addok-csv 1.1 for a self-hosted one. Where they
differ:

=================== ================================================= ==========================================
..                  the national service                              Addok
=================== ================================================= ==========================================
found or not (CSV)  ``result_status``: ok, not-found, skipped, error  no such column; empty results are not found
street (CSV)        ``result_street``; the name starts with a number  empty; ``result_name`` is the street's name
start of the CSV    the header                                        a byte order mark, then the header
edition, position   never given                                       never given
second best (CSV)   empty if there is none                            0 if there is none
=================== ================================================= ==========================================
"""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.accuracy import accuracy_m
from qpv_geo.geocoding.protocol import Candidate, MatchType
from qpv_geo.text_normalisation import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qpv_geo.geocoding.protocol import Query

ROW, TEXT, CITYCODE, POSTCODE = "ligne", "adresse", "citycode", "postcode"
"""Columns sent; a service returns them before its own."""

_KINDS = {str(kind): kind for kind in MatchType} | {
    "city": MatchType.MUNICIPALITY,
    "town": MatchType.MUNICIPALITY,
    "village": MatchType.MUNICIPALITY,
    "hamlet": MatchType.LOCALITY,
    "place": MatchType.LOCALITY,
}
"""The national service's types, then those of the OpenStreetMap extracts that an Addok may hold."""

_POSTCODE = re.compile(r"[0-9]{5}")
_CITYCODE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
"""Formats of codes and, in CSV, of numbers: ``float`` would also accept ``nan`` and ``1_0``."""

_SCORE_MAX = 1.1
"""Addok's score includes an importance, which its data may set a little above 1; far above 1 is another scale."""

_ANSWERED, _NO_CANDIDATE = "ok", frozenset({"not-found", "skipped"})
"""``result_status``: skipped is a row without a usable address; ok says nothing about quality."""

_RESULTS = ("longitude", "latitude", "result_label", "result_score", "result_type", "result_id")
"""Columns that every service returns."""


@dataclass(frozen=True)
class Best:
    """The best candidate of a CSV row, and the score of the next one.

    Attributes
    ----------
    candidate
        The best candidate.
    next_score
        Score of the next: 0 if there is none, None if the service doesn't give it.
    """

    candidate: Candidate
    next_score: float | None


class _NonsenseError(Exception):
    """An answer is not as documented; the message says why."""


@contextmanager
def _understood(url: str) -> Iterator[None]:
    try:
        yield
    except _NonsenseError as error:
        raise RemoteError(msg.address_errors.geocoder_nonsense(url, str(error))) from error


# ── GeocodeJSON ──────────────────────────────────────────────────────────────────────────────────────────────


def decode_features(content: bytes, *, url: str, source: str) -> list[Candidate]:
    """Decode a GeocodeJSON answer.

    Parameters
    ----------
    content
        The body of the answer.
    url
        URL that answered, for error messages.
    source
        Name of the service, for the candidates.

    Returns
    -------
    list of Candidate
        In the service's order, longitude and latitude in degrees (WGS84); places of another index (points of
        interest, parcels) are left out.

    Raises
    ------
    RemoteError
        The answer isn't GeocodeJSON, a feature lacks something or has an impossible value, or none of the results is an
        address.
    """
    with _understood(url):
        features = _member(_json(content), "features")
        if not isinstance(features, list):
            raise _NonsenseError(msg.address_errors.answer_wrong("features", features))
        decoded = [_from_feature(feature, number, source) for number, feature in enumerate(features, start=1)]
        found = [candidate for candidate in decoded if candidate is not None]
        if features and not found:
            raise _NonsenseError(msg.address_errors.answer_lacks_addresses())
        return found


def _json(content: bytes) -> object:
    _refuse_page(content)
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _NonsenseError(msg.address_errors.answer_not_json()) from error
    return document


def _refuse_page(content: bytes) -> None:
    """Refuse a maintenance page or a captive portal served as an answer."""
    if content.lstrip().startswith(b"<"):
        raise _NonsenseError(msg.address_errors.answer_is_a_page())


def _member(document: object, name: str) -> object:
    if not isinstance(document, dict) or name not in document:
        raise _NonsenseError(msg.address_errors.answer_lacks(name))
    return document[name]


def _from_feature(feature: object, number: int, source: str) -> Candidate | None:
    try:
        properties = _properties(feature)
        if _text(properties, "_type") not in {None, "address"}:
            return None
        lon, lat = _position(_member(feature, "geometry"))
        return _candidate(properties, lon=lon, lat=lat, source=source)
    except _NonsenseError as error:
        raise _NonsenseError(msg.address_errors.answer_at("résultat", number, str(error))) from error


def _properties(feature: object) -> dict[str, object]:
    properties = _member(feature, "properties")
    if not isinstance(properties, dict):
        raise _NonsenseError(msg.address_errors.answer_wrong("properties", properties))
    return properties


def _position(geometry: object) -> tuple[object, object]:
    coordinates = _member(geometry, "coordinates")
    if not isinstance(coordinates, list) or len(coordinates) < len(("lon", "lat")):
        raise _NonsenseError(msg.address_errors.answer_wrong("coordinates", coordinates))
    return coordinates[0], coordinates[1]


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────


def encode_rows(queries: Sequence[Query], texts: Sequence[str]) -> tuple[bytes, dict[str, str]]:
    """Encode queries as UTF-8 CSV, all quoted: Addok guesses the dialect, and unquoted apostrophes mislead it.

    Parameters
    ----------
    queries
        The queries; a filter that any of them has gets its own column.
    texts
        The text to send for each query.

    Returns
    -------
    content : bytes
        The file: a header, then a numbered row per query.
    filters : dict
        The filters for the form: name of a filter to name of its column.
    """
    filters = {
        name: name for name in (CITYCODE, POSTCODE) if any(getattr(query, name) is not None for query in queries)
    }
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([ROW, TEXT, *filters])
    for row, (query, text) in enumerate(zip(queries, texts, strict=True)):
        writer.writerow([row, text, *(getattr(query, name) or "" for name in filters)])
    return buffer.getvalue().encode(), filters


def decode_rows(content: bytes, *, count: int, url: str, source: str) -> list[Best | None]:
    """Decode a CSV answer.

    Parameters
    ----------
    content
        The body of the answer, in UTF-8.
    count
        Number of rows sent.
    url, source
        As for `decode_features`.

    Returns
    -------
    list of Best or None
        The best candidate of each row, in the order sent; None where there is none.

    Raises
    ------
    RemoteError
        The answer isn't the documented CSV, rows are missing, added or reordered, or a row failed.
    """
    with _understood(url):
        header, *rows = _csv(content)
        for column in (ROW, *_RESULTS):
            if column not in header:
                raise _NonsenseError(msg.address_errors.answer_lacks_column(column))
        if len(rows) != count:
            raise _NonsenseError(msg.address_errors.answer_rows(count, len(rows)))
        return [_from_row(header, row, number, source) for number, row in enumerate(rows)]


def _csv(content: bytes) -> list[list[str]]:
    _refuse_page(content)
    try:
        text = content.decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _NonsenseError(msg.address_errors.answer_not_csv()) from error
    return rows or [[]]


def _from_row(header: Sequence[str], cells: Sequence[str], number: int, source: str) -> Best | None:
    try:
        row = _row(header, cells, number)
        return Best(_best(row, source), _next_score(row)) if _has_result(row) else None
    except _NonsenseError as error:
        raise _NonsenseError(msg.address_errors.answer_at("ligne", number + 1, str(error))) from error


def _row(header: Sequence[str], cells: Sequence[str], number: int) -> dict[str, str]:
    if len(cells) != len(header):
        raise _NonsenseError(msg.address_errors.answer_not_csv())
    row = dict(zip(header, cells, strict=True))
    if row[ROW] != str(number):
        raise _NonsenseError(msg.address_errors.answer_wrong(ROW, row[ROW]))
    return row


def _has_result(row: Mapping[str, str]) -> bool:
    status = row.get("result_status")
    if status is None:
        return any(row[column] for column in _RESULTS)
    if status != _ANSWERED and status not in _NO_CANDIDATE:
        raise _NonsenseError(msg.address_errors.answer_wrong("result_status", status))
    return status == _ANSWERED


def _best(row: Mapping[str, str], source: str) -> Candidate:
    fields: dict[str, object] = {name.removeprefix("result_"): cell for name, cell in row.items() if cell}
    fields["score"] = _parsed(row["result_score"])
    lon, lat = _parsed(row["longitude"]), _parsed(row["latitude"])
    return _candidate(fields, lon=lon, lat=lat, source=source)


def _next_score(row: Mapping[str, str]) -> float | None:
    cell = row.get("result_score_next")
    return _score("result_score_next", _parsed(cell or "0")) if cell is not None else None


def _parsed(cell: str) -> object:
    """Return the number in a cell, or the cell itself."""
    return float(cell) if _NUMBER.fullmatch(cell) else cell


# ── Both ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _candidate(fields: Mapping[str, object], *, lon: object, lat: object, source: str) -> Candidate:
    if "score" not in fields:
        raise _NonsenseError(msg.address_errors.answer_lacks("score"))
    kind = _kind(fields)
    return Candidate(
        label=_required(fields, "label"),
        score=_score("score", fields["score"]),
        type=kind,
        id=_required(fields, "id"),
        housenumber=_text(fields, "housenumber"),
        street=_street(fields, kind),
        postcode=_code(fields, "postcode", _POSTCODE),
        citycode=_code(fields, "citycode", _CITYCODE),
        city=_text(fields, "city"),
        lon=_number("longitude", lon, -180.0, 180.0),
        lat=_number("latitude", lat, -90.0, 90.0),
        position=None,
        accuracy_m=accuracy_m(kind),
        source=source,
        edition=None,
    )


def _kind(fields: Mapping[str, object]) -> MatchType:
    kind = _required(fields, "type")
    if kind not in _KINDS:
        raise _NonsenseError(msg.address_errors.answer_wrong("type", kind))
    return _KINDS[kind]


def _street(fields: Mapping[str, object], kind: MatchType) -> str | None:
    """Return the name of a street or of a locality; ``name`` starts with the number in JSON."""
    if kind is MatchType.MUNICIPALITY:
        return None
    street, name, number = (_text(fields, key) for key in ("street", "name", "housenumber"))
    return street or (name and name.removeprefix(f"{number} "))


def _code(fields: Mapping[str, object], name: str, form: re.Pattern[str]) -> str | None:
    code = _text(fields, name)
    if code is not None and not form.fullmatch(code):
        raise _NonsenseError(msg.address_errors.answer_wrong(name, code))
    return code


def _score(what: str, value: object) -> float:
    return min(1.0, _number(what, value, 0.0, _SCORE_MAX))


def _number(what: str, value: object, low: float, high: float) -> float:
    """Return a number within bounds; NaN and booleans are refused."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _NonsenseError(msg.address_errors.answer_not_a_number(what, value, low, high))
    return float(value)


def _required(fields: Mapping[str, object], name: str) -> str:
    text = _text(fields, name)
    if text is None:
        raise _NonsenseError(msg.address_errors.answer_lacks(name))
    return text


def _text(fields: Mapping[str, object], name: str) -> str | None:
    """Return a text or None; the first of several, as a commune may have several postcodes."""
    value = fields.get(name)
    values: list[object] = value if isinstance(value, list) and value else ["" if value is None else value]
    texts = [text for text in values if isinstance(text, str)]
    if len(texts) < len(values):
        raise _NonsenseError(msg.address_errors.answer_not_a_text(name, value))
    return shown(texts[0]) or None

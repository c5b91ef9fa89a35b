"""Read a layer of a WFS 2.0, page by page, and be sure to have the whole of it.

The server first says how many perimeters the layer holds; then every page must bring perimeters not seen yet, until
that very number is reached. Nothing here knows HTTP: whoever calls says how a request is answered.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.errors import RemoteError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qpv_geo.perimeters.registry import Download
    from qpv_geo.untyped import AnyValue

_CODE = "code_qp"
_FIELDS = (_CODE, "nom_qp", "commune_qp")
_NUMBER_MATCHED = re.compile(rb"""<(?:[\w.-]+:)?FeatureCollection\b[^>]*?\bnumberMatched\s*=\s*["'](\d+)["']""")
_REQUEST = {"service": "WFS", "version": "2.0.0", "request": "GetFeature"}


@dataclass(frozen=True)
class WholeLayer:
    """Every perimeter of a layer.

    Attributes
    ----------
    geojson
        A GeoJSON FeatureCollection in the server's coordinates, which its ``crs`` member names.
    canonical
        Its features as they are hashed; see `read_layer`.
    count
        How many there are.
    """

    geojson: bytes
    canonical: bytes
    count: int


@dataclass(frozen=True)
class _Page:
    """A page as served: its features by code, its ``crs`` member, and how many the layer holds, if it says so."""

    features: tuple[tuple[str, dict[str, Any]], ...]
    crs: Any
    announced: int | None


def read_layer(
    download: Download,
    get: Callable[[dict[str, str]], bytes],
    progress: Callable[[int, int], None],
    *,
    limit: int,
) -> WholeLayer:
    """Ask for a layer until every perimeter that the server announces is there.

    Pages carry time stamps, and their features more fields than needed, in an order of the server's own. So what is
    hashed is the JSON array of the features sorted by code, each with its geometry as served and its ``code_qp``,
    ``nom_qp`` and ``commune_qp`` alone: keys sorted, no space, UTF-8. The same perimeters always give the same bytes.

    Parameters
    ----------
    download
        Which layer, how many features at a time, and the system of a page that does not name its own.
    get
        Sends a request of these parameters to the service and returns the body of the answer.
    progress
        Told how many perimeters have come, of how many, as they come.
    limit
        Most bytes that the pages may hold together.

    Raises
    ------
    RemoteError
        An answer is no GeoJSON page, the pages hold fewer or more perimeters than announced or the same one twice,
        they are in several systems, or too large.
    """
    url = download.url
    announced = _number_matched(get({**_REQUEST, "typeNames": download.layer, "resultType": "hits"}), url)
    progress(0, announced)
    features: dict[str, dict[str, Any]] = {}
    systems: dict[str, Any] = {}
    received = 0
    while len(features) < announced:
        body = get(_page_request(download, start=len(features)))
        received += len(body)
        if received > limit:
            raise RemoteError(msg.errors.remote_too_large(url, limit))
        page = _read_page(body, download)
        _add(page, features, announced=announced, download=download)
        system = page.crs or {"type": "name", "properties": {"name": download.crs}}
        systems[_json(system)] = system
        progress(len(features), announced)
    if len(systems) > 1:
        raise RemoteError(msg.errors.remote_mixed_crs(url))
    return _whole([features[code] for code in sorted(features)], next(iter(systems), "null"))


def _page_request(download: Download, *, start: int) -> dict[str, str]:
    """Return the parameters of a page.

    ``sortBy`` makes pages follow one another: a server may otherwise order each answer as it likes, and then a
    perimeter comes twice and another never.
    """
    return {
        **_REQUEST,
        "typeNames": download.layer,
        "outputFormat": "application/json",
        "sortBy": _CODE,
        "count": str(download.page),
        "startIndex": str(start),
    }


def _number_matched(body: bytes, url: str) -> int:
    """Return the number of features that the answer to ``resultType=hits`` announces.

    A regular expression on the root element: an XML parser on a stranger's answer is a risk that one number is not
    worth.
    """
    found = _NUMBER_MATCHED.search(body)
    if found is None:
        raise RemoteError(msg.errors.remote_not_features(url))
    return int(found[1])


def _read_page(body: bytes, download: Download) -> _Page:
    try:
        page = json.loads(body)
    except ValueError as error:  # an exception report in XML, a maintenance page in HTML
        raise RemoteError(msg.errors.remote_not_features(download.url)) from error
    features = page.get("features") if isinstance(page, dict) else None
    if not isinstance(features, list):
        raise RemoteError(msg.errors.remote_not_features(download.url))
    announced = page.get("numberMatched")
    return _Page(tuple(_by_code(features, download)), page.get("crs"), announced if type(announced) is int else None)


def _by_code(features: list[Any], download: Download) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each feature reduced to what is read of it, under its code."""
    for row, feature in enumerate(features, 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            raise RemoteError(msg.errors.remote_not_features(download.url))
        code = properties.get(_CODE)
        if not isinstance(code, str):
            raise RemoteError(
                msg.errors.remote_unusable(download.url, msg.perimeter_errors.missing_code(download.layer, row))
            )
        kept = {field: properties.get(field) for field in _FIELDS}
        yield code, {"type": "Feature", "properties": kept, "geometry": feature.get("geometry")}


def _add(page: _Page, features: dict[str, dict[str, Any]], *, announced: int, download: Download) -> None:
    """Add the features of a page to `features`; refuse a page that adds none, too many, or one that is there."""
    if page.announced not in {None, announced}:
        raise RemoteError(msg.errors.remote_incomplete(download.url, page.announced or 0, announced))
    for code, feature in page.features:
        if code in features:
            raise RemoteError(
                msg.errors.remote_unusable(download.url, msg.perimeter_errors.duplicate_code(download.layer, code))
            )
        features[code] = feature
    if not page.features or len(features) > announced:
        raise RemoteError(msg.errors.remote_incomplete(download.url, len(features), announced))


def _whole(features: list[dict[str, Any]], system: str) -> WholeLayer:
    canonical = _json(features)
    geojson = f'{{"type":"FeatureCollection","crs":{system},"features":{canonical}}}'
    return WholeLayer(geojson.encode(), canonical.encode(), len(features))


def _json(value: AnyValue) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

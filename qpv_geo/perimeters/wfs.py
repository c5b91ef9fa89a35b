"""Read a layer of a WFS 2.0 page by page, and check that it is complete.

The server first announces how many perimeters the layer holds; then every page must bring new perimeters, until
exactly that number is reached. Nothing here knows HTTP: the caller passes a function that sends requests.
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
        Its features in the form that is hashed; see `read_layer`.
    count
        Number of perimeters.
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
    """Request pages of a layer until all the perimeters that the server announces have arrived.

    Pages carry timestamps and extra fields, in the server's own order. So what is hashed is the JSON array of the
    features sorted by code, each with its geometry as served and its ``code_qp``, ``nom_qp`` and ``commune_qp`` alone:
    keys sorted, no spaces, UTF-8. The same perimeters always give the same bytes.

    Parameters
    ----------
    download
        The layer, the number of features per page, and the system of a page that does not name its own.
    get
        Sends a request with these parameters to the service and returns the body of the response.
    progress
        Called with the number of perimeters received and the total, as pages arrive.
    limit
        Maximum total bytes of the pages.

    Raises
    ------
    RemoteError
        A response is not a GeoJSON page, the pages hold fewer or more perimeters than announced or the same one
        twice, they are in several systems, or too large.
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
            raise RemoteError(msg.download_errors.too_large(url, limit))
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

    ``sortBy`` keeps pages consistent: a server may otherwise order each response differently, so that one perimeter
    comes twice and another never.
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
    """Return the number of features that the response to ``resultType=hits`` announces.

    It is found by a regular expression on the root element: parsing untrusted XML is not worth the risk for one number.
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
    """Yield the code of each feature, and the feature reduced to the fields that are read."""
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
    """Add the features of a page to `features`; refuse a page that adds none, too many, or one already there."""
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

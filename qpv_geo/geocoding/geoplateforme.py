"""The national geocoder (Géoplateforme), or a self-hosted Addok with the same API.

An answer is a list of candidates, possibly empty; a failing service raises a `RemoteError` with its cause. So does an
answer that contradicts the query, see `qpv_geo.geocoding.trust`.

Behaviour relied on, with sources:

- Paths: ``/search``, ``/reverse`` and ``POST /search/csv`` without a trailing slash. The national service accepts both
  (``https://data.geopf.fr/geocodage/openapi.yaml`` has none); Addok strips it (``addok/http/wsgi.py``).
- ``limit`` is 1 to 50 (``openapi.yaml``). ``q`` starts with a letter or a digit, numbers have no exponent
  (``api/params/base.js`` and ``api/util/params.js`` of ``Geoplateforme/gpf-geocodeur``, the service's sources).
- CSV: under 50 MB or 200,000 rows. Addok answers only once the whole file is done, so files are kept small enough to
  finish before the time-out.
- CSV of the national service: each row is a search with ``limit`` 2, and has the score of the second, unrounded
  (``result_score_next``; ``lib/stream.js`` of ``livingdata-co/addok-geocode-stream``, on which the service is built).
  With a larger limit its Addok searches a little further if nothing it found first is alike (``bucket_dry`` in
  ``addok/helpers/collectors.py``). Measured on an Addok 1.3 with 11,489 addresses, written well and badly: the first
  two differed for 10 of them between limits of 2 and 10, never by a place within 0.05 of the best.
- The national service takes 50 requests a second from one client address, then answers 429 and blocks for 5 s, with
  ``retry-after`` (terms of use of cartes.gouv.fr, annex 3).
- Addok only: its CSV drops scores of 0.5 or less unless ``min_score`` is given, guesses the delimiter unless
  ``delimiter`` and ``quote`` are given, and fails with a filter (addok-csv 1.1 under Addok 1.3 takes the filter's list
  of columns for a column): rows with filters are then asked one by one.
"""

from __future__ import annotations

import io
import re
import threading
import time
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from qpv_geo import messages as msg
from qpv_geo.errors import InputError, RemoteError
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.plot_answers import decode_plot, holds_addresses, plot_parameters
from qpv_geo.geocoding.protocol import Candidate, MatchType, Query
from qpv_geo.geocoding.service_answers import TEXT, Best, decode_features, decode_rows, encode_rows
from qpv_geo.geocoding.trust import Trust, no_box
from qpv_geo.settings import is_national_geocoder, without_user

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import httpx2
    from shapely.geometry.base import BaseGeometry

    from qpv_geo.geocoding.plot_answers import FoundPlot
    from qpv_geo.geocoding.trust import Box
    from qpv_geo.http import Client, Limits
    from qpv_geo.settings import Settings

CHUNK_ROWS = 1_000
"""Rows per file: 20 s for an Addok that takes 20 ms per address."""

ROW_S = 0.05
"""Seconds added to the deadline for each row of a file: more than twice what an Addok takes."""

MAX_CHUNK_ROWS = 50_000
"""Most rows per file: with 200 characters each, under 50 MB whatever the characters."""

MAX_CANDIDATES = 50
"""Most candidates that the national service returns."""

_REVERSE_LIMIT = 5
"""Candidates requested around a point, so that a commune at the same point doesn't hide a house number."""

_SERVER_ERROR = 500
_ADDOK_CSV = {"delimiter": ",", "quote": '"', "min_score": "0"}


class NationalGeocoder:
    """The national geocoder, or the service at ``settings.geocoder_url``.

    Holds a pool of connections: close it, or use it as a context manager. Several threads may share it.

    Parameters
    ----------
    settings
        ``geocoder_url``, ``geocoder_rate_per_s``; ``geocoder_deadline_s`` bounds an answer as a whole,
        ``http_timeout_s`` each wait for the service and ``http_attempts`` the number of attempts.
    boxes
        Returns the bounding box of a commune's known addresses, to check answers; see `qpv_geo.geocoding.trust.Trust`.
    transport
        HTTP transport, for tests; by default the network.
    limits
        Limits on size and waits; by default `qpv_geo.http.ANSWERS`.
    clock, sleep
        Used by the rate limiter, the deadline and the waits that the service asks for.

    Attributes
    ----------
    is_national
        Whether it is the national service, not a self-hosted Addok.
    """

    def __init__(  # noqa: PLR0913 - the last four are for tests
        self,
        settings: Settings,
        *,
        boxes: Callable[[str], Box | None] = no_box,
        transport: httpx2.AsyncBaseTransport | None = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.is_national = is_national_geocoder(settings.geocoder_url)
        self._settings, self._limits = settings, limits
        self._options: dict[str, Any] = {"transport": transport, "clock": clock, "sleep": sleep}
        self._lock = threading.Lock()
        self._opened: Client | None = None
        self._trust = Trust(self.name, gazetteer(), boxes)

    @property
    def name(self) -> str:
        """Name in the evidence: ``geoplateforme``, or the host of another service."""
        return "geoplateforme" if self.is_national else urlsplit(self._url("")).netloc

    def search(self, query: Query, *, limit: int = 5) -> list[Candidate]:
        """Return the candidates for an address, best first; empty if the address is not found.

        Parameters
        ----------
        query
            The address; its filters are sent if it has any, and never guessed.
        limit
            Most candidates, 1 to 50.

        Raises
        ------
        RemoteError
            There is no answer: the service failed, refused, sent something else or contradicted the query.
        """
        filters = {"postcode": query.postcode, "citycode": query.citycode}
        asked = {"q": _words(query), "autocomplete": "0", "index": "address"}
        asked |= {name: code for name, code in filters.items() if code is not None}
        return self.checked(self._find("/search", asked, limit), query)

    def checked(self, candidates: Sequence[Candidate], query: Query) -> list[Candidate]:
        """Check the candidates for an address, new or cached, and return them.

        Raises
        ------
        RemoteError
            They contradict the query, or what is known about France.
        """
        return self._trust.checked(candidates, query)

    def reverse(self, *, lon: float, lat: float, limit: int = 1) -> list[Candidate]:
        """Return the addresses nearest to a point, nearest first; the national service searches within 100 m.

        At equal distance the finest type comes first: a commune may have its point on a house number.

        Parameters
        ----------
        lon, lat
            Degrees, WGS84.
        limit
            Most candidates, 1 to 50.

        Raises
        ------
        RemoteError
            There is no answer: the service failed, refused, sent something else or an address elsewhere.
        """
        where = {"lon": f"{lon:.7f}", "lat": f"{lat:.7f}", "index": "address"}
        found = self._find("/reverse", where, max(limit, _REVERSE_LIMIT))
        found = self._trust.checked_around(found, lon=lon, lat=lat)
        fineness = list(MatchType)
        return sorted(found, key=lambda one: (-one.score, fineness.index(one.type)))[:limit]

    def search_many(self, queries: Sequence[Query], *, chunk_rows: int = CHUNK_ROWS) -> list[Best | None]:
        """Return the best candidate for each of many addresses, with one request per chunk.

        An Addok that fails with filters is asked again, one address at a time.

        Parameters
        ----------
        queries
            The addresses.
        chunk_rows
            Addresses per request, 1 to 50,000.

        Returns
        -------
        list of Best or None
            As long as `queries`, in the same order; None where the address is not found.

        Raises
        ------
        RemoteError
            A chunk has no answer, or one of its rows failed or contradicted the query: the results of other chunks are
            lost too.
        InputError
            `chunk_rows` is out of range.
        """
        if not 1 <= chunk_rows <= MAX_CHUNK_ROWS:
            raise InputError(msg.address_errors.bad_chunk(chunk_rows, MAX_CHUNK_ROWS))
        found: list[Best | None] = []
        for start in range(0, len(queries), chunk_rows):
            found += self._search_chunk(queries[start : start + chunk_rows])
        return found

    def plot(self, plot: str) -> FoundPlot | None:
        """Return a cadastral plot with its surface, or None if the service doesn't know it.

        A self-hosted service may have no index of plots and answer with addresses: the result is then None.

        Parameters
        ----------
        plot
            Its identifier, 14 characters; see `qpv_geo.geocoding.plots`.

        Raises
        ------
        RemoteError
            There is no answer: the service failed, refused, sent something else or a plot elsewhere.
        """
        content = self._ask("/search", params=plot_parameters(plot))
        if not self.is_national and holds_addresses(content):
            return None
        found = decode_plot(content, plot=plot, url=self._url("/search"), source=self.name)
        if found is not None and found.geometry is not None:
            self._trust.check(_middle(found, found.geometry), Query(plot), at=("parcelle", 1))
        return found

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        if self._opened is not None:
            self._opened.close()

    def __enter__(self) -> Self:
        """Return itself; connections open with the first request."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    # ── Questions ────────────────────────────────────────────────────────────────────────────────────────────

    def _find(self, path: str, asked: Mapping[str, str], limit: int) -> list[Candidate]:
        limit = max(1, min(limit, MAX_CANDIDATES))
        content = self._ask(path, params={**asked, "limit": str(limit)})
        return decode_features(content, url=self._url(path), source=self.name)[:limit]

    def _search_chunk(self, queries: Sequence[Query]) -> list[Best | None]:
        path = "/search/csv"
        content, filters = encode_rows(queries, [_words(query) for query in queries])
        form = {"columns": [TEXT], "indexes": ["address"], **filters, **({} if self.is_national else _ADDOK_CSV)}
        try:
            file = {"data": ("adresses.csv", content, "text/csv")}
            answer = self._ask(path, method="POST", data=form, files=file, more_s=len(queries) * ROW_S)
        except RemoteError as error:
            if filters and _is_addok_failure(error):
                return [self._search_row(query) for query in queries]
            raise
        found = decode_rows(answer, count=len(queries), url=self._url(path), source=self.name)
        for number, (query, best) in enumerate(zip(queries, found, strict=True), start=1):
            if best is not None:
                self._trust.check(best.candidate, query, at=("ligne", number))
        return found

    def _search_row(self, query: Query) -> Best | None:
        found = self.search(query, limit=1)
        return Best(found[0], None) if found else None

    # ── Requests ─────────────────────────────────────────────────────────────────────────────────────────────

    def _url(self, path: str) -> str:
        return without_user(self._settings.geocoder_url) + path

    def _ask(self, path: str, *, more_s: float = 0.0, **request: Any) -> bytes:  # noqa: ANN401 - as httpx2 takes them
        """Send a request and return the body of the answer; `more_s` is added to the deadline."""
        content = io.BytesIO()
        deadline_s = self._settings.geocoder_deadline_s + more_s
        self._client().receive(self._settings.geocoder_url + path, content, deadline_s=deadline_s, **request)
        return content.getvalue()

    def _client(self) -> Client:
        """Return the client. Redirects are not followed: an address goes to the configured service and no other."""
        from qpv_geo.http import ANSWERS, Client  # noqa: PLC0415 - slow to import, and needed by requests only

        with self._lock:
            if self._opened is None:
                per_s = self._settings.geocoder_rate_per_s
                limits = self._limits or ANSWERS
                self._opened = Client(
                    self._settings, msg.geocoder_errors, limits, redirects=False, per_s=per_s, **self._options
                )
            return self._opened


def _is_addok_failure(error: RemoteError) -> bool:
    """Tell whether this is an error 500 of Addok's own server, which alone has a title."""
    from qpv_geo.http import RefusedError  # noqa: PLC0415

    cause = error.__cause__
    return isinstance(cause, RefusedError) and cause.status == _SERVER_ERROR and "title" in cause.document


def _middle(plot: FoundPlot, surface: BaseGeometry) -> Candidate:
    """Return a point inside a plot, as a candidate whose codes and position can be checked."""
    inner = surface.point_on_surface()
    return Candidate(
        label=plot.id,
        score=1.0,
        type=MatchType.POI,
        id=plot.id,
        housenumber=None,
        street=None,
        postcode=None,
        citycode=plot.id[:5],
        city=plot.city,
        lon=inner.x,
        lat=inner.y,
        position=None,
        accuracy_m=0.0,
        source=plot.source,
        edition=None,
    )


def _words(query: Query) -> str:
    """Return the text to send: spaces collapsed, from the first letter or digit (the service refuses other starts)."""
    text = " ".join(query.text.split())
    return re.sub(r"^[\W_]+", "", text) or text

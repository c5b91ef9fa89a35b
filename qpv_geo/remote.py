"""Download whole files, with network failures raised as `RemoteError`."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import IO, TYPE_CHECKING, Protocol

from qpv_geo import messages as msg
from qpv_geo._version import __version__
from qpv_geo.errors import RemoteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx2

    from qpv_geo.settings import Settings

_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = range(500, 600)


class DownloadProgress(Protocol):
    """Callback for the progress of a download."""

    def __call__(self, done: int, total: int | None) -> None:
        """Report progress.

        Parameters
        ----------
        done
            Bytes or perimeters received; starts again when a broken transfer is retried.
        total
            Expected total, or None until the remote announces it.
        """


@dataclass(frozen=True)
class DownloadLimits:
    """Size limit of a download, and waiting times between attempts.

    Attributes
    ----------
    size
        Largest size in bytes of a download and, once unpacked, of its content.
    wait_initial_s, wait_max_s
        Seconds before the second attempt, doubled before each later one up to the maximum, even if the remote asks for
        more.
    """

    size: int = 500_000_000
    wait_initial_s: float = 0.5
    wait_max_s: float = 10.0


BOUNDS = DownloadLimits()


def silent(done: int, total: int | None) -> None:
    """Ignore the progress."""


@dataclass(frozen=True)
class Remote:
    """A remote file, downloaded with retries; failures are raised as `RemoteError`."""

    url: str
    settings: Settings
    bounds: DownloadLimits

    def client(self) -> httpx2.Client:
        """Return a client that follows redirects: data.gouv.fr redirects its stable URLs to the current file."""
        import httpx2  # noqa: PLC0415 - slow to import, and needed by downloads only

        agent = {"User-Agent": f"qpv-geo/{__version__}"}
        return httpx2.Client(follow_redirects=True, timeout=self.settings.http_timeout_s, headers=agent)

    def save(
        self,
        into: IO[bytes],
        client: httpx2.Client,
        *,
        parameters: Mapping[str, str] | None = None,
        progress: DownloadProgress = silent,
    ) -> str | None:
        """Download the body, with the attempts of the settings; return its ``Last-Modified`` day, or None.

        Raises
        ------
        RemoteError
            The body is incomplete, unavailable or too large.
        """
        import stamina  # noqa: PLC0415 - needed by downloads only

        attempts = stamina.retry_context(
            on=self._may_pass,
            attempts=self.settings.http_attempts,
            timeout=None,
            wait_initial=self.bounds.wait_initial_s,
            wait_max=self.bounds.wait_max_s,
            wait_jitter=self.bounds.wait_initial_s,
        )
        edition: str | None = None
        with _translated(self.url, self.settings.http_timeout_s):
            for attempt in attempts:
                with attempt, client.stream("GET", self.url, params=parameters) as response:
                    response.raise_for_status()
                    self._write(response, into, progress)
                    edition = _day(response.headers.get("Last-Modified"))
        return edition

    def _write(self, response: httpx2.Response, into: IO[bytes], progress: DownloadProgress) -> None:
        """Write a body as it is received; httpx2 itself rejects one shorter than announced."""
        into.seek(0)  # discard what an earlier attempt wrote
        into.truncate()
        length = response.headers.get("Content-Length")
        total = None if length is None else int(length)
        for block in response.iter_bytes():
            into.write(block)
            if max(into.tell(), total or 0) > self.bounds.size:
                raise RemoteError(msg.errors.remote_too_large(self.url, self.bounds.size))
            progress(response.num_bytes_downloaded, total)

    def _may_pass(self, error: Exception) -> bool | float:
        """Tell whether to retry after an error, or after how many seconds if the remote asks for a delay."""
        import httpx2  # noqa: PLC0415

        if not isinstance(error, httpx2.HTTPStatusError):
            return isinstance(error, (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError))
        status, delay = error.response.status_code, error.response.headers.get("Retry-After", "")
        if status != _TOO_MANY_REQUESTS and status not in _SERVER_ERRORS:
            return False
        return min(float(delay), self.bounds.wait_max_s) if delay.isdecimal() else True


def _day(header: str | None) -> str | None:
    """Return the ISO day of an HTTP date, or None if it is missing or invalid."""
    try:
        return None if header is None else parsedate_to_datetime(header).date().isoformat()
    except ValueError:
        return None


@contextmanager
def _translated(url: str, timeout_s: float) -> Iterator[None]:
    """Convert every httpx2 error to a `RemoteError` that says what happened."""
    import httpx2  # noqa: PLC0415

    try:
        yield
    except httpx2.HTTPStatusError as error:
        raise RemoteError(msg.errors.remote_status(url, error.response.status_code)) from error
    except (httpx2.ReadTimeout, httpx2.WriteTimeout) as error:
        raise RemoteError(msg.errors.remote_stalled(url, timeout_s)) from error
    except (httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError, httpx2.DecodingError) as error:
        raise RemoteError(msg.errors.remote_truncated(url)) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise RemoteError(msg.errors.remote_unreachable(url, str(error) or type(error).__name__)) from error

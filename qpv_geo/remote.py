"""Download whole files from the network, and say what goes wrong there in our words."""

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
    """What is told of a download as it goes."""

    def __call__(self, done: int, total: int | None) -> None:
        """Take note of the progress.

        Parameters
        ----------
        done
            Bytes or perimeters received; it starts again when a cut transfer is tried again.
        total
            How many there will be, or None while the remote has not said.
        """


@dataclass(frozen=True)
class DownloadLimits:
    """How much a download may take, and how long it waits between two attempts.

    Attributes
    ----------
    size
        Most bytes of what is received and, once unpacked, of what is read.
    wait_initial_s, wait_max_s
        Seconds before the second attempt, doubled at each further one, and never more than the maximum, whatever the
        remote asks for.
    """

    size: int = 500_000_000
    wait_initial_s: float = 0.5
    wait_max_s: float = 10.0


BOUNDS = DownloadLimits()


def silent(done: int, total: int | None) -> None:
    """Show nothing of the progress."""


@dataclass(frozen=True)
class Remote:
    """A file of the network: asked for, again where that may help; what went wrong is said in our words."""

    url: str
    settings: Settings
    bounds: DownloadLimits

    def client(self) -> httpx2.Client:
        """Return a client; data.gouv.fr redirects its stable addresses to the file of the day."""
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
        """Write the body of an answer, tried as many times as the settings say; return the day the remote dates it.

        Raises
        ------
        RemoteError
            No whole body came, or it is too large.
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
        """Write a body as it comes; httpx2 itself refuses one that is shorter than announced."""
        into.seek(0)  # a former attempt may have left its beginning
        into.truncate()
        length = response.headers.get("Content-Length")
        total = None if length is None else int(length)
        for block in response.iter_bytes():
            into.write(block)
            if max(into.tell(), total or 0) > self.bounds.size:
                raise RemoteError(msg.errors.remote_too_large(self.url, self.bounds.size))
            progress(response.num_bytes_downloaded, total)

    def _may_pass(self, error: Exception) -> bool | float:
        """Tell whether an error may pass with time or, where the remote asks for a delay, after how many seconds."""
        import httpx2  # noqa: PLC0415

        if not isinstance(error, httpx2.HTTPStatusError):
            return isinstance(error, (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError))
        status, delay = error.response.status_code, error.response.headers.get("Retry-After", "")
        if status != _TOO_MANY_REQUESTS and status not in _SERVER_ERRORS:
            return False
        return min(float(delay), self.bounds.wait_max_s) if delay.isdecimal() else True


def _day(header: str | None) -> str | None:
    """Return the ISO day of an HTTP date, or None where there is none."""
    try:
        return None if header is None else parsedate_to_datetime(header).date().isoformat()
    except ValueError:
        return None


@contextmanager
def _translated(url: str, timeout_s: float) -> Iterator[None]:
    """Turn every error of httpx2 into a `RemoteError` that says what the remote did."""
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

"""The errors that only a service can meet; what they become is in `qpv_geo_service.problems`.

::

    QpvGeoError
    └── ServiceError
        ├── UnauthorizedError          no key, or none of those that are known
        ├── UnknownIdError             no such job, perimeter or file
        ├── UnfinishedError            the result of a job that has none, or not yet
        ├── NotResumableError          a job that cannot be gone on with
        ├── UnsupportedMediaError      a body of a kind that is not read
        ├── TooLargeError              more bytes or rows than what is taken
        ├── SlowClientError            a body that does not come
        ├── TooManyRequestsError       one client asks too much
        ├── BusyError                  too many files at once
        └── TimedOutError              an answer that does not come
"""

from __future__ import annotations

from qpv_geo.errors import InputError, QpvGeoError


class ServiceError(QpvGeoError):
    """An error of the service; `retry_after_s` is in how many seconds another attempt may do better."""

    retry_after_s: float | None = None


class UnauthorizedError(ServiceError):
    """No key, or none of those that are known."""


class UnknownIdError(ServiceError):
    """No such job, perimeter or file."""


class UnfinishedError(ServiceError):
    """The result of a job that has none, or not yet."""


class NotResumableError(ServiceError):
    """A job that cannot be gone on with."""


class UnsupportedMediaError(ServiceError):
    """A body of a kind that is not read."""


class TooLargeError(ServiceError):
    """More bytes or rows than what is taken."""


class SlowClientError(ServiceError):
    """A body that does not come."""


class TooManyRequestsError(ServiceError):
    """One client asks too much."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class BusyError(ServiceError):
    """Too many files at once."""

    retry_after_s = 5.0


class TimedOutError(ServiceError):
    """An answer that does not come."""


class ParametersError(InputError):
    """Parameters that cannot be understood; `faults` are the name of each and what is wrong with it."""

    def __init__(self, message: str, faults: tuple[tuple[str, str], ...]) -> None:
        super().__init__(message)
        self.faults = faults

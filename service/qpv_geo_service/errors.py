"""Errors specific to the service; `qpv_geo_service.problems` maps them to HTTP.

::

    QpvGeoError
    └── ServiceError
        ├── UnauthorizedError          missing or unknown API key
        ├── ForbiddenError             a write that comes from a page of another origin
    ├── UnknownIdError             no such job, perimeter or kept check
        ├── UnfinishedError            the job has no result, or none yet
        ├── NotResumableError          the job cannot be resumed
        ├── UnsupportedMediaError      unsupported body or file type
        ├── TooLargeError              too many bytes or rows
        ├── SlowClientError            the body did not arrive in time
        ├── TooManyRequestsError       the client exceeds the rate limit
        ├── BusyError                  too many files in progress or queued
        └── TimedOutError              no answer in time
"""

from __future__ import annotations

from qpv_geo.errors import InputError, QpvGeoError


class ServiceError(QpvGeoError):
    """An error of the service; `retry_after_s` is the delay in seconds before a retry may succeed."""

    retry_after_s: float | None = None


class UnauthorizedError(ServiceError):
    """Missing or unknown API key."""


class ForbiddenError(ServiceError):
    """A write that comes from a page of another origin."""


class UnknownIdError(ServiceError):
    """No such job, perimeter or kept check."""


class UnfinishedError(ServiceError):
    """The job has no result, or none yet."""


class NotResumableError(ServiceError):
    """The job cannot be resumed."""


class UnsupportedMediaError(ServiceError):
    """Unsupported body or file type."""


class TooLargeError(ServiceError):
    """Too many bytes or rows."""


class SlowClientError(ServiceError):
    """The body did not arrive in time."""


class TooManyRequestsError(ServiceError):
    """The client exceeds the rate limit."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class BusyError(ServiceError):
    """Too many files in progress or queued."""

    retry_after_s = 5.0


class TimedOutError(ServiceError):
    """No answer in time."""


class ParametersError(InputError):
    """Invalid parameters; `faults` holds the name of each and what is wrong with it."""

    def __init__(self, message: str, faults: tuple[tuple[str, str], ...]) -> None:
        super().__init__(message)
        self.faults = faults

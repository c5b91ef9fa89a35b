"""The errors of qpv-geo.

::

    QpvGeoError
    ├── InputError (ValueError)             invalid input
    │   ├── CoordinatesError                swapped, non-finite, incomplete or outside France's territories
    │   ├── DateError                       not a date, or before the first generation
    │   ├── SiteError                       a site that is empty, self-crossing or of unknown CRS
    │   └── FormatError                     a file that is not in the expected format
    ├── PerimeterError (ValueError)         a perimeter file that cannot be trusted
    │   └── IntegrityError                  an installed file that changed since its hash was recorded
    ├── MissingError (LookupError)          something needed is not installed
    │   └── MissingPerimetersError
    └── RemoteError (OSError)               a remote service failed, or served something else
        └── UnknownEditionError             a download whose hash is not the known one

Every message is one line of French: what is wrong, the value, what to do. The command for the
administrator, if any, is its `remedy`; only what a missing extra says holds it too. An error is never a verdict.
"""

from __future__ import annotations


class QpvGeoError(Exception):
    """Any error raised on purpose by qpv-geo.

    Attributes
    ----------
    remedy
        Command that installs or repairs what is missing, for the administrator; None if there is none.
    """

    def __init__(self, *args: object, remedy: str | None = None) -> None:
        super().__init__(*args)
        self.remedy = remedy


class InputError(QpvGeoError, ValueError):
    """Invalid input."""


class CoordinatesError(InputError):
    """Coordinates that are swapped, non-finite, incomplete or outside France's territories."""


class DateError(InputError):
    """Not a date, or a date before the first generation of the priority geography."""


class SiteError(InputError):
    """A site that is empty, self-crossing, or in an unknown coordinate reference system."""


class FormatError(InputError):
    """A file that is not in the expected format."""


class PerimeterError(QpvGeoError, ValueError):
    """A perimeter file that cannot be trusted."""


class IntegrityError(PerimeterError):
    """An installed or embedded file whose hash differs from the recorded one."""


class MissingError(QpvGeoError, LookupError):
    """Something needed to answer is not installed."""


class MissingPerimetersError(MissingError):
    """The perimeters of the generation in force are not installed."""


class RemoteError(QpvGeoError, OSError):
    """A remote service failed, or served something other than what was expected."""


class UnknownEditionError(RemoteError):
    """A download whose hash differs from that of the known edition."""

"""A funded project and where it is, no more precisely than was published."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from qpv_geo.projects.amounts import total

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal
    from fractions import Fraction

    import pandas as pd

    from qpv_geo.projects.faults import CellFault
    from qpv_geo.projects.totals import TotalRow


class Precision(StrEnum):
    """How precisely the place of a project is known, most precise first."""

    SITE = "site"
    POINT = "point"
    ADDRESS = "address"
    PERIMETER = "perimeter"
    NEIGHBOURHOOD = "neighbourhood"
    EVERYWHERE = "everywhere"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, eq=False)
class Placement:
    """The place of a project, as stated in its table.

    Attributes
    ----------
    lon, lat
        Degrees, WGS84; both or neither.
    site
        A valid shapely geometry in longitude and latitude, or None.
    address
        As written, not geocoded.
    codes
        Codes of perimeters in the table.
    neighbourhoods
        Names of neighbourhoods, in the order listed.
    everywhere
        The phrase (``tous les QPV``) that says the project has no single place, or None.
    commune
        INSEE code or name of the commune of the neighbourhoods, or None.
    parts
        Weights of the neighbourhoods or perimeters, in the order listed; empty for equal parts.
    """

    lon: float | None = None
    lat: float | None = None
    site: Any = None
    address: str | None = None
    codes: tuple[str, ...] = ()
    neighbourhoods: tuple[str, ...] = ()
    everywhere: str | None = None
    commune: str | None = None
    parts: tuple[Fraction, ...] = ()

    @property
    def precision(self) -> Precision:
        """Return the best precision known."""
        known = {
            Precision.SITE: self.site is not None,
            Precision.POINT: self.lon is not None,
            Precision.ADDRESS: self.address is not None,
            Precision.PERIMETER: bool(self.codes),
            Precision.NEIGHBOURHOOD: bool(self.neighbourhoods),
            Precision.EVERYWHERE: self.everywhere is not None,
        }
        return next((precision for precision, stated in known.items() if stated), Precision.NOT_STATED)


@dataclass(frozen=True)
class Funding:
    """What a funder gives to a project: euros, exact to the cent; None if that is not published, which is not 0."""

    funder: str
    amount: Decimal | None = None


@dataclass(frozen=True, eq=False)
class Project:
    """A funded project.

    Attributes
    ----------
    id
        Unique in its table.
    amount
        Euros, exact to the cent, from all its funders; negative for a refund; None if not published, which is not 0.
    themes
        As in `qpv_geo.projects.themes`, or as written; empty if not stated.
    line
        Line in the file, from 1.
    theme_parts
        Weights of the themes, in the order listed; empty for equal parts.
    funding
        Its funders; their published amounts are at most its own.
    steps
        Date of each step of its file that has one, by id.
    """

    id: str
    title: str
    lead: str | None
    scheme: str | None
    year: int | None
    amount: Decimal | None
    themes: tuple[str, ...]
    placement: Placement
    line: int
    theme_parts: tuple[Fraction, ...] = ()
    funding: tuple[Funding, ...] = ()
    steps: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Projects:
    """A table of projects whose rows are all valid.

    Attributes
    ----------
    name
        Name of the file.
    ignored
        Unknown headings; their columns were not read.
    blank_lines
        Empty lines of the file.
    unread
        Other sheets of the workbook, which were not read.
    totals
        Rows of totals, which were set aside.
    left_out
        Rows with faults that were left out, each with the amount it gives, None if that cannot be read.
    faults
        Their faults.
    subsidies
        Version of the schema of published subsidies that the file follows, or None.
    """

    name: str
    projects: tuple[Project, ...]
    ignored: tuple[str, ...] = ()
    blank_lines: tuple[int, ...] = ()
    unread: tuple[str, ...] = ()
    totals: tuple[TotalRow, ...] = ()
    left_out: Mapping[int, Decimal | None] = field(default_factory=dict)
    faults: tuple[CellFault, ...] = ()
    subsidies: str | None = None

    @property
    def total(self) -> Decimal | None:
        """Return the sum of the published amounts, euros; None if none is published, which is not 0."""
        return total(project.amount for project in self.projects)

    @property
    def unpublished(self) -> tuple[str, ...]:
        """Return the ids of the projects whose amount is not published."""
        return tuple(project.id for project in self.projects if project.amount is None)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Return one row per project, in the order of the file, with the column names of `qpv_geo.projects.columns`.

        The index is the line in the file; `amount` contains decimals, `site` shapely geometries, `code_qp`,
        `neighbourhood`, `theme` and `funder` tuples, `precision` the value of `Precision`.
        """
        import pandas as pd  # noqa: PLC0415 - heavy, and needed by tables only

        lines = pd.Index([project.line for project in self.projects], name="line", dtype="int64")
        rows = [_row(project) for project in self.projects]
        columns = {name: [row[name] for row in rows] for name in _COLUMNS}
        frame = pd.DataFrame(columns, index=lines, columns=list(_COLUMNS), dtype=object)
        return frame.astype({"year": "Int64", "lon": "float64", "lat": "float64"})


_COLUMNS = (
    *("id", "title", "lead", "scheme", "year", "amount", "theme", "funder", "precision"),
    *("address", "lon", "lat", "site", "code_qp", "neighbourhood", "everywhere", "commune"),
)


def _row(project: Project) -> dict[str, Any]:
    place = project.placement
    return {
        **vars(project),
        **vars(place),
        "theme": project.themes,
        "funder": tuple(one.funder for one in project.funding),
        "precision": place.precision.value,
        "code_qp": place.codes,
        "neighbourhood": place.neighbourhoods,
    }

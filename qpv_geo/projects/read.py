"""Read a table of projects: all of its rows or, if any is invalid, none and every fault."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.projects import cells
from qpv_geo.projects.columns import Layout, lay_out, step_of
from qpv_geo.projects.faults import CellFault, ProjectsError
from qpv_geo.projects.model import Placement, Project, Projects
from qpv_geo.projects.published import published_file, published_ids
from qpv_geo.projects.schema import AS_TEXT, read_rows, readers
from qpv_geo.projects.themes import known_themes, with_themes
from qpv_geo.projects.totals import amount_of, set_totals_aside
from qpv_geo.tables.opening import format_of, open_reader
from qpv_geo.tables.protocol import ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qpv_geo.projects.mapping import TableMapping
    from qpv_geo.tables.protocol import Reader, RowBatch
    from qpv_geo.untyped import AnyValue

_SEVERAL = {"code_qp", "neighbourhood", "parts"}


@dataclass(frozen=True)
class ProjectTableOptions:
    """How the rows of a table of projects are read.

    Attributes
    ----------
    known_codes
        All existing codes of perimeters, to reject others; without it, a code only has to be possible in a
        generation.
    steps
        Ids of the steps whose dates are read, those of the known schemes.
    mapping
        What the table's own headings and themes mean.
    keep_going
        Leave out rows with faults instead of rejecting the table; what is wrong with its headings is still rejected.
    """

    known_codes: Collection[str] | None = None
    steps: Collection[str] = ()
    mapping: TableMapping | None = None
    keep_going: bool = False


def read_projects(
    source: str | Path, *, reading: ReadingOptions | None = None, options: ProjectTableOptions | None = None
) -> Projects:
    """Read a table of projects; its columns are those of `qpv_geo.projects.columns`.

    Parameters
    ----------
    source
        A shipped table (``fiq-2024``, ``loos-2024``), or a file: CSV, XLSX, GeoPackage, GeoJSON or Parquet.
    reading
        How to read the file, if known.

    Raises
    ------
    ProjectsError
        Invalid rows, or missing or duplicate columns; all are in its `faults`.
    FormatError
        The file cannot be read.
    """
    path = published_file(str(source)) or Path(source)
    return read_source(_open(path, reading or ReadingOptions()), options or ProjectTableOptions())


def read_source(source: Reader, options: ProjectTableOptions) -> Projects:
    """Read a table of projects from any source of tables; see `read_projects`."""
    names, mapping = list(source.schema.names), options.mapping
    layout, wrong = lay_out(names, header_line=max(source.first_row - 1, 1), steps=options.steps, mapping=mapping)
    unread = tuple(getattr(source, "other_sheets", ()))
    if wrong:
        raise ProjectsError(source.path.name, wrong, unread)
    rows, faults = _rows(source, layout)
    blank = tuple(line for line, row in rows.items() if not any(cell is not None for cell in row.values()))
    rows = {line: row for line, row in rows.items() if line not in set(blank)}
    rows, totals = set_totals_aside(rows, layout)
    if "id" not in layout.positions:
        rows = {line: {**row, "id": str(line)} for line, row in rows.items()}
    themes = None if mapping is None else with_themes(known_themes(), mapping.themes, mapping.weights)
    read = readers(layout, known_codes=options.known_codes, steps=options.steps, themes=themes)
    found, wrong_cells = read_rows(rows, layout, read)
    faults = sorted([*faults, *wrong_cells], key=lambda fault: fault.line)
    if faults and not options.keep_going:
        raise ProjectsError(source.path.name, faults, unread)
    bad = dict.fromkeys(fault.line for fault in faults)
    return Projects(
        source.path.name,
        tuple(_project(line, row) for line, row in found.items() if line not in bad),
        layout.ignored,
        blank,
        unread,
        totals,
        {line: amount_of(rows[line], layout) if line in rows else None for line in bad},
        tuple(faults),
        layout.subsidies,
    )


def _open(path: Path, reading: ReadingOptions) -> Reader:
    if not path.is_file():
        named = not path.suffix and path.name == str(path)  # as a table that ships is
        raise FormatError(
            msg.projects.unknown_table(str(path), published_ids()) if named else msg.errors.file_missing(str(path))
        )
    try:
        format_of(path)
    except FormatError as error:
        raise FormatError(msg.projects.unknown_table(path.name, published_ids())) from error
    return open_reader(path, reading)


def _rows(source: Reader, layout: Layout) -> tuple[dict[int, dict[str, Any]], list[CellFault]]:
    """Return the cells of each row, by line in the file and documented name, and the faults of whole rows."""
    rows: dict[int, dict[str, Any]] = {}
    faults: list[CellFault] = []
    for block in source.blocks():
        first = source.first_row + block.start
        columns = {name: block.column(position).to_pylist() for name, position in layout.positions.items()}
        geometry = _geometry(block, source)
        if geometry is not None:
            written = columns.get("site", [None] * len(block))
            columns["site"] = [text if drawn is None else drawn for drawn, text in zip(geometry, written, strict=True)]
        for k in range(len(block)):
            rows[first + k] = {name: _cell(name, cells_of[k]) for name, cells_of in columns.items()}
        faults += [CellFault(first + k, "", None, text) for k, text in block.faults.items()]
    return rows, faults


def _geometry(block: RowBatch, source: Reader) -> list[Any] | None:
    """Return the geometries of a block in longitude and latitude, None if the table has none."""
    geometry = block.geometry()
    if geometry is None:
        return None
    if source.crs is None:
        raise FormatError(msg.projects.geometry_without_crs(source.path.name))
    return list(crs.to_wgs84(geometry, source.crs))


def _cell(name: str, value: AnyValue) -> AnyValue:
    """Return a cell stripped of spaces, None if empty; numbers in text columns become text."""
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN is how a number is missing
        return None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list | dict):
        return (value if name in _SEVERAL else str(value)) if value else None
    return cells.text(value) if name in AS_TEXT and type(value) in {int, float} else value


def _project(line: int, known: Mapping[str, Any]) -> Project:
    """Return the project of a valid row."""
    themes, (amount, funding) = known.get("theme"), known["money"]
    return Project(
        id=known["id"],
        title=known["title"],
        lead=known.get("lead"),
        scheme=known.get("scheme"),
        year=known.get("year"),
        amount=amount,
        themes=() if themes is None else themes.names,
        placement=_placement(known),
        line=line,
        theme_parts=known.get("theme_parts") or (() if themes is None else themes.parts),
        funding=funding,
        steps={step: day for name, day in known.items() if day is not None and (step := step_of(name)) is not None},
    )


def _placement(known: Mapping[str, Any]) -> Placement:
    """Return the place of a row; a site that is a point becomes its point, unless the row already has one."""
    lon, lat, site = known.get("lon"), known.get("lat"), known.get("site")
    if lon is None and site is not None and site.geom_type == "Point":
        lon, lat, site = site.x, site.y, None
    named = known.get("neighbourhood") or ()
    everywhere = next((name for name in named if cells.is_everywhere(name)), None)
    return Placement(
        lon=lon,
        lat=lat,
        site=site,
        address=known.get("address"),
        codes=known.get("code_qp") or (),
        neighbourhoods=() if everywhere else named,
        everywhere=everywhere,
        commune=known.get("commune"),
        parts=known.get("parts") or (),
    )

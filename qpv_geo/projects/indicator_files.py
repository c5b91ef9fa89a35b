"""Read the bases of indicators that INSEE publishes for quartiers, and files laid out otherwise by a mapping.

INSEE's bases are CSV (``;``, decimal comma) or XLSX, where titles stand above the line of headings, on one sheet among
several. The column of codes is ``CODGEO`` or ``codeQPV``; headings end with the vintage (``DISP_MED_A21``,
``DISP_TP60_A21``; ``DISP_Q2_A17`` before 2018; ``TP60_A13``). Aggregates (« Ensemble des quartiers prioritaires ») are
not quartiers. A value that is not given is ``s``, ``ns``, ``nd`` or ``so``.

Source: Insee, « Données sur les quartiers 2024 de la politique de la ville » (8243167) and « … 2015 » (5359605).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError, InputError
from qpv_geo.files import sha256_of
from qpv_geo.perimeters.registry import registry
from qpv_geo.projects.indicators import Indicator, IndicatorSet, IndicatorValue
from qpv_geo.tables.opening import open_reader, top_rows
from qpv_geo.tables.protocol import ReadingOptions
from qpv_geo.text_normalisation import fold
from qpv_geo.toml_tables import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from qpv_geo.tables.protocol import Reader

_CODES = frozenset({"codgeo", "codeqpv", "code qpv", "code qp", "code du quartier", "code quartier", "qp", "code"})
_LABELS = frozenset({"libgeo", "libqpv", "lib qp", "nom qp", "nom qpv", "lib qpv", "nom du quartier", "quartier"})
_YEAR = r"(?:[ _]?A?(\d\d))?"
_KNOWN = {
    Indicator.POPULATION: r"popmuniqpv|pop[ _]?mun(?:[ _]?qpv?)?" + _YEAR + r"|population(?: municipale)?|p(\d\d)_pop",
    Indicator.MEDIAN_INCOME: r"disp_(?:med|q2)" + _YEAR,
    Indicator.POVERTY_RATE: r"(?:disp_)?tp60" + _YEAR,
    Indicator.EMPLOYMENT_RATE: r"tx_tot_empl" + _YEAR,
}
_ENDS_WITH_YEAR = re.compile(r"(?:DISP|DEC)_\w*?A?(\d\d)|\w+_A(\d\d)", re.IGNORECASE)
_MARKS = {"s": "s", "ns": "ns", "nd": "nd", "so": "so", "c": "c", "non sommable": "non sommable"}
"""How bases write a value that is not given, by folded text."""
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_WRAPPED = re.compile(r'="?(.*?)"?')
_FILE_YEAR = re.compile(r"(?<!\d)(20[012]\d)(?!\d)")
_LATEST = 79
"""Two digits above which a vintage is of the last century."""


@dataclass(frozen=True)
class IndicatorOptions:
    """What the user says of a base.

    Attributes
    ----------
    generation
        Generation that its codes are of; others are refused.
    id
        Name of the set; by default, of the generation and the file.
    vintage
        Year of the figures, where the headings do not give it.
    source
        Where it comes from; by default, the file's name.
    mapping
        TOML file: our column = their heading.
    layer
        Sheet of a workbook; by default, the first with a column of codes.
    """

    generation: str
    id: str | None = None
    vintage: str | None = None
    source: str | None = None
    mapping: Path | None = None
    layer: str | None = None


@dataclass(frozen=True)
class IndicatorFile:
    """A base that was read.

    Attributes
    ----------
    aggregates
        Number of rows that are of no quartier.
    dropped
        Headings that hold neither numbers nor marks.
    """

    found: IndicatorSet
    aggregates: int
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class _Column:
    position: int
    heading: str
    indicator: str
    vintage: str | None


@dataclass(frozen=True)
class _IndicatorLayout:
    code: int
    label: int | None
    columns: tuple[_Column, ...]


def read_indicators(path: Path, options: IndicatorOptions, *, today: date | None = None) -> IndicatorFile:
    """Read a base of indicators.

    Raises
    ------
    InputError
        The generation is unknown, or the mapping names a heading that is not there.
    FormatError
        The file cannot be read, has no column of codes or no indicator, a code of another generation, a code twice, or
        a value of a known indicator that is neither a number nor a mark; the message gives the line.
    """
    generations = registry().generations
    if options.generation not in generations:
        raise InputError(msg.perimeter_errors.unknown_generation(options.generation, generations))
    mapping, mapped_vintage = ({}, None) if options.mapping is None else _mapping(options.mapping)
    reader = _opened(path, options.layer, mapping)
    names = [name.strip() for name in reader.schema.names]
    year = options.vintage or mapped_vintage or _only_year(path.stem)
    rows = list(_rows(reader))
    layout, dropped = _layout(names, rows, mapping, year, path.name)
    values, aggregates = _values(rows, layout, options.generation, path.name)
    if not values:
        raise FormatError(msg.indicators.no_quartier(path.name, options.generation))
    slug = "-".join(fold(path.stem).split()) or "base"
    found = IndicatorSet(
        id=options.id or f"{options.generation}-{slug}",
        generation=options.generation,
        title=path.name,
        source=options.source or path.name,
        url=None,
        read_on=(today or date.today()).isoformat(),  # noqa: DTZ011 - the user's day
        sha256=sha256_of([path]),
        values=tuple(values),
    )
    return IndicatorFile(found, aggregates, dropped)


# ── Layout ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _mapping(path: Path) -> tuple[dict[str, str], str | None]:
    """Return the headings by our column (``code``, ``name``, an indicator), and the vintage."""
    try:
        top = parse(path.read_bytes(), name=str(path))
    except OSError as error:
        raise FormatError(msg.errors.file_missing(str(path))) from error
    vintage = str(top.whole("vintage")) if "vintage" in top.values else None
    keys = ("code", "name", *(one.value for one in Indicator))
    found = {key: heading for key in keys if (heading := top.words_or_none(key)) is not None}
    top.nothing_else()
    return found, vintage


def _opened(path: Path, layer: str | None, mapping: Mapping[str, str]) -> Reader:
    """Open the first sheet, at its line of headings, whose column of codes holds a quartier's.

    Of two such lines, titles in words then variables as INSEE names them, the last one is that of the headings.
    """
    wanted = {fold(mapping["code"])} if "code" in mapping else _CODES
    reader = open_reader(path, ReadingOptions(layer=layer))
    sheets = [layer] if layer is not None else [None, *getattr(reader, "other_sheets", ())]
    found: Reader | None = None
    for sheet in sheets:
        above = [
            number
            for number, cells in top_rows(path, ReadingOptions(layer=sheet))
            if wanted.intersection(fold(cell) for cell in cells if cell)
        ]
        for number in reversed(above):
            found = open_reader(path, ReadingOptions(layer=sheet, header_row=number))
            if _holds_quartiers(found, wanted):
                return found
    if found is None and wanted.isdisjoint(fold(name) for name in reader.schema.names):
        raise FormatError(msg.indicators.no_code_column(path.name, mapping.get("code"), list(reader.schema.names)))
    return found or reader  # a format without lines above its headings, or a base without any quartier


def _holds_quartiers(reader: Reader, wanted: Collection[str]) -> bool:
    position = next((k for k, name in enumerate(reader.schema.names) if fold(name) in wanted), None)
    if position is None:
        return False
    patterns = [one.code_pattern for one in registry().generations.values()]
    return any(
        re.fullmatch(pattern, _unwrapped(str(code or "").strip()).upper())
        for block in reader.blocks()
        for code in block.column(position).to_pylist()
        for pattern in patterns
    )


def _rows(reader: Reader) -> Iterator[tuple[int, list[str]]]:
    """Yield the line in the file and the cells of each row, as text, empty if there is nothing."""
    for block in reader.blocks():
        columns = [block.column(k).to_pylist() for k in range(len(reader.schema.names))]
        for k in range(len(block)):
            cells = ["" if column[k] is None else str(column[k]).strip() for column in columns]
            yield reader.first_row + block.start + k, cells


def _layout(
    names: Sequence[str], rows: Sequence[tuple[int, list[str]]], mapping: Mapping[str, str], year: str | None, name: str
) -> tuple[_IndicatorLayout, tuple[str, ...]]:
    """Find the columns; those that hold neither numbers nor marks are dropped, and told."""
    folded = {fold(heading): k for k, heading in reversed(list(enumerate(names))) if heading}
    missing = [heading for heading in mapping.values() if fold(heading) not in folded]
    if missing:
        raise InputError(msg.indicators.no_such_heading(name, missing, [one for one in names if one]))
    code = folded[fold(mapping["code"])] if "code" in mapping else next(folded[one] for one in folded if one in _CODES)
    labels = {fold(mapping["name"])} if "name" in mapping else _LABELS
    label = next((k for one, k in folded.items() if one in labels and k != code), None)
    mapped = {folded[fold(heading)]: key for key, heading in mapping.items() if key not in {"code", "name"}}
    columns: list[_Column] = []
    dropped: list[str] = []
    for k, heading in enumerate(names):
        if k in {code, label} or not heading:
            continue
        known, vintage = (mapped[k], None) if k in mapped else _known(heading)
        cells = [cells[k] for _, cells in rows if cells[k]]
        if known is None and not (cells and all(_number(cell) is not None for cell in cells)):
            dropped.append(heading)
        elif mapping and k not in mapped and known is not None:
            columns.append(_Column(k, heading, heading, vintage or year))  # the user names the indicators
        else:
            columns.append(_Column(k, heading, known or heading, vintage or year))
    _refuse_twice(columns, name)
    if not columns:
        raise FormatError(msg.indicators.no_indicator(name))
    return _IndicatorLayout(code, label, tuple(columns)), tuple(dropped)


def _known(heading: str) -> tuple[str | None, str | None]:
    """Return the indicator of a heading, if known, and its vintage, if it tells one."""
    text = heading.strip()
    for indicator, pattern in _KNOWN.items():
        if found := re.fullmatch(pattern, text, re.IGNORECASE):
            return indicator.value, next((_century(year) for year in found.groups() if year), None)
    found = _ENDS_WITH_YEAR.fullmatch(text)
    return None, None if found is None else _century(found[1] or found[2])


def _century(digits: str) -> str:
    return f"{19 if int(digits) > _LATEST else 20}{digits}"


def _only_year(stem: str) -> str | None:
    """Return the year that a file's name tells, if it tells one only."""
    years = set(_FILE_YEAR.findall(stem)) - {"2015", "2024"}  # generations
    return years.pop() if len(years) == 1 else None


def _refuse_twice(columns: Sequence[_Column], name: str) -> None:
    seen: dict[tuple[str, str | None], str] = {}
    for one in columns:
        key = one.indicator, one.vintage
        if one.indicator in set(Indicator) and key in seen:
            raise FormatError(msg.indicators.indicator_twice(name, seen[key], one.heading))
        seen[key] = one.heading


# ── Values ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _values(
    rows: Sequence[tuple[int, list[str]]], layout: _IndicatorLayout, generation: str, name: str
) -> tuple[list[IndicatorValue], int]:
    patterns = {one.id: one.code_pattern for one in registry().generations.values()}
    found: list[IndicatorValue] = []
    lines: dict[str, int] = {}
    aggregates = 0
    for line, cells in rows:
        code = _unwrapped(cells[layout.code]).upper()
        of = next((key for key, pattern in patterns.items() if re.fullmatch(pattern, code)), None)
        if of is None:
            aggregates += bool(any(cells))
            continue
        if of != generation:
            raise FormatError(msg.indicators.other_generation(name, line, code, of, generation))
        if code in lines:
            raise FormatError(msg.indicators.code_twice(name, line, code, lines[code]))
        lines[code] = line
        label = _unwrapped(cells[layout.label]) if layout.label is not None else ""
        found += (one for one in _of_row(code, label, cells, layout, (name, line)))
    return found, aggregates


def _of_row(
    code: str, label: str, cells: Sequence[str], layout: _IndicatorLayout, where: tuple[str, int]
) -> Iterator[IndicatorValue]:
    for column in layout.columns:
        cell = cells[column.position]
        if not cell:
            continue
        text = _number(cell)
        if text is None:
            raise FormatError(msg.indicators.bad_value(*where, column.heading, cell))
        yield IndicatorValue(code, label, column.indicator, column.heading, text, column.vintage)


def _number(cell: str) -> str | None:
    """Return a number with a decimal point, or a mark; None for another text."""
    mark = _MARKS.get(cell.strip(" .").lower())
    if mark is not None:
        return mark
    text = _unwrapped(cell).translate(_SPACES)
    return text.replace(",", ".") if _NUMBER.fullmatch(text) else None


def _unwrapped(cell: str) -> str:
    """Return the text of a cell that a spreadsheet may have wrapped as ``="..."``."""
    found = _WRAPPED.fullmatch(cell)
    return (found[1] if found else cell).strip(' "')

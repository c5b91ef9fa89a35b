"""Look at the parts of a workbook before it is copied: how many cells, which formulas, and what openpyxl loses."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING
from zipfile import ZipFile

from openpyxl.packaging.relationship import get_dependents, get_rels_path
from openpyxl.reader.drawings import find_images
from openpyxl.utils import column_index_from_string

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MOST_CELLS = 2_000_000
"""Cells up to which a workbook is copied whole, answers included: that many take 1.1 GB of memory and 35 s."""
_CHUNK = 1_000_000
_CELL = re.compile(rb"<(?:[^\s<>/:!?]+:)?(c|row)[\s/>]")
_FORMULA = re.compile(
    rb'<(?:[^\s<>/:!?]+:)?c\s(?:[^>]*\s)?r="([A-Z]+[0-9]+)"[^>]*>\s*<(?:[^\s<>/:!?]+:)?f(?:\s[^>]*)?>([^<]{3,8192})<'
)
_MERGED = re.compile(rb'<(?:[^\s<>/:!?]+:)?mergeCell\s(?:[^>]*\s)?ref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
_NAME = re.compile(rb'<(?:\w+:)?definedName\s(?:[^>]*\s)?name="([^"]+)"[^>]*>([^<]{3,8192})<')
_RANGE = re.compile(
    r"(?:(?<!\])('(?:[^']|'')+'|[\w.]+)!)?(?<![\w.$])\$?([A-Z]{1,3})?\$?([0-9]+)?:\$?([A-Z]{1,3})?\$?([0-9]+)?(?![\w.(])"
)
_TEXT = re.compile(r'"[^"]*"')
_KEPT = re.compile(
    r"\[Content_Types\]\.xml|.*\.rels|docProps/.*|xl/(workbook|styles|sharedStrings|calcChain)\.xml"
    r"|xl/(theme|worksheets|chartsheets|drawings|tables|pivotTables|pivotCache|externalLinks|media|persons|printerSettings)/.*"
    r"|xl/charts/chart[0-9]*\.xml|.*/"
)
"""Parts that openpyxl keeps, rewrites without loss, or whose loss is told by what refers to them."""
_LOST_PARTS = {
    "macros": "xl/vbaProject",
    "controls": "xl/(ctrlProps|activeX)/",
    "objects": "xl/embeddings/",
    "diagrams": "xl/diagrams/",
    "charts": "xl/charts/chartEx",
    "chart_styles": "xl/charts/",
    "cell_pictures": "xl/richData/",
    "checkboxes": "xl/featurePropertyBag/",
    "slicers": "xl/(slicer|timeline)",
    "comments": "xl/comments",
    "threads": "xl/threadedComments/",
    "queries": "xl/(queryTables/|connections|model/)",
    "spills": r"xl/metadata\.xml",
    "signatures": "_xmlsignatures/",
}
_SHEETS = "sheets"
_LOST_MARKS = {
    _SHEETS: {
        "values": rb"(?:f|<(?:[^\s<>/:!?]+:)?f\s[^>]*/)>\s*<(?:[^\s<>/:!?]+:)?v>",
        "sparklines": rb"<x14:sparklineGroup\b",
        "formats": rb"<x14:conditionalFormatting\b",
        "validations": rb"<x14:dataValidation\b",
        "header_pictures": rb"<legacyDrawingHF\b",
        "backgrounds": rb"<picture\b",
    },
    "xl/drawings/drawing": {"shapes": rb"<\w+:(sp|cxnSp|grpSp)[\s>]"},
    "xl/drawings/vmlDrawing": {"controls": rb'ObjectType="(?!Note|Pict)'},
}
"""What a sheet, or a part with such a name, loses if its content has such a mark."""


@dataclass
class Survey:
    """What was found in a workbook.

    Attributes
    ----------
    cells, rows
        Of all its sheets. Of a workbook that cannot be counted, more cells than can be copied.
    losses
        What openpyxl loses: keys of `qpv_geo.messages.sheet_notes.LOSSES`.
    unknown_parts
        Paths of other parts that are lost.
    formulas
        Sheet, cell and text without ``=`` of each formula; the sheet of a defined name is None. Only the first of a
        series that shares its text.
    """

    cells: int = 0
    rows: int = 0
    losses: set[str] = field(default_factory=set)
    unknown_parts: list[str] = field(default_factory=list)
    formulas: list[tuple[str | None, str, str]] = field(default_factory=list)

    def copied_cells(self, added: int) -> int:
        """Return the number of cells of a copy with `added` more columns."""
        return self.cells + added * self.rows

    def reaching(self, sheet: str, columns: range, header_row: int) -> list[str]:
        """Return the formulas, in French, that refer to added columns (from 1) of a sheet, from its header down."""
        return [
            msg.sheet_notes.formula(of, place, text)
            for of, place, text in self.formulas
            if any(_overlaps(found, of, sheet, columns, header_row) for found in _RANGE.finditer(_TEXT.sub("", text)))
        ]


def survey(path: Path, sheets: Mapping[str, str]) -> Survey:
    """Look at the parts of a workbook that `check_archive` accepted; `sheets` are the paths of its sheets by name.

    Raises
    ------
    FormatError
        A part is damaged.
    """
    found = Survey()
    try:
        with ZipFile(path) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what is told here
            _look_at_parts(archive, sheets, found)
    except Exception as error:  # a damaged part can make openpyxl raise anything
        raise FormatError(msg.sheet_errors.not_a_workbook(path.name)) from error
    return found


def merged_ranges(path: Path, part: str, *, first_row: int, columns: int) -> list[str]:
    """Return the ranges of merged cells of a sheet that meet its first columns from a row on, such as ``A2:A5``."""
    found = []
    with ZipFile(path) as archive, archive.open(part) as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            chunk = rest + chunk
            for left, top, right, bottom in _MERGED.findall(chunk):
                if int(bottom) >= first_row and column_index_from_string(left.decode()) <= columns:
                    found.append(f"{left.decode()}{int(top)}:{right.decode()}{int(bottom)}")
            rest = chunk[chunk.rfind(b"<") :]
    return list(dict.fromkeys(found))


def _look_at_parts(archive: ZipFile, sheets: Mapping[str, str], found: Survey) -> None:
    names = {part: name for name, part in sheets.items()}
    for part in archive.namelist():
        lost = {loss for loss, pattern in _LOST_PARTS.items() if re.match(pattern, part)}
        found.losses |= lost
        if not lost and not _KEPT.fullmatch(part) and part not in names:
            found.unknown_parts.append(part)
        for folder, marks in _LOST_MARKS.items():
            if part in names if folder == _SHEETS else part.startswith(folder):
                _look(archive, part, names.get(part), marks, found)
        if part.startswith("xl/drawings/drawing"):
            _look_at_pictures(archive, part, found)
        if part == "xl/workbook.xml":
            found.formulas += ((None, name, text) for name, text in _formulas(_NAME, archive.read(part)))
    if "cell_pictures" in found.losses:
        found.losses.discard("spills")  # they have the same part


def _look(archive: ZipFile, part: str, sheet: str | None, marks: Mapping[str, bytes], found: Survey) -> None:
    """Count the cells of a part, and look for marks; chunks end with a tag."""
    with archive.open(part) as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            chunk = rest + chunk
            whole = chunk.rfind(b"</") + 1 or len(chunk)
            chunk, rest = chunk[:whole], chunk[whole:]
            if b"\0" in chunk or b"<" not in chunk:  # an encoding other than UTF-8, which no spreadsheet writes
                found.cells += MOST_CELLS + 1
            kinds = _CELL.findall(chunk)
            rows = kinds.count(b"row")
            found.rows += rows
            found.cells += len(kinds) - rows
            found.losses |= {
                loss for loss, mark in marks.items() if loss not in found.losses and re.search(mark, chunk)
            }
            if sheet is not None:
                found.formulas += ((sheet, place, text) for place, text in _formulas(_FORMULA, chunk))
            if found.cells > MOST_CELLS:
                return


def _formulas(pattern: re.Pattern[bytes], chunk: bytes) -> Iterator[tuple[str, str]]:
    """Return the place and text of the formulas with a range."""
    for place, text in pattern.findall(chunk):
        if b":" in text and not place.startswith(b"_xlnm."):  # print areas and filters
            yield place.decode(errors="replace"), unescape(text.decode(errors="replace"))


def _look_at_pictures(archive: ZipFile, part: str, found: Survey) -> None:
    rels: str = get_rels_path(part)  # type: ignore[no-untyped-call]
    kinds = [rel.Type for rel in get_dependents(archive, rels)] if rels in archive.namelist() else []
    charts, pictures = find_images(archive, part)
    if len(charts) < sum(kind.endswith("/chart") for kind in kinds):
        found.losses.add("charts")
    if len(pictures) < archive.read(part).count(b":blip "):
        found.losses.add("pictures")


def _overlaps(found: re.Match[str], of: str | None, sheet: str, columns: range, header_row: int) -> bool:
    """Tell whether a reference meets cells of added columns, and is more than those of columns alone or rows above."""
    named, left, top, right, bottom = found.groups()
    if (left is None) != (right is None) or (top is None) != (bottom is None) or (left is None and top is None):
        return False
    if (of if named is None else named.strip("'").replace("''", "'")) != sheet:
        return False
    if bottom is not None and int(bottom) < header_row:
        return False
    if left is None or right is None:
        return True
    first, last = sorted((column_index_from_string(left), column_index_from_string(right)))
    return first < columns.stop and last >= columns.start

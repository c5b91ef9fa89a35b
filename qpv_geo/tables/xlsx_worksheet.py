"""An xlsxwriter worksheet that writes numbers with all their digits, errors as errors, and formulas unchanged.

xlsxwriter keeps 16 digits of a number where a double has up to 17, has no method to write an error, rewrites formulas
that it takes for dynamic arrays, and takes a text in ``<r>`` tags for its own markup. The two small methods that write
such cells are overridden here. This module is imported only when a workbook is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from xlsxwriter.worksheet import Worksheet

from qpv_geo.tables.xlsx_cells import ErrorCode, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlsxwriter.format import Format

_Attributes = tuple[tuple[str, object], ...]


class _Content(float):
    """The content of a cell as XML, passed where xlsxwriter expects a number.

    Attributes
    ----------
    kind
        Type of the cell (ECMA-376 part 1, 18.18.11 ST_CellType); None for a number.
    xml
        Content of the cell.
    """

    kind: str | None
    xml: str

    @classmethod
    def of(cls, kind: str | None, xml: str) -> _Content:
        content = cls()
        content.kind, content.xml = kind, xml
        return content


class ExactWorksheet(Worksheet):  # type: ignore[misc] # xlsxwriter has no types
    """A worksheet with exact numbers, errors and formulas; see the module."""

    def write_error(self, row: int, column: int, code: ErrorCode, cell_format: Format | None) -> None:
        """Write an error cell."""
        self.write_number(row, column, _Content.of("e", f"<v>{escape(code)}</v>"), cell_format)

    def write_computed(self, row: int, column: int, formula: str, value: Value, cell_format: Format | None) -> None:
        """Write a formula (``=…``) unchanged, with its computed value."""
        kind, text = self._typed(value)
        formula = self._escape_control_characters(formula.removeprefix("="))
        xml = f"<f>{escape(formula)}</f><v>{escape(text)}</v>"
        self.write_number(row, column, _Content.of(kind, xml), cell_format)

    def _typed(self, value: Value) -> tuple[str | None, str]:
        if isinstance(value, ErrorCode):
            return "e", value
        if isinstance(value, str):
            return "str", self._escape_control_characters(value)
        if isinstance(value, bool):
            return "b", str(int(value))
        return None, repr(value)

    def _xml_number_element(self, number: float, attributes: Iterable[tuple[str, object]] = ()) -> None:
        content = number if isinstance(number, _Content) else _Content.of(None, f"<v>{number!r}</v>")
        kind = f' t="{content.kind}"' if content.kind else ""
        # a position and a format: nothing to escape
        where = "".join(f' {name}="{value}"' for name, value in attributes)
        self.fh.write(f"<c{where}{kind}>{content.xml}</c>")

    def _xml_rich_inline_string(self, string: str, attributes: _Attributes = ()) -> None:
        self._xml_inline_string(string, True, attributes)  # noqa: FBT003 - the signature of xlsxwriter

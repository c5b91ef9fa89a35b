"""Find which formulas of a sheet keep their meaning in a copy of its data alone."""

from __future__ import annotations

import re
from functools import lru_cache

from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.utils import column_index_from_string

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?[0-9]+(:\$?([A-Z]{1,3})\$?[0-9]+)?|\$?([A-Z]{1,3}):\$?([A-Z]{1,3})")
_ROW_NUMBERS = re.compile(r"[0-9]+")


def stays_true(formula: str, columns: int) -> bool:
    """Tell whether a formula refers only to cells of the first `columns` columns of its own sheet.

    Other sheets and workbooks (``!``, ``[``), names, whole rows and arrays are missing from the copy, or differ there:
    the answers are added to the right of the columns.
    """
    return _stays_true(_ROW_NUMBERS.sub("1", formula), columns)  # a formula filled down a column is parsed once


@lru_cache(maxsize=1_000)
def _stays_true(formula: str, columns: int) -> bool:
    if not formula.startswith("=") or len(formula) == 1 or "!" in formula or "[" in formula:
        return False
    try:
        tokens = Tokenizer(formula).items
    except TokenizerError:
        return False
    return all(_is_within(token.value, columns) for token in tokens if token.subtype == Token.RANGE)


def _is_within(reference: str, columns: int) -> bool:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return False
    letters = [found[group] for group in (1, 3, 4, 5) if found[group]]
    return all(column_index_from_string(column) <= columns for column in letters)

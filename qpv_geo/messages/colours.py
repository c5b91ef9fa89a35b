"""The colours of an answer and of the outcome of a scheme: one place for the terminal, workbooks and the fiche."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages import batch, reports

if TYPE_CHECKING:
    from collections.abc import Sequence

TERMINAL = {"inside": "green", "outside": "blue", "uncertain": "yellow", "not_located": "magenta", "error": "red"}
CELL = {
    "inside": "#c6e7cf",
    "outside": "#d6e4f5",
    "uncertain": "#ffe8a3",
    "not_located": "#ecd9f0",
    "error": "#f8cfca",
}
"""Backgrounds of cells, by status."""
PRINT = {"inside": "#1b7a4b", "outside": "#2b5c96", "uncertain": "#b45f06", "not_located": "#6d4c87"}
"""Colours that white text is read on, by status."""
PRINT_PLACE_OK = "#47535b"

LOOKS_LIKE = {"place_ok": "uncertain", "eligible": "inside", "not_eligible": "outside", "to_review": "uncertain"}
"""The status whose colour an outcome has; where a place that fits has a colour of its own, it is said beside."""
OUTCOME_TERMINAL = {outcome: TERMINAL[status] for outcome, status in LOOKS_LIKE.items()} | {"place_ok": "cyan"}
OUTCOME_CELL = {outcome: CELL[status] for outcome, status in LOOKS_LIKE.items()}
OUTCOME_CELL_IN_FRENCH = {reports.OUTCOME[outcome]: colour for outcome, colour in OUTCOME_CELL.items()}


def in_french(kinds: Sequence[str]) -> dict[str, str]:
    """Return the backgrounds of cells, by the answer in French."""
    return {word: CELL[status] for status, word in batch.status_words(kinds).items()}

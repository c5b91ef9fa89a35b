"""What a town's own layout means: a TOML file that says which heading is which column, and its themes.

.. code-block:: toml

    [columns]                     # our column = their heading
    title = "Libellé de l'action"
    amount = "Subvention accordée"

    [funders]                     # a funder = the heading of what it gives
    "État" = "Part État"

    [themes]                      # a theme = its other spellings
    "Vie du quartier" = ["animation", "vie sociale"]

    [weights]                     # weight of a theme among those of a project; 1 by default
    "Vie du quartier" = 2
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.projects.columns import HEADINGS, column_named

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TABLES = ("columns", "funders", "themes", "weights")


@dataclass(frozen=True)
class TableMapping:
    """What a table's own headings and themes mean; see `read_mapping`.

    Attributes
    ----------
    columns
        Heading of columns, by documented name.
    funders
        Heading of the amount that each funder gives, by funder.
    themes
        Other spellings of themes, by name.
    weights
        Weights of themes, positive, by name.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    funders: Mapping[str, str] = field(default_factory=dict)
    themes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weights: Mapping[str, Fraction] = field(default_factory=dict)


def read_mapping(path: Path) -> TableMapping:
    """Read a mapping; a column may be named as documented or by one of its usual headings.

    Raises
    ------
    FormatError
        The file is missing or not TOML, or says something that is not understood.
    """
    if not path.is_file():
        raise FormatError(msg.errors.file_missing(str(path)))
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(msg.projects.bad_mapping(path.name, str(error))) from error
    for name, table in document.items():
        if name not in _TABLES or not isinstance(table, dict):
            raise FormatError(msg.projects.unknown_in_mapping(path.name, name, _TABLES))
    reading = _Reading(path.name)
    return TableMapping(
        {reading.column(name): reading.text(name, one) for name, one in document.get("columns", {}).items()},
        {name: reading.text(name, one) for name, one in document.get("funders", {}).items()},
        {name: reading.texts(name, some) for name, some in document.get("themes", {}).items()},
        {name: reading.weight(name, one) for name, one in document.get("weights", {}).items()},
    )


@dataclass(frozen=True)
class _Reading:
    """Reads values of a mapping; errors name its file."""

    name: str

    def column(self, name: str) -> str:
        column = column_named(name)
        if column is None:
            raise FormatError(msg.projects.unknown_in_mapping(self.name, name, HEADINGS))
        return column

    def text(self, name: str, value: Any) -> str:  # noqa: ANN401 - any TOML value
        if not isinstance(value, str) or not value.strip():
            raise FormatError(msg.projects.bad_value_in_mapping(self.name, name, value, msg.projects.A_HEADING))
        return value

    def texts(self, name: str, value: Any) -> tuple[str, ...]:  # noqa: ANN401 - any TOML value
        if not isinstance(value, list):
            raise FormatError(msg.projects.bad_value_in_mapping(self.name, name, value, msg.projects.SPELLINGS))
        return tuple(self.text(name, one) for one in value)

    def weight(self, name: str, value: Any) -> Fraction:  # noqa: ANN401 - any TOML value
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise FormatError(msg.projects.bad_value_in_mapping(self.name, name, value, msg.projects.A_WEIGHT))
        return Fraction(value).limit_denominator(10**6)

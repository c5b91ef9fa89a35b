"""Find the quartiers of a commune, given by its INSEE code or its name.

Files of 2024 give INSEE codes, those of 2015 only names, and some neither: a quartier is in the commune, outside it,
or undetermined. A five-digit number is always an INSEE code, never a postcode: 59360 is Loos's INSEE code and another
town's postcode.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.perimeters.succession import Succession

_INSEE = re.compile(r"\d{5}|2[AB]\d{3}")
_CODE_DEPARTMENT = re.compile(r"Q[PN](\d{3}|02[AB])")


@dataclass(frozen=True)
class _Attachment:
    """INSEE codes, folded commune names and departments that the files give for a line of the comparison."""

    insee: frozenset[str]
    names: frozenset[str]
    departments: frozenset[str]


@dataclass(frozen=True)
class _Commune:
    """The commune asked for: its codes, folded names and departments; each empty if unknown."""

    insee: frozenset[str]
    names: frozenset[str]
    departments: frozenset[str]

    def holds(self, line: _Attachment) -> bool | None:
        """Tell whether a line belongs to the commune; None if the files do not say."""
        near = not self.departments or not line.departments or bool(self.departments & line.departments)
        if self.insee & line.insee or (near and self.names & line.names):
            return True
        if (self.insee and line.insee) or (self.names and line.names) or not near:
            return False
        return None


def of_commune(
    lines: Sequence[Succession], before: PerimeterSet, after: PerimeterSet, commune: str
) -> tuple[list[Succession], int]:
    """Return the lines of a commune, and how many others of its department may belong to it: the files do not say.

    Parameters
    ----------
    commune
        An INSEE code (``59360``, ``2A004``) or a name (``Loos``), whatever its case and accents. A name stands for
        all the communes that bear it.

    Raises
    ------
    InputError
        `commune` is blank.
    """
    attachments = [_attachment(line, before, after) for line in lines]
    wanted = _commune(commune, _names_by_insee(lines, before, after), attachments)
    answers = [wanted.holds(attachment) for attachment in attachments]
    return [line for line, answer in zip(lines, answers, strict=True) if answer], answers.count(None)


def _commune(text: str, names: dict[str, str], attachments: Sequence[_Attachment]) -> _Commune:
    if not fold(text):
        raise InputError(msg.perimeter_errors.empty_commune(text))
    code = text.strip().upper()
    if _INSEE.fullmatch(code):
        known = frozenset({names[code]} if code in names else ())
        return _Commune(frozenset({code}), known, frozenset({_department(code)}))
    name = fold(text)
    codes = frozenset(insee for insee, known_name in names.items() if known_name == name)
    bearing = [line.departments for line in attachments if name in line.names or codes & line.insee]
    return _Commune(codes, frozenset({name}), frozenset().union(*bearing))


def _attachment(line: Succession, before: PerimeterSet, after: PerimeterSet) -> _Attachment:
    cells = list(_cells(line, before, after))
    departments = (_CODE_DEPARTMENT.match(code) for code in (*line.codes_before, *line.codes_after))
    return _Attachment(
        frozenset(code for insee, _ in cells for code in insee),
        frozenset(name for _, names in cells for name in names),
        frozenset(found[1] for found in departments if found),
    )


def _cells(
    line: Succession, before: PerimeterSet, after: PerimeterSet
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the INSEE codes and folded commune names of each quartier of a line, the later quartier first."""
    if line.after is not None:
        yield _insee(after, line.after), _names(after, line.after)
    for row in line.before:
        yield _insee(before, row), _names(before, row)


def _insee(perimeters: PerimeterSet, row: int) -> tuple[str, ...]:
    return tuple(code for code in perimeters.insee[row].split(",") if code)


def _names(perimeters: PerimeterSet, row: int) -> tuple[str, ...]:
    return tuple(filter(None, map(fold, re.split(r"[,;]", perimeters.communes[row]))))


def _names_by_insee(lines: Sequence[Succession], before: PerimeterSet, after: PerimeterSet) -> dict[str, str]:
    """Return the folded name of each commune, by INSEE code, where the files determine it.

    They do if a line has exactly one code and one name, and no other such line gives that code another name.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        attachment = _attachment(line, before, after)
        if len(attachment.insee) == 1 and len(attachment.names) == 1:
            found[min(attachment.insee)] |= attachment.names
    return {insee: min(names) for insee, names in found.items() if len(names) == 1}


def _department(insee: str) -> str:
    """Return the department of an INSEE code as the three characters used in the codes of quartiers."""
    return insee[:3] if insee.startswith(("97", "98")) else f"0{insee[:2]}"

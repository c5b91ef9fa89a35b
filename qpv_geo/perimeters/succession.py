"""Find which quartiers of the previous generation each quartier succeeds.

The official correspondence of codes decides where it is given; elsewhere two quartiers are linked if they share enough
ground.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qpv_geo.perimeters.overlay import Overlay
    from qpv_geo.perimeters.read import PerimeterSet

MIN_SHARE = 0.10
"""Two quartiers are linked if they share at least this part of the smaller one's area.

Rounding makes neighbours overlap by up to 1 % (measured on the 2024 file at four decimals); those of the Lille
metropolis share 96 % or more with their successors.
"""


@dataclass(frozen=True)
class Succession:
    """A quartier and those it succeeds, or a quartier that nothing succeeds.

    Attributes
    ----------
    after
        Row in the later set, or None if that set has no successor.
    before
        Rows in the earlier set, in its order or in that of the correspondence.
    codes_after, codes_before
        Their codes, including those that the correspondence names and the sets do not hold.
    official
        Whether the correspondence gives the link.
    split
        Whether a quartier it succeeds has another successor.
    """

    after: int | None
    before: tuple[int, ...]
    codes_after: tuple[str, ...]
    codes_before: tuple[str, ...]
    official: bool = False
    split: bool = False


def successions(
    before: PerimeterSet, after: PerimeterSet, overlay: Overlay, correspondence: Mapping[str, Sequence[str]] | None
) -> list[Succession]:
    """Return one line for each quartier of `after`, in its order, then one for each of `before` without successor.

    Parameters
    ----------
    overlay
        The two sets overlaid.
    correspondence
        Code of a quartier of `after` to the codes it succeeds, none for a new one. A code of `after` missing from it
        is linked by overlap.
    """
    official = {code: tuple(codes) for code, codes in (correspondence or {}).items()}
    by_overlap = _overlapping(overlay)
    rows = {code: row for row, code in enumerate(before.codes)}
    codes_before = [
        official.get(code, tuple(before.codes[b] for b in by_overlap[row])) for row, code in enumerate(after.codes)
    ]
    heirs: dict[str, list[str]] = defaultdict(list)
    for code, codes in [*zip(after.codes, codes_before, strict=True), *_absent(official, after.codes)]:
        for old in codes:
            heirs[old].append(code)
    lines = [
        Succession(
            after=row,
            before=tuple(rows[old] for old in codes if old in rows),
            codes_after=(after.codes[row],),
            codes_before=codes,
            official=after.codes[row] in official,
            split=any(len(heirs[old]) > 1 for old in codes),
        )
        for row, codes in enumerate(codes_before)
    ]
    succeeded = {row for line in lines for row in line.before}
    alone = [row for row in range(len(before)) if row not in succeeded]
    return lines + [_without_successor(before, row, heirs) for row in alone]


def _overlapping(overlay: Overlay) -> dict[int, list[int]]:
    """Return, for each row of the later set, the rows of the earlier one that overlap it enough, in their order."""
    linked: dict[int, list[int]] = defaultdict(list)
    for old, new in sorted(overlay.pairs.T[overlay.shares >= MIN_SHARE].tolist()):
        linked[new].append(old)
    return linked


def _absent(official: Mapping[str, tuple[str, ...]], held: Iterable[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what the correspondence says of quartiers that the later set does not hold."""
    known = set(held)
    return [(code, codes) for code, codes in official.items() if code not in known]


def _without_successor(before: PerimeterSet, row: int, heirs: Mapping[str, Sequence[str]]) -> Succession:
    code = before.codes[row]
    elsewhere = tuple(heirs.get(code, ()))
    return Succession(None, (row,), elsewhere, (code,), official=bool(elsewhere), split=len(elsewhere) > 1)

"""Fit the lists of a fiche in the space left: some items, then how many are left out and the command that shows them.

Space is given to the lists in turn, item by item, so that a short list is complete before a long one takes the rest.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.reports import contents
from qpv_geo.reports.fiche_map import STATUS_COLOURS
from qpv_geo.reports.pdf_page import GREY, INK, WHITE, drawable, rgb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.model import Verdict
    from qpv_geo.reports.contents import Item, Listing
    from qpv_geo.reports.pdf_page import Paper
    from qpv_geo.schemes.model import SchemeDecision

MARKS = {"inside": "✔", "outside": "✘", "uncertain": "?", "not_located": "?", "place_ok": "…"}
_COLOURS = STATUS_COLOURS | {"place_ok": msg.colours.PRINT_PLACE_OK}
_GAP, _AFTER_ITEM, _AFTER_TITLE = 2.2, 0.5, 0.6
_DASH = "–"
_BESIDE, _TO_BASELINE = 50.0, 0.15
_PAD, _INDENT, _INDENT_OF_NUMBER = 1.4, 3.2, 5.4
_TITLE, _ANSWER = 8.5, 7.5
_MOST_OF_AN_ITEM, _MOST_OF_A_SOURCE, _MOST_OF_A_FLOW, _MOST_ON_A_LINE = 8, 2, 12, 60
_MOST_OF_A_TITLE = 2


@dataclass(frozen=True)
class _Written:
    """An item cut into lines.

    Attributes
    ----------
    grey
        Index of the line where the source starts, at its opening bracket.
    """

    mark: str
    lines: list[str]
    grey: int


@dataclass(frozen=True)
class SheetBlock:
    """A listing cut to the space available.

    Attributes
    ----------
    whole
        Whether nothing is left out.
    height
        Height in millimetres, with the gap below.
    """

    listing: Listing
    written: list[_Written]
    whole: bool
    height: float


class Lists:
    """The lists of a fiche, for a text size in points and a width in millimetres."""

    def __init__(self, paper: Paper, width: float, size: float) -> None:
        self._paper, self._width, self._size = paper, width, size
        self._known: dict[Listing, list[SheetBlock]] = {}
        self._heads: dict[Listing, tuple[float, list[str]]] = {}
        self._title, self._line = paper.pen(_TITLE, bold=True), paper.pen(size)

    def fit(self, verdict: Verdict, decisions: Sequence[SchemeDecision], room: float) -> tuple[list[SheetBlock], bool]:
        """Return the lists of a verdict, and whether nothing is left out.

        Schemes that do not fit are listed together, by their answer only.
        """
        blocks: list[SheetBlock] = []
        for shown in range(len(decisions), -1, -1):
            found = contents.listings(verdict, decisions[:shown], decisions[shown:])
            blocks = self._share(found, room)
            if len(blocks) == len(found):
                return blocks, shown == len(decisions) and all(one.whole for one in blocks)
        return blocks, False

    def draw(self, blocks: list[SheetBlock], x: float, y: float) -> None:
        """Draw lists below a point."""
        for one in blocks:
            below, left = self._draw_title(one.listing, x, y), x
            if one.listing.beside:
                below, left = y + _TO_BASELINE, x + _BESIDE
            for item in one.written:
                below = self._draw_item(item, left, below)
            y += one.height

    # ── Sharing ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _share(self, found: list[Listing], room: float) -> list[SheetBlock]:
        """Grow lists in turn; drop the last ones if the smallest sizes do not fit."""
        self._paper.pen(self._size)
        growing = [self._sizes(one) for one in found]
        while growing and sum(sizes[0].height for sizes in growing) > room:
            growing.pop()
        shares = [0] * len(growing)
        used = sum(sizes[0].height for sizes in growing)
        moved = True
        while moved:
            moved = False
            for k, sizes in enumerate(growing):
                if shares[k] + 1 == len(sizes):
                    continue
                more = sizes[shares[k] + 1].height - sizes[shares[k]].height
                if used + more <= room:
                    shares[k], used, moved = shares[k] + 1, used + more, True
        return [sizes[share] for sizes, share in zip(growing, shares, strict=True)]

    def _sizes(self, listing: Listing) -> list[SheetBlock]:
        """Return the possible sizes of a listing, from the smallest to the complete one."""
        if listing not in self._known:
            self._heads[listing] = self._head(listing)
            self._paper.pen(self._size)
            sizes = self._flowing(listing) if listing.flowing else self._one_each(listing)
            self._known[listing] = sizes[-1:] if listing.uncut else sizes
        return self._known[listing]

    def _one_each(self, listing: Listing) -> list[SheetBlock]:
        count = len(listing.items)
        items = [self._item(one) for one in listing.items]
        blocks = []
        for kept in range(count):
            rest = msg.reports.and_others(count - kept) if kept else listing.total
            line = self._paper.fitted(msg.fiche.elsewhere(rest), self._width - _INDENT, 1)
            blocks.append(self._block(listing, [*items[:kept], _Written(_DASH, line, 1)], whole=False))
        return [*blocks, self._block(listing, items, whole=True)]

    def _flowing(self, listing: Listing) -> list[SheetBlock]:
        """Return the sizes of an inline listing: one line, two lines, and so on."""
        width = self._width - (_BESIDE if listing.beside else 0)

        @cache
        def needed(count: int) -> int:
            return len(self._paper.wrapped(drawable(_flow(listing, count)), width))

        blocks, total = [], len(listing.items)
        for most in range(1, _MOST_OF_A_FLOW + 1):
            held = min(total, most * _MOST_ON_A_LINE)
            count = held if needed(held) <= most else max(1, bisect_right(range(1, held), most, key=needed))
            lines = self._paper.fitted(_flow(listing, count), width, most)
            blocks.append(self._block(listing, [_Written("", lines, most)], whole=count == total))
            if count == total:
                break
        return blocks

    def _block(self, listing: Listing, written: list[_Written], *, whole: bool) -> SheetBlock:
        items = sum(self._line * len(one.lines) + _AFTER_ITEM for one in written)
        title = self._title * len(self._heads[listing][1]) + _AFTER_TITLE
        height = max(title, items) if listing.beside else title + items + _GAP
        return SheetBlock(listing, written, whole, height)

    def _head(self, listing: Listing) -> tuple[float, list[str]]:
        """Return the width of the answer, if there is one, and the lines of the title beside it."""
        before = 0.0
        if listing.status:
            self._paper.pen(_ANSWER, bold=True)
            before = self._paper.get_string_width(_answer(listing)) + 3 * _PAD
        self._paper.pen(_TITLE, bold=True)
        return before, self._paper.fitted(listing.title, self._width - before, _MOST_OF_A_TITLE)

    # ── An item ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _item(self, item: Item) -> _Written:
        """Cut an item into lines; a long one is shortened, its text and its source separately."""
        width = self._width - self._indent(item.mark)
        source = f" [{item.source}]" if item.source else ""
        lines = self._paper.fitted(item.text + source, width, _MOST_OF_AN_ITEM + 1)
        if len(lines) <= _MOST_OF_AN_ITEM:
            opening = [k for k, line in enumerate(lines) if "[" in line] if source else []
            return _Written(item.mark, lines, opening[-1] if opening else len(lines))
        text = self._paper.fitted(item.text, width, _MOST_OF_AN_ITEM - _MOST_OF_A_SOURCE)
        return _Written(item.mark, [*text, *self._paper.fitted(source, width, _MOST_OF_A_SOURCE)], len(text))

    def _indent(self, mark: str) -> float:
        return 0.0 if not mark else _INDENT if len(mark) == 1 else _INDENT_OF_NUMBER

    # ── Drawing ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _draw_title(self, listing: Listing, x: float, y: float) -> float:
        """Draw a title, after the answer on its colour if there is one."""
        before, title = self._heads[listing]
        if listing.status:
            self._paper.pen(_ANSWER, bold=True, colour=WHITE)
            self._paper.set_fill_color(*rgb(_COLOURS[listing.status]))
            self._paper.rect(x, y, before - _PAD, self._title, style="F", round_corners=True, corner_radius=0.8)
            self._paper.write_lines(x + _PAD, y, [_answer(listing)], self._title)
        self._paper.pen(_TITLE, bold=True, colour=INK)
        return self._paper.write_lines(x + before, y, title, self._title) + _AFTER_TITLE

    def _draw_item(self, item: _Written, x: float, y: float) -> float:
        self._paper.pen(self._size, colour=INK)
        self._paper.write_lines(x, y, [item.mark], self._line)
        for k, line in enumerate(item.lines):
            opening = 0 if k > item.grey else line.rfind("[") if k == item.grey else len(line)
            self._draw_line(line[:opening], line[opening:], x + self._indent(item.mark), y)
            y += self._line
        return y + _AFTER_ITEM

    def _draw_line(self, text: str, source: str, x: float, y: float) -> None:
        self._paper.write_lines(x, y, [text], self._line)
        x += self._paper.get_string_width(text)
        self._paper.pen(self._size, colour=GREY)
        self._paper.write_lines(x, y, [source], self._line)
        self._paper.pen(self._size, colour=INK)


def _answer(listing: Listing) -> str:
    return f"{MARKS[listing.status]}  {listing.answer}"


def _flow(listing: Listing, count: int) -> str:
    """Return the first `count` items inline, and how many are left out."""
    rest = len(listing.items) - count
    text = listing.separator.join(one.text for one in listing.items[:count])
    return f"{text} {msg.fiche.elsewhere(msg.reports.and_others(rest))}" if rest else text

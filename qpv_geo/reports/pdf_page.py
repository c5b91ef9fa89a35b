"""An A4 page with a Unicode font, and texts cut to the space they are given."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
from fontTools import subset
from fpdf import FPDF
from fpdf.fonts import TTFFont
from matplotlib.ft2font import FT2Font

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime


Colour = tuple[int, int, int]
INK: Colour = (30, 30, 30)
GREY: Colour = (95, 95, 95)
RULE: Colour = (190, 190, 190)
WHITE: Colour = (255, 255, 255)

FONT, MONO = "DejaVu", "DejaVuMono"
_FILES = {
    (FONT, ""): "DejaVuSans.ttf",
    (FONT, "B"): "DejaVuSans-Bold.ttf",
    (MONO, ""): "DejaVuSansMono.ttf",
}
_POINTS_PER_MM = 72 / 25.4
_LEADING = 1.28
"""Line height as a multiple of the font size."""
_MOST_CHARACTERS_OF_A_LINE = 400
_COMMON = frozenset(
    (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2040), *range(0x2190, 0x2194), 0x2009, 0x200A, 0x202F)
) | frozenset(map(ord, "€№™−≈≠≤≥■□▲▼◆○●☐☑☒✓✔✕✗✘"))
"""Codes of the characters that nearly every page is written with."""
_ELLIPSIS = "…"
_REPLACEMENT, _SOFT_HYPHEN = "\u25a1", "\u00ad"
_TIES = re.compile(
    r"(?<=\d) (?=(?:m|km|h|euros|bis|ter|quater|sexies)\b|%)|(?<=\b1er) |(?<=n°) |(?<=§) |(?<=article) (?=\d)"
    r"|(?<=«) | (?=[»:;?!–])"
)
"""Spaces where lines must not break."""
_BLANKS = re.compile("[ \t\r\n\f\v\x1c-\x1f\x85\u2028\u2029]+")


def rgb(colour: str) -> Colour:
    """Return a colour written #rrggbb."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def font_file(name: str) -> Path:
    """Return a font shipped with matplotlib: DejaVu covers French, narrow spaces included."""
    return Path(mpl.get_data_path()) / "fonts" / "ttf" / name


def drawable(text: str) -> str:
    """Return a text on one line, with a square for each character missing from the font."""
    known = _characters()
    tied = _TIES.sub("\u00a0", _BLANKS.sub(" ", text).strip())
    return "".join(letter if ord(letter) in known else _REPLACEMENT for letter in tied)


@cache
def _characters() -> frozenset[int]:
    return frozenset(code for code in FT2Font(str(font_file(_FILES[FONT, ""]))).get_charmap() if code >= ord(" "))


class _RareCharacterError(Exception):
    """A text has a character that is not one of `_COMMON`."""


def written(draw: Callable[[Paper], None], created: datetime) -> bytes:
    """Return the page that a function draws, as a PDF; see `Paper`.

    It is drawn with the common characters of the fonts, read in a tenth of the time, and again if it has others.
    """
    try:
        return _written(draw, Paper(created, rare=False))
    except _RareCharacterError:
        return _written(draw, Paper(created, rare=True))


def _written(draw: Callable[[Paper], None], paper: Paper) -> bytes:
    draw(paper)
    return bytes(paper.output())


@cache
def _common_part(file: str) -> bytes:
    """Return a font with the common characters alone."""
    options = subset.Options(notdef_outline=True, recommended_glyphs=True, glyph_names=False, layout_features=[])
    options.drop_tables += ["FFTM"]  # the date of the editor, which nothing can cut
    with subset.load_font(str(font_file(file)), options) as font:
        part = subset.Subsetter(options)
        part.populate(unicodes=_COMMON)
        part.subset(font)
        stream = io.BytesIO()
        font.save(stream)
    return stream.getvalue()


class Paper(FPDF):
    """One page of A4, in millimetres from its top left corner.

    Parameters
    ----------
    created
        Creation date of the document: the same content gives the same bytes.
    rare
        Read the fonts whole, and not only their common characters.
    """

    def __init__(self, created: datetime, *, rare: bool) -> None:
        super().__init__(format="A4")
        self._lines: dict[tuple[str, float, str, float], list[str]] = {}
        self._rare = rare
        for (family, style), file in _FILES.items():
            if rare:
                self.add_font(family, style, font_file(file))
            else:  # add_font reads a path only
                key, part = f"{family.lower()}{style}", io.BytesIO(_common_part(file))
                self.fonts[key] = TTFFont(self, part, key, style)  # type: ignore[arg-type]
        self.set_creation_date(created)
        self.set_auto_page_break(auto=False)
        self.set_margin(0)
        self.c_margin = 0
        self.add_page()

    def pen(self, size: float, *, bold: bool = False, mono: bool = False, colour: Colour = (0, 0, 0)) -> float:
        """Set the font, with its size in points, and the colour; return the line height in millimetres."""
        self.set_font(MONO if mono else FONT, "B" if bold else "", size)
        self.set_text_color(*colour)
        return size * _LEADING / _POINTS_PER_MM

    def fitted(self, text: str, width: float, lines: int) -> list[str]:
        """Cut a text into at most `lines` lines of a width, with an ellipsis if it does not fit."""
        clean = drawable(text[: lines * _MOST_CHARACTERS_OF_A_LINE])
        if not clean:
            return []
        cut = self.wrapped(clean, width)
        if len(cut) <= lines and len(text) <= lines * _MOST_CHARACTERS_OF_A_LINE:
            return cut
        kept, last = cut[: lines - 1], cut[lines - 1 : lines] or [""]
        return [*kept, self._shortened(last[0], width)]

    def wrapped(self, text: str, width: float) -> list[str]:
        """Cut a drawable text into lines of a width, once for each font: layouts are tried until one fits."""
        self._refuse_rare(text)
        key = (text, width, self.font_family + self.font_style, self.font_size_pt)
        if key not in self._lines:
            self._lines[key] = self._cut(text, width)
        return list(self._lines[key])

    def _refuse_rare(self, text: str) -> None:
        if not self._rare and not _COMMON.issuperset(map(ord, text)):
            raise _RareCharacterError

    def _cut(self, text: str, width: float) -> list[str]:
        """Cut a text at its spaces, and within a word that is longer than a line.

        As FPDF.multi_cell does, but in a time that follows the length of the text, not its square.
        """
        lines: list[str] = []
        line, used, space = "", 0.0, self._width_of(" ")
        for word in text.replace(_SOFT_HYPHEN, "").split(" "):
            wide = self._width_of(word)
            if line and used + space + wide <= width:
                line, used = f"{line} {word}", used + space + wide
                continue
            if line:
                lines.append(line)
            *whole, line = [word] if wide <= width else self._broken(word, width)
            lines += whole
            used = self._width_of(line)
        return [one.replace("\u00a0", " ") for one in (*lines, line)]

    def _broken(self, word: str, width: float) -> list[str]:
        """Cut a word into parts of at most a width, of one letter at least."""
        parts, used = [""], 0.0
        for letter in word:
            wide = self._width_of(letter)
            if parts[-1] and used + wide > width:
                parts.append("")
                used = 0.0
            parts[-1] += letter
            used += wide
        return parts

    def _width_of(self, text: str) -> float:
        font = self.current_font
        return font.get_text_width(text, self.font_size_pt, None)[1] / _POINTS_PER_MM  # type: ignore[union-attr]

    def write_lines(self, x: float, y: float, lines: Sequence[str], height: float) -> float:
        """Write lines below a point; return the vertical position of the next."""
        for line in lines:
            self._refuse_rare(line)
            self.set_xy(x, y)
            if line:
                self.cell(None, height, line)
            y += height
        return y

    def _shortened(self, line: str, width: float) -> str:
        line = line.rstrip(" ,;.")
        while line and self.get_string_width(line + _ELLIPSIS) > width:
            line = line[:-1].rstrip(" ,;.")
        return line + _ELLIPSIS

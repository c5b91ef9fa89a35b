"""The fiche of a verdict: one page of A4 that a person keeps, with the answer, a map, and all that proves it.

Whatever the verdict holds, it is one page: long texts end in an ellipsis and long lists in "et N autres"; the answer,
the hashes and the notice are always whole. The same verdict gives the same bytes.
"""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from qpv_geo.reports import contents
from qpv_geo.reports.excerpt import STATUS_COLOURS, draw
from qpv_geo.reports.paper import Paper, drawable
from qpv_geo.texts import reports as say

if TYPE_CHECKING:
    from qpv_geo.model import Verdict
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.reports.contents import Listing
    from qpv_geo.reports.paper import Colour
    from qpv_geo.schemes.model import SchemeDecision

_LEFT, _WIDTH, _TOP, _BOTTOM = 18.0, 174.0, 14.0, 285.0
_MAP_SIDE, _GUTTER = 93.0, 6.0
_LABELS = 36.0
_NOTICE_HEIGHT = 9.0
_INK, _GREY, _RULE, _WHITE = (30, 30, 30), (95, 95, 95), (190, 190, 190), (255, 255, 255)
_MARKS = {"inside": "✔", "outside": "✘", "uncertain": "?", "not_located": "?"}


def write_fiche(
    verdict: Verdict,
    to: Path | str | BinaryIO,
    *,
    perimeters: PerimeterSet | None = None,
    decision: SchemeDecision | None = None,
) -> None:
    """Write the fiche of a verdict as a PDF.

    Parameters
    ----------
    to
        A path, replaced if it is there, or a binary stream.
    perimeters
        Those that the verdict rests on (`qpv_geo.reports.places.perimeters_of`); without them there is no map.
    decision
        What a scheme says of the same place.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    paper = _page(verdict)
    y = _draw_heading(paper, verdict)
    y = _draw_answer(paper, verdict, y)
    y = _draw_middle(paper, verdict, perimeters, y + 5)
    top_of_proof = _draw_proof(paper, verdict)
    _draw_listings(paper, contents.listings(verdict, decision), y + 4, top_of_proof - 3)
    _draw_notice(paper, verdict.evidence.notice)
    pdf = bytes(paper.output())
    if isinstance(to, str | Path):
        Path(to).write_bytes(pdf)
    else:
        to.write(pdf)


def _page(verdict: Verdict) -> Paper:
    paper = Paper(datetime.fromisoformat(verdict.evidence.checked_at))
    paper.set_lang("fr-FR")
    paper.set_title(say.FICHE_TITLE)
    paper.set_subject(say.fiche_subject(contents.answer(verdict)))
    paper.set_keywords(verdict.evidence.digest)
    paper.set_author(verdict.evidence.software)
    paper.set_creator(verdict.evidence.software)
    return paper


# ── From top to bottom ─────────────────────────────────────────────────────────────────────────────────────────────


def _draw_heading(paper: Paper, verdict: Verdict) -> float:
    height = paper.pen(17, bold=True, colour=_INK)
    paper.write_lines(_LEFT, _TOP, [say.FICHE_TITLE], height)
    small = paper.pen(8.5, colour=_GREY)
    when = contents.moment(verdict.evidence)
    paper.write_lines(_LEFT + _WIDTH - paper.get_string_width(when), _TOP + height - small - 0.6, [when], small)
    return paper.write_lines(_LEFT, _TOP + height, [say.FICHE_SUBTITLE], small) + 3


def _draw_answer(paper: Paper, verdict: Verdict, y: float) -> float:
    """Draw the banner: the answer in words, on its colour, and the sentence."""
    inner = _WIDTH - 12
    line = paper.pen(10.5)
    sentence = paper.fitted(verdict.message, inner, 4)
    big = 24 * 1.15 / (72 / 25.4)
    height = 4 + big + 1.5 + line * len(sentence) + 4
    paper.set_fill_color(*_rgb(STATUS_COLOURS[verdict.status]))
    paper.rect(_LEFT, y, _WIDTH, height, style="F", round_corners=True, corner_radius=2)
    paper.pen(24, bold=True, colour=_WHITE)
    mark = f"{_MARKS[verdict.status]}  {contents.answer(verdict)}"
    below = paper.write_lines(_LEFT + 6, y + 3.5, [mark], big) + 1.5
    paper.pen(10.5, colour=_WHITE)
    paper.write_lines(_LEFT + 6, below, sentence, line)
    return y + height


def _draw_middle(paper: Paper, verdict: Verdict, perimeters: PerimeterSet | None, y: float) -> float:
    """Draw the facts on the left and the map on the right; return where both end."""
    _draw_facts(paper, contents.facts(verdict), y, _WIDTH - _MAP_SIDE - _GUTTER)
    left = _LEFT + _WIDTH - _MAP_SIDE
    picture = None if perimeters is None else draw(verdict, perimeters)
    small = paper.pen(7, colour=_GREY)
    if picture is not None:
        paper.image(io.BytesIO(picture), left, y, _MAP_SIDE, _MAP_SIDE, alt_text=say.MAP_ALT)
        return paper.write_lines(left, y + _MAP_SIDE + 0.8, paper.fitted(say.MAP_NOTE, _MAP_SIDE, 2), small)
    paper.set_draw_color(*_RULE)
    paper.rect(left, y, _MAP_SIDE, _MAP_SIDE)
    why = say.NO_MAP["not_located" if verdict.location is None else "no_perimeters"]
    line = paper.pen(8.5, colour=_GREY)
    paper.write_lines(left + 5, y + _MAP_SIDE / 2 - line, paper.fitted(why, _MAP_SIDE - 10, 3), line)
    return y + _MAP_SIDE


def _draw_facts(paper: Paper, found: contents.Facts, y: float, width: float) -> None:
    """Write facts under their labels, in as many lines each as the height of the map allows."""
    value, gap = paper.pen(9), 2.0
    label = paper.pen(7.5, bold=True) + 0.3
    paper.pen(9)
    for most in (4, 3, 2, 1):
        cut = [(name, paper.fitted(text, width, most)) for name, text in found]
        if sum(label + value * len(lines) + gap for _, lines in cut) - gap <= _MAP_SIDE:
            break
    for name, lines in cut:
        paper.pen(7.5, bold=True, colour=_GREY)
        y = paper.write_lines(_LEFT, y, [name], label)
        paper.pen(9, colour=_INK)
        y = paper.write_lines(_LEFT, y, lines, value) + gap


def _draw_listings(paper: Paper, found: list[Listing], y: float, bottom: float) -> None:
    """Share the room between listings, the first served first; each keeps at least a title and a line."""
    title = paper.pen(8.5, bold=True)
    line, gap = paper.pen(8), 1.5
    for k, one in enumerate(found):
        kept_for_others = (len(found) - k - 1) * (title + line + gap)
        room = int((bottom - y - title - kept_for_others) / line)
        if room < 1:
            return
        paper.pen(8.5, bold=True, colour=_INK)
        y = paper.write_lines(_LEFT, y, paper.fitted(one.title, _WIDTH, 1), title)
        paper.pen(8, colour=_INK)
        lines = _flowing(paper, one, room) if one.flowing else _one_each(paper, one, room)
        y = paper.write_lines(_LEFT, y, lines, line) + gap


def _draw_proof(paper: Paper, verdict: Verdict) -> float:
    """Draw what proves the answer, up from the notice; return where it starts."""
    evidence, width = verdict.evidence, _WIDTH - _LABELS
    line = paper.pen(7.5)
    rows = [(name, paper.fitted(text, width, 3), False) for name, text in contents.proof(evidence)]
    hashes = [(say.DATA_HASH, evidence.sha256), (say.DIGEST, evidence.digest)]
    rows[2:2] = [(name, [text], True) for name, text in hashes[:1] if text]
    rows[-1:-1] = [(say.DIGEST, [evidence.digest], True)]
    heading = paper.pen(9.5, bold=True, colour=_INK) + 1
    height = heading + sum(line * len(lines) + 0.7 for _, lines, _ in rows)
    top = y = _BOTTOM - _NOTICE_HEIGHT - 3 - height
    paper.set_draw_color(*_RULE)
    paper.line(_LEFT, top - 1.2, _LEFT + _WIDTH, top - 1.2)
    y = paper.write_lines(_LEFT, y, [say.PROOF], heading)
    for name, lines, mono in rows:
        paper.pen(7.5, bold=True, colour=_GREY)
        paper.write_lines(_LEFT, y, [name], line)
        paper.pen(7.5, mono=mono, colour=_INK)
        y = paper.write_lines(_LEFT + _LABELS, y, lines, line) + 0.7
    return top - 1.2


def _draw_notice(paper: Paper, notice: str) -> None:
    top = _BOTTOM - _NOTICE_HEIGHT
    paper.set_draw_color(*_INK)
    paper.rect(_LEFT, top, _WIDTH, _NOTICE_HEIGHT, round_corners=True, corner_radius=1.5)
    line = paper.pen(10.5, bold=True, colour=_INK)
    x = _LEFT + (_WIDTH - paper.get_string_width(notice)) / 2
    paper.write_lines(x, top + (_NOTICE_HEIGHT - line) / 2, [notice], line)


# ── Lists that fit ─────────────────────────────────────────────────────────────────────────────────────────────────


def _one_each(paper: Paper, listing: Listing, room: int) -> list[str]:
    """Return items on lines of their own, two each where all have room, and how many are left out."""
    most = 2 if room >= 2 * len(listing.items) else 1
    kept = listing.items if len(listing.items) <= room else listing.items[: room - 1]
    lines = [line for item in kept for line in paper.fitted(item, _WIDTH, most)]
    rest = len(listing.items) - len(kept)
    return [*lines, say.and_others(rest)] if rest else lines


def _flowing(paper: Paper, listing: Listing, room: int) -> list[str]:
    """Return items one after the other on at most two lines, and how many are left out."""
    lines = min(room, 2)
    count = len(listing.items)
    while True:
        rest = len(listing.items) - count
        text = ", ".join(listing.items[:count]) + (f" {say.and_others(rest)}" if rest else "")
        if count <= 1 or len(paper.wrapped(drawable(text), _WIDTH)) <= lines:
            return paper.fitted(text, _WIDTH, lines)
        count = max(1, count * 9 // 10)


def _rgb(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)

"""The fiche of a verdict: one A4 page with the answer, a map and the evidence.

It always fits one page: the map shrinks before a reason is left out, long texts end in an ellipsis and long lists in
"et N autres"; the answer, the hashes and the notice are never cut. The same content gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from qpv_geo import messages as msg
from qpv_geo.files import write_whole
from qpv_geo.model import Reason, Status
from qpv_geo.reports import contents
from qpv_geo.reports.fiche_map import STATUS_COLOURS, draw, is_too_wide, scene_of
from qpv_geo.reports.listings import MARKS, Lists
from qpv_geo.reports.pdf_page import GREY, INK, RULE, WHITE, Paper, rgb, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image as Picture

    from qpv_geo.model import Verdict
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.reports.listings import SheetBlock
    from qpv_geo.reports.streets import Streets
    from qpv_geo.schemes.model import SchemeDecision

_Facts = list[tuple[str, list[str]]]

_LEFT, _WIDTH, _TOP, _BOTTOM = 18.0, 174.0, 14.0, 285.0
_GUTTER, _LABELS = 6.0, 36.0
_NOTICE_HEIGHT = 9.0
_MOST_TO_VERIFY = 5
_FACTS_HEIGHT, _TALLEST_FACTS = 112.0, 135.0
_VALUE, _LABEL, _NOTE = 9.0, 7.5, 7.0
_BELOW_LABEL, _TO_BASELINE, _ABOVE_NOTE = 0.3, 0.5, 0.8
_AROUND_MIDDLE, _ABOVE_RULE, _BELOW_RULE = 4.0, 1.5, 1.2
_HEADING, _PROOF, _BETWEEN_PROOFS = 9.5, 7.5, 0.7


@dataclass(frozen=True)
class _Layout:
    """Dimensions that depend on the space lists need, in millimetres.

    Attributes
    ----------
    side
        Side of the map.
    labels
        Width of the labels of facts, 0 if they are above the facts.
    gap
        Space between two facts.
    size
        Text size of lists, in points.
    """

    side: float
    labels: float
    gap: float
    size: float


@dataclass(frozen=True)
class _Plan:
    """Content that fits in a layout; `height` is that of the facts and the map."""

    layout: _Layout
    facts: _Facts
    height: float
    lists: Lists
    blocks: list[SheetBlock]


_LAYOUTS = (
    _Layout(93, 0, 2.0, 8),
    _Layout(80, 0, 2.0, 8),
    _Layout(66, 34, 1.2, 8),
    _Layout(54, 34, 0.8, 8),
    _Layout(54, 34, 0.8, 7.5),
    _Layout(46, 34, 0.8, 7.5),
    _Layout(46, 34, 0.5, 7),
)
_LAYOUTS_WITHOUT_MAP = (_Layout(54, 34, 2.0, 8), *_LAYOUTS[3:])


def write_fiche(  # noqa: PLR0913 - all that a fiche may carry
    verdict: Verdict,
    to: Path | str | BinaryIO,
    *,
    perimeters: PerimeterSet | None = None,
    decisions: Sequence[SchemeDecision] = (),
    decided: str | None = None,
    case: str | None = None,
    service: str | None = None,
    streets: Streets | None = None,
    again: str | None = None,
) -> None:
    """Write the fiche of a verdict as a PDF.

    Parameters
    ----------
    to
        A path, replaced if it exists, or a binary stream.
    perimeters
        Perimeters used by the verdict (`qpv_geo.reports.places.perimeters_of`); without them there is no map.
    decisions
        Decisions of schemes on the same place.
    decided
        What a person decided, why and when, in French: shown under what was computed.
    case, service
        Case number, and the service that asks.
    streets
        Returns the house numbers that the map shows (`qpv_geo.reports.streets.streets_of`); without it, none.
    again
        URL of the page that asks the same question again.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    why_no_map = _why_no_map(verdict, perimeters)
    scene = None if perimeters is None or why_no_map else scene_of(verdict, perimeters, streets)

    def put(paper: Paper) -> None:
        _describe(paper, verdict)
        y = _draw_heading(paper, verdict, msg.fiche.case_of(case, service))
        y = _draw_decided(paper, decided, _draw_answer(paper, verdict, y)) + _AROUND_MIDDLE
        proof = _proof(paper, verdict, again)
        room = _proof_top(paper, proof) - _BELOW_RULE - y - _AROUND_MIDDLE - _ABOVE_RULE
        note = None if scene is None else msg.fiche.map_note(streets=bool(scene.doors))
        plan = _planned(paper, verdict, decisions, room, note)
        _draw_facts(paper, plan.facts, plan.layout, y)
        picture = None if scene is None else draw(verdict, scene, side_mm=plan.layout.side)
        _draw_map(paper, picture, note or msg.fiche.NO_MAP[why_no_map], plan.layout.side, y)
        plan.lists.draw(plan.blocks, _LEFT, y + plan.height + _AROUND_MIDDLE)
        _draw_proof(paper, proof, again)
        _draw_notice(paper, verdict.evidence.notice)

    pdf = written(put, datetime.fromisoformat(verdict.evidence.checked_at))
    if isinstance(to, str | Path):
        write_whole(Path(to), pdf)
    else:
        to.write(pdf)


def _describe(paper: Paper, verdict: Verdict) -> None:
    paper.set_lang("fr-FR")
    paper.set_title(msg.fiche.TITLE)
    paper.set_subject(msg.fiche.subject(contents.answer(verdict)))
    paper.set_keywords(verdict.evidence.digest)
    paper.set_author(verdict.evidence.software)
    paper.set_creator(verdict.evidence.software)


# ── From top to bottom ─────────────────────────────────────────────────────────────────────────────────────────────


def _draw_heading(paper: Paper, verdict: Verdict, case: str) -> float:
    height = paper.pen(17, bold=True, colour=INK)
    paper.write_lines(_LEFT, _TOP, [msg.fiche.TITLE], height)
    small = paper.pen(8.5, colour=GREY)
    when = contents.moment(verdict.evidence)
    paper.write_lines(_LEFT + _WIDTH - paper.get_string_width(when), _TOP + height - small - 0.6, [when], small)
    [case] = paper.fitted(case, _WIDTH / 2, 1) if case else [""]
    paper.write_lines(_LEFT + _WIDTH - paper.get_string_width(case), _TOP + height, [case], small)
    return paper.write_lines(_LEFT, _TOP + height, [msg.fiche.SUBTITLE], small) + 3


def _draw_answer(paper: Paper, verdict: Verdict, y: float) -> float:
    """Draw the banner: the answer in words, on its colour, and the sentence."""
    inner = _WIDTH - 12
    line = paper.pen(10.5)
    sentence = paper.fitted(verdict.message, inner, 4)
    big = 24 * 1.15 / (72 / 25.4)
    height = 4 + big + 1.5 + line * len(sentence) + 4
    paper.set_fill_color(*rgb(STATUS_COLOURS[verdict.status]))
    paper.rect(_LEFT, y, _WIDTH, height, style="F", round_corners=True, corner_radius=2)
    paper.pen(24, bold=True, colour=WHITE)
    mark = f"{MARKS[verdict.status]}  {contents.answer(verdict)}"
    below = paper.write_lines(_LEFT + 6, y + 3.5, [mark], big) + 1.5
    paper.pen(10.5, colour=WHITE)
    paper.write_lines(_LEFT + 6, below, sentence, line)
    return y + height


def _draw_decided(paper: Paper, decided: str | None, y: float) -> float:
    """Draw what a person decided in a box of its own, so that neither is taken for the other."""
    if decided is None:
        return y
    top, inner = y + 2, _WIDTH - 12
    title = paper.pen(_HEADING, bold=True, colour=INK)
    line = paper.pen(_VALUE)
    lines = paper.fitted(decided, inner, 4)
    height = 2.5 + title + 0.8 + line * len(lines) + 2.5
    paper.set_draw_color(*INK)
    paper.rect(_LEFT, top, _WIDTH, height, round_corners=True, corner_radius=2)
    paper.pen(_HEADING, bold=True, colour=INK)
    below = paper.write_lines(_LEFT + 6, top + 2.5, [msg.fiche.DECIDED_BY_A_PERSON], title) + 0.8
    paper.pen(_VALUE, colour=INK)
    paper.write_lines(_LEFT + 6, below, lines, line)
    return top + height


def _draw_map(paper: Paper, picture: Picture | None, note: str, side: float, y: float) -> None:
    """Draw the map on the right with the note below it, or say why there is none."""
    left = _LEFT + _WIDTH - side
    paper.set_draw_color(*RULE)
    if picture is not None:
        paper.image(picture, left, y, side, side, alt_text=msg.fiche.MAP_ALT)
        paper.rect(left, y, side, side)
        small = paper.pen(_NOTE, colour=GREY)
        paper.write_lines(left, y + side + _ABOVE_NOTE, paper.fitted(note, side, 2), small)
        return
    paper.rect(left, y, side, side)
    line = paper.pen(8.5, colour=GREY)
    paper.write_lines(left + 5, y + side / 2 - line, paper.fitted(note, side - 10, 3), line)


def _why_no_map(verdict: Verdict, perimeters: PerimeterSet | None) -> str:
    """Return why there is no map, a key of `messages.fiche.NO_MAP`; empty if there is one."""
    location = verdict.location
    if location.point is not None:
        return "no_perimeters" if perimeters is None else "far_apart" if is_too_wide(verdict) else ""
    if verdict.status == Status.NOT_LOCATED:
        return "not_located"
    if verdict.candidates:
        return "several"
    if location.type in msg.fiche.NO_MAP:  # a commune, or a quartier that is not among the perimeters of the day
        return location.type
    return "named_area" if verdict.reason == Reason.NAMED_AREA else "no_position"


def _planned(
    paper: Paper, verdict: Verdict, decisions: Sequence[SchemeDecision], room: float, note: str | None
) -> _Plan:
    """Return the plan of the first layout where every list is complete, else of the last, with the most space.

    `note` is below the map, None if there is none.
    """
    sizes = {size: Lists(paper, _WIDTH, size) for size in {one.size for one in _LAYOUTS}}
    layouts = _LAYOUTS if note is not None else _LAYOUTS_WITHOUT_MAP
    for layout, tallest in product(layouts, (_TALLEST_FACTS, _FACTS_HEIGHT)):  # the lists may leave more to the facts
        facts = _facts(paper, contents.facts(verdict), layout, tallest)
        height = _middle_height(paper, layout, facts, note or "")
        lists = sizes[layout.size]
        blocks, whole = lists.fit(verdict, decisions, room - height)
        if whole:
            break
    return _Plan(layout, facts, height, lists, blocks)


def _middle_height(paper: Paper, layout: _Layout, facts: _Facts, note: str) -> float:
    below = paper.pen(_NOTE) * len(paper.fitted(note, layout.side, 2))
    return max(layout.side + _ABOVE_NOTE + below, _facts_height(paper, layout, facts))


# ── Facts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _facts(paper: Paper, found: contents.Facts, layout: _Layout, tallest: float) -> _Facts:
    """Cut facts into lines, at most as many per fact as fit; what is to be verified, and by whom, is not cut short."""
    width = _WIDTH - layout.side - _GUTTER - layout.labels
    paper.pen(_VALUE)
    for most in (4, 3, 2, 1):
        cut = [
            (name, paper.fitted(text, width, _MOST_TO_VERIFY if name == msg.fiche.TO_VERIFY else most))
            for name, text in found
        ]
        if _facts_height(paper, layout, cut) <= tallest:
            break
    return cut


def _facts_height(paper: Paper, layout: _Layout, facts: _Facts) -> float:
    value, above = paper.pen(_VALUE), 0.0 if layout.labels else paper.pen(_LABEL, bold=True) + _BELOW_LABEL
    paper.pen(_VALUE)
    return sum(above + value * len(lines) + layout.gap for _, lines in facts) - layout.gap


def _draw_facts(paper: Paper, facts: _Facts, layout: _Layout, y: float) -> None:
    for name, lines in facts:
        label = paper.pen(_LABEL, bold=True, colour=GREY)
        if layout.labels:
            paper.write_lines(_LEFT, y + _TO_BASELINE, [name], label)
        else:
            y = paper.write_lines(_LEFT, y, [name], label) + _BELOW_LABEL
        value = paper.pen(_VALUE, colour=INK)
        y = paper.write_lines(_LEFT + layout.labels, y, lines, value) + layout.gap


# ── The bottom ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _proof(paper: Paper, verdict: Verdict, again: str | None) -> list[tuple[str, list[str], bool]]:
    """Return the evidence: a label, its lines, and whether they are a hash."""
    evidence = verdict.evidence
    paper.pen(_PROOF)
    rows = [(name, paper.fitted(text, _WIDTH - _LABELS, 3), False) for name, text in contents.proof(evidence)]
    rows[2:2] = [(msg.fiche.DATA_HASH, [evidence.sha256], True)] if evidence.sha256 else []
    rows[-1:-1] = [(msg.fiche.DIGEST, [evidence.digest], True)]
    rows += [(msg.fiche.AGAIN, paper.fitted(again, _WIDTH - _LABELS, 2), False)] if again else []
    return rows


def _proof_top(paper: Paper, rows: list[tuple[str, list[str], bool]]) -> float:
    """Return the vertical position of the evidence, above the notice."""
    heading, line = paper.pen(_HEADING, bold=True) + 1, paper.pen(_PROOF)
    height = heading + sum(line * len(lines) + _BETWEEN_PROOFS for _, lines, _ in rows)
    return _BOTTOM - _NOTICE_HEIGHT - 3 - height


def _draw_proof(paper: Paper, rows: list[tuple[str, list[str], bool]], again: str | None) -> None:
    y = _proof_top(paper, rows)
    paper.set_draw_color(*RULE)
    paper.line(_LEFT, y - _BELOW_RULE, _LEFT + _WIDTH, y - _BELOW_RULE)
    heading = paper.pen(_HEADING, bold=True, colour=INK) + 1
    y = paper.write_lines(_LEFT, y, [msg.fiche.PROOF], heading)
    for name, lines, mono in rows:
        line = paper.pen(_PROOF, bold=True, colour=GREY)
        paper.write_lines(_LEFT, y, [name], line)
        paper.pen(_PROOF, mono=mono, colour=INK)
        if again and name == msg.fiche.AGAIN:
            paper.link(_LEFT + _LABELS, y, _WIDTH - _LABELS, line * len(lines), again)
        y = paper.write_lines(_LEFT + _LABELS, y, lines, line) + _BETWEEN_PROOFS


def _draw_notice(paper: Paper, notice: str) -> None:
    top = _BOTTOM - _NOTICE_HEIGHT
    paper.set_draw_color(*INK)
    paper.rect(_LEFT, top, _WIDTH, _NOTICE_HEIGHT, round_corners=True, corner_radius=1.5)
    line = paper.pen(10.5, bold=True, colour=INK)
    x = _LEFT + (_WIDTH - paper.get_string_width(notice)) / 2
    paper.write_lines(x, top + (_NOTICE_HEIGHT - line) / 2, [notice], line)

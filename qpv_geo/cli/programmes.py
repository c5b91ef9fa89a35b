"""`qpv programmes list`, `show` and `check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.cli.projects import WRONG, TableAsked, projects_in
from qpv_geo.cli.show import echo, echo_facts, echo_json, echo_paragraph, style
from qpv_geo.eligibility.check import default_checker
from qpv_geo.messages.typography import joined
from qpv_geo.projects.checks import known_at_hand
from qpv_geo.projects.programmes import find_programme, load_programmes, programme_ids
from qpv_geo.projects.reconciliation import concerned, reconcile
from qpv_geo.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.projects.programmes import Programme, PublishedSource
    from qpv_geo.projects.reconciliation import Gap, Reconciliation


def list_(shape: str) -> None:
    programmes = load_programmes(load_settings().home)
    if shape == "json":
        echo_json([one.to_dict() for one in programmes])
        return
    for one in programmes:
        echo(style(one.id, bold=True), f"  {one.label}")
        figures = [f"{figure.label} : {msg.programmes.announced(figure)}" for figure in one.figures]
        echo_paragraph(joined(figures) or msg.programmes.NOTHING_ANNOUNCED)


def show(name: str, shape: str) -> None:
    programme = find_programme(name, load_settings().home)
    if shape == "json":
        echo_json(programme.to_dict())
        return
    echo(style(programme.label, bold=True))
    echo_paragraph(programme.summary)
    echo()
    figures = [(one.label, msg.programmes.announced(one)) for one in programme.figures]
    width = max((len(label) for label, _ in figures), default=0)
    for label, value in figures:
        echo(f"  {label:<{width}}  {value}")
    if not figures:
        echo_paragraph(msg.programmes.NOTHING_ANNOUNCED.capitalize())
    echo()
    echo_facts(_facts(programme))


def check(source: str, layer: str | None, mapping: str | None, wanted: tuple[str, ...], shape: str) -> int:
    home = load_settings().home
    chosen = [find_programme(one, home) for one in wanted]
    known = known_at_hand(default_checker().catalogue)
    if source in programme_ids(home):
        programme = find_programme(source, home)
        table = None if programme.table is None else projects_in(TableAsked(programme.table))
        found = [reconcile(programme, table, known)]
    else:
        projects = projects_in(TableAsked(source, layer, mapping))
        if projects is None:
            return WRONG
        chosen_or_named = chosen or concerned(load_programmes(home), projects, known)
        found = [reconcile(one, projects, known, every_row=bool(chosen)) for one in chosen_or_named]
    if shape == "json":
        echo_json([one.to_dict() for one in found])
        return 0
    for one in found:
        _show_reconciliation(one)
    if not found:
        echo_paragraph(msg.programmes.nothing_compared(sorted(programme_ids(home))))
    return 0


def _facts(programme: Programme) -> list[tuple[str, str]]:
    quartiers = [msg.programmes.quartier(one.name, one.codes, one.note) for one in programme.quartiers]
    return [
        (msg.programmes.TOWN, msg.programmes.town(programme.town, programme.commune)),
        (msg.programmes.YEARS, msg.programmes.years(programme.from_year, programme.to_year)),
        *((one.title, one.text) for one in programme.facts),
        *_labelled(msg.programmes.QUARTIERS, quartiers),
        (msg.programmes.TABLE, programme.table or ""),
        *_labelled(msg.programmes.SOURCE, [_source(one) for one in programme.sources]),
    ]


def _show_reconciliation(one: Reconciliation) -> None:
    echo(style(one.programme.label, bold=True))
    told = msg.programmes.NO_TABLE if one.table is None else msg.programmes.compared_with(one.table, len(one.projects))
    echo_paragraph(told)
    for gap in one.gaps:
        _show_gap(gap)
    if not one.gaps:
        echo_paragraph(msg.programmes.NOTHING_ANNOUNCED.capitalize())
    counts = [(reason.value, len(ids)) for reason, ids in one.left_out.items()]
    for text in (msg.programmes.undated(len(one.undated)), msg.programmes.left_out(counts)):
        if text:
            echo_paragraph(text)
    for source in one.programme.sources:
        echo_paragraph(_source(source))
    echo()


def _show_gap(gap: Gap) -> None:
    mark = "?" if gap.gap is None else "=" if gap.exact else "≠"
    mark = style(mark, fg="green" if gap.exact else "yellow", bold=True)
    echo("  ", mark, f" {msg.programmes.gap(gap)}")


def _source(one: PublishedSource) -> str:
    return msg.programmes.source(one.title, one.url, one.read_on)


def _labelled(label: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return lines, only the first of which has the label."""
    return [(label if k == 0 else "", text) for k, text in enumerate(texts)]

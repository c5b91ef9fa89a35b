"""`qpv schemes list` and `show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.cli.show import echo, echo_facts, echo_json, echo_paragraph, style
from qpv_geo.messages.verdicts import NOTICE
from qpv_geo.perimeters.registry import registry
from qpv_geo.schemes.load import find_scheme, load_schemes
from qpv_geo.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.schemes.model import Condition, Scheme


def list_(shape: str) -> None:

    schemes = load_schemes(load_settings().home, generations=registry().generations)
    if shape == "json":
        echo_json([scheme.to_dict() for scheme in schemes])
        return
    for scheme in schemes:
        echo(style(scheme.id, bold=True), f"  {scheme.label}")
        echo_paragraph(scheme.summary)


def show(name: str, shape: str) -> None:
    scheme = find_scheme(name, load_settings().home, generations=registry().generations)
    if shape == "json":
        echo_json(scheme.to_dict())
        return
    echo(style(scheme.label, bold=True))
    echo_paragraph(scheme.summary)
    echo()
    echo_facts(_facts(scheme))
    echo()
    echo_paragraph(NOTICE)


def _facts(scheme: Scheme) -> list[tuple[str, str]]:
    zones = [
        msg.schemes.zone_line(zone.label, [one.id for one in zone.requires], msg.schemes.validity(zone.start, zone.end))
        for zone in scheme.zones
    ]
    limits = [
        msg.schemes.amounts(one.max_eur, one.budget_eur, msg.schemes.validity(one.start, one.end))
        for one in scheme.amounts
    ]
    sources = [msg.schemes.source(one.title, one.url, one.read_on, one.unread) for one in scheme.sources]
    return [
        (msg.schemes.DATE, scheme.dates.counts),
        (msg.schemes.VALIDITY, msg.schemes.validity(scheme.dates.start, scheme.dates.end)),
        *_labelled(msg.schemes.AMOUNT, limits),
        *_labelled(msg.schemes.ZONE, zones),
        (msg.schemes.ROAD, msg.schemes.ROAD_LIMIT[scheme.road_limit]),
        *_labelled(msg.schemes.JUDGED, _questions(scheme.questions, decisive=True)),
        *_labelled(msg.schemes.RECALLED, _questions(scheme.questions, decisive=False)),
        *_labelled(
            msg.schemes.STEPS, [msg.schemes.step_line(k, one.id, one.text) for k, one in enumerate(scheme.steps, 1)]
        ),
        *_labelled(msg.schemes.SOURCE, sources),
        (msg.schemes.FILE, f"{scheme.path}, sha256 {scheme.sha256[:12]}…"),
    ]


def _questions(conditions: Sequence[Condition], *, decisive: bool) -> list[str]:
    return [
        msg.schemes.question_line(one.id, one.question, one.article, msg.schemes.validity(one.start, one.end))
        for one in conditions
        if one.decisive is decisive
    ]


def _labelled(label: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return lines, only the first of which has the label."""
    return [(label if k == 0 else "", text) for k, text in enumerate(texts)]

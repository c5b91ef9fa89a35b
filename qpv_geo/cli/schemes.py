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

    from qpv_geo.schemes.model import HumanCondition, Scheme


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
    amounts = scheme.amounts
    zones = [msg.schemes.zone_line(zone.label, [one.text for one in zone.requires]) for zone in scheme.zones]
    return [
        (msg.schemes.DATE, scheme.dates.counts),
        (msg.schemes.VALIDITY, msg.schemes.validity(scheme.dates.start, scheme.dates.end)),
        (msg.schemes.AMOUNT, msg.schemes.amounts(amounts.max_eur, amounts.budget_eur) if amounts else ""),
        *_labelled(msg.schemes.ZONE, zones),
        *_labelled(msg.schemes.JUDGED, _texts(scheme.conditions, decisive=True)),
        *_labelled(msg.schemes.RECALLED, _texts(scheme.conditions, decisive=False)),
        *_labelled(
            msg.schemes.SOURCE,
            [msg.schemes.source(one.title, one.url, one.read_on) for one in scheme.sources],
        ),
        (msg.schemes.FILE, f"{scheme.path}, sha256 {scheme.sha256[:12]}…"),
    ]


def _texts(conditions: Sequence[HumanCondition], *, decisive: bool) -> list[str]:
    return [one.text for one in conditions if one.decisive is decisive]


def _labelled(label: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return lines, only the first of which has the label."""
    return [(label if k == 0 else "", text) for k, text in enumerate(texts)]

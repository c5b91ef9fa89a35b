"""`qpv schemes list` and `show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qpv_geo import messages as msg
from qpv_geo.cli.french import FORMAT_TEXT_JSON, Command
from qpv_geo.cli.show import echo_facts, echo_json, echo_paragraph
from qpv_geo.messages.verdicts import NOTICE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.schemes.model import HumanCondition, Scheme, SchemeDecision

_COLOURS = {"eligible": "green", "not_eligible": "blue", "to_review": "yellow"}


@click.command("list", cls=Command, help=msg.schemes.LIST)
@click.option("--format", "shape", type=FORMAT_TEXT_JSON, default="text", help=msg.usage.FORMAT)
def list_(shape: str) -> None:
    from qpv_geo.perimeters.registry import registry  # noqa: PLC0415 - heavy: help must not wait for it
    from qpv_geo.schemes.load import load_schemes  # noqa: PLC0415
    from qpv_geo.settings import load_settings  # noqa: PLC0415

    schemes = load_schemes(load_settings().home, generations=registry().generations)
    if shape == "json":
        echo_json([scheme.to_dict() for scheme in schemes])
        return
    for scheme in schemes:
        click.echo(f"{click.style(scheme.id, bold=True)}  {scheme.label}")
        echo_paragraph(scheme.summary)


@click.command("show", cls=Command, help=msg.schemes.SHOW)
@click.argument("name", metavar="ID")
@click.option("--format", "shape", type=FORMAT_TEXT_JSON, default="text", help=msg.usage.FORMAT)
def show(name: str, shape: str) -> None:
    from qpv_geo.perimeters.registry import registry  # noqa: PLC0415 - heavy: help must not wait for it
    from qpv_geo.schemes.load import find_scheme  # noqa: PLC0415
    from qpv_geo.settings import load_settings  # noqa: PLC0415

    scheme = find_scheme(name, load_settings().home, generations=registry().generations)
    if shape == "json":
        echo_json(scheme.to_dict())
        return
    click.echo(click.style(scheme.label, bold=True))
    echo_paragraph(scheme.summary)
    click.echo()
    echo_facts(_facts(scheme))
    click.echo()
    echo_paragraph(NOTICE)


def show_decision(decision: SchemeDecision) -> None:
    """Print the decision of a scheme: the answer, each reason with its source, and the notice."""
    click.echo(click.style(msg.schemes.OUTCOME[decision.outcome], fg=_COLOURS[decision.outcome], bold=True))
    echo_paragraph(decision.label)
    click.echo()
    for reason in decision.reasons:
        echo_paragraph(f"- {reason.text} [{reason.source.title}]")
    click.echo()
    echo_paragraph(decision.evidence.notice)


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

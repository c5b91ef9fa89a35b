"""Output helpers shared by the commands."""

from __future__ import annotations

import json
import re
from textwrap import fill
from typing import TYPE_CHECKING

import click

from qpv_geo import messages as msg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qpv_geo.schemes.model import SchemeDecision
    from qpv_geo.untyped import AnyValue

STATUS_COLOURS = {"inside": "green", "outside": "blue", "uncertain": "yellow", "not_located": "magenta", "error": "red"}
OUTCOME_COLOURS = {"place_ok": "cyan", "eligible": "green", "not_eligible": "blue", "to_review": "yellow"}
_WIDTH = 100
_LABEL = 14
_TIE = "\u2060"


def echo_json(document: AnyValue) -> None:
    """Print a JSON document."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def echo_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print labelled lines, wrapped under their label; those without text are left out."""
    for label, text in facts:
        if text:
            head = f"  {label:<{_LABEL}}"
            click.echo(_wrapped(text, head, " " * len(head)))


def echo_paragraph(text: str, indent: str = "  ") -> None:
    """Print a wrapped paragraph."""
    click.echo(_wrapped(text, indent, indent))


def show_decision(decision: SchemeDecision) -> None:
    """Print the decision of a scheme: the answer, each reason with its source, and the notice."""
    click.echo(click.style(msg.schemes.OUTCOME[decision.outcome], fg=OUTCOME_COLOURS[decision.outcome], bold=True))
    echo_paragraph(decision.label)
    click.echo()
    for reason in decision.reasons:
        echo_paragraph(f"- {reason.text} [{reason.source.title}]")
    click.echo()
    echo_paragraph(decision.evidence.notice)


def _wrapped(text: str, first: str, following: str) -> str:
    """Wrap a text without breaking between a number and its unit, or at the space of French punctuation."""
    tied = re.sub(r"(?<=\d) (?=m\b|km\b|ha\b|m²|%)|(?<=«) | (?=[»:;?!])", _TIE, text)
    return fill(tied, _WIDTH, initial_indent=first, subsequent_indent=following, break_on_hyphens=False).replace(
        _TIE, " "
    )

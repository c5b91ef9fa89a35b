"""Output helpers shared by the commands."""

from __future__ import annotations

import json
import re
from textwrap import fill
from typing import TYPE_CHECKING

import click

from qpv_geo import messages as msg
from qpv_geo.text_normalisation import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qpv_geo.schemes.model import SchemeDecision
    from qpv_geo.untyped import AnyValue

STATUS_COLOURS, OUTCOME_COLOURS = msg.colours.TERMINAL, msg.colours.OUTCOME_TERMINAL
WIDTH = 100
"""Most characters of a line."""

_LABEL = 20
_TIE = "\u2060"
_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that JSON may hold as they are, and that a terminal obeys or cannot show."""


class Styled(str):
    """A text to print as it is: our own colours around a text safe to show."""

    __slots__ = ()


def style(text: str, *, fg: str | None = None, bold: bool | None = None) -> Styled:
    """Return a text with a colour or in bold; what a terminal would obey is taken out of it first."""
    return Styled(click.style(shown(text), fg=fg, bold=bold))


def echo(*parts: str, err: bool = False) -> None:
    """Print a line. What a terminal would obey is taken out of its parts, but for those made by `style`."""
    click.echo("".join(part if isinstance(part, Styled) else shown(part) for part in parts), err=err)


def one_line(text: str) -> str:
    """Return a text of a cell, which may hold line breaks and tabs, as the line of a table shows it."""
    return " ".join(one.strip() for one in text.replace("\t", " ").splitlines() if one.strip())


def echo_json(document: AnyValue) -> None:
    """Print a JSON document; what a terminal would obey is escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    click.echo(_OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def echo_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print labelled lines, wrapped under their label; those without text are left out."""
    for label, text in facts:
        if text:
            head = f"  {label:<{_LABEL}}"
            echo(_wrapped(text, head, " " * len(head)))


def echo_paragraph(text: str, indent: str = "  ") -> None:
    """Print a wrapped paragraph."""
    echo(_wrapped(text, indent, indent))


def show_decision(decision: SchemeDecision) -> None:
    """Print the decision of a scheme: the answer, each reason with its source, and the notice."""
    echo(style(msg.schemes.OUTCOME[decision.outcome], fg=OUTCOME_COLOURS[decision.outcome], bold=True))
    echo_paragraph(decision.label)
    echo()
    for reason in decision.reasons:
        echo_paragraph(f"- {reason.text} [{reason.source.title}]")
    echo()
    for command in decision.remedies:
        echo_paragraph(msg.cli.remedy(command))
    echo_paragraph(decision.evidence.notice)


def _wrapped(text: str, first: str, following: str) -> str:
    """Wrap a text without breaking between a number and its unit, or at the space of French punctuation."""
    tied = re.sub(r"(?<=\d) (?=m\b|km\b|ha\b|m²|%)|(?<=«) | (?=[»:;?!])", _TIE, shown(text))
    whole = fill(tied, WIDTH, initial_indent=first, subsequent_indent=following, break_on_hyphens=False)
    return whole.replace(_TIE, " ")

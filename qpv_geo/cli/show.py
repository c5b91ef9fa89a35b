"""Output helpers shared by the commands."""

from __future__ import annotations

import json
import re
from textwrap import fill
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qpv_geo.untyped import AnyValue

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


def _wrapped(text: str, first: str, following: str) -> str:
    """Wrap a text without breaking between a number and its unit, or at the space of French punctuation."""
    tied = re.sub(r"(?<=\d) (?=m\b|km\b|ha\b|m²|%)|(?<=«) | (?=[»:;?!])", _TIE, text)
    return fill(tied, _WIDTH, initial_indent=first, subsequent_indent=following).replace(_TIE, " ")

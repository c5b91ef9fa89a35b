"""`qpv verify`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from qpv_geo import api
from qpv_geo import messages as msg
from qpv_geo.cli.show import echo, echo_json, echo_paragraph, style

if TYPE_CHECKING:
    from qpv_geo.schemes.records import Verification
    from qpv_geo.untyped import AnyValue


def verify(record: str, shape: str) -> None:

    stdin = record == "-"
    found = api.verify(api.read_record(sys.stdin.buffer.read(), name="l'entrée standard") if stdin else record)
    if shape == "json":
        echo_json(asdict(found))
    else:
        _show(found)


def _show(found: Verification) -> None:
    if not found.intact:
        echo(style(msg.cli.ALTERED_RECORD, fg="red", bold=True))
    if found.identical and found.intact:
        echo(style(msg.cli.IDENTICAL, fg="green", bold=True))
    elif found.same_answer:
        echo(style(msg.cli.SAME_ANSWER, fg="yellow", bold=True))
    else:
        echo(style(msg.cli.OTHER_ANSWER, fg="red", bold=True))
    if found.intact and found.unexplained:
        echo_paragraph(msg.cli.UNEXPLAINED)
    for one in found.differences:
        recorded = msg.cli.ABSENT if one.change == "removed" else _short(one.recorded)
        computed = msg.cli.ABSENT if one.change == "added" else _short(one.computed)
        echo_paragraph(msg.cli.difference(msg.cli.WHAT[one.what], one.field, recorded, computed))


def _short(value: AnyValue) -> str:
    if isinstance(value, list):
        return ", ".join(_short(item) for item in value) or msg.cli.NOTHING
    if isinstance(value, dict):
        return ", ".join(f"{key} {_short(item)}" for key, item in value.items()) or msg.cli.NOTHING
    if isinstance(value, bool):
        return msg.cli.YES if value else msg.cli.NO
    return msg.cli.NOTHING if value is None else str(value)

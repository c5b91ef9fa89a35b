"""`qpv verify`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import api
from qpv_geo import messages as msg
from qpv_geo.cli.register_exports import verify_exported
from qpv_geo.cli.show import echo, echo_json, echo_paragraph, style
from qpv_geo.errors import InputError
from qpv_geo.register.chain import is_export

if TYPE_CHECKING:
    from qpv_geo.schemes.records import Verification
    from qpv_geo.untyped import AnyValue


def verify(record: str, key: str | None, shape: str) -> None:

    stdin = record == "-"
    content = sys.stdin.buffer.read() if stdin else b""
    name = "l'entrée standard" if stdin else Path(record).name
    if not stdin and Path(record).is_file():
        content = Path(record).read_bytes()
    if is_export(content):
        verify_exported(content, name, key, shape)
        return
    if key is not None:
        raise InputError(msg.register_errors.key_of_an_export_only())
    found = api.verify(api.read_record(content, name=name) if stdin else record)
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

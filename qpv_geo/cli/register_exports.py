"""`qpv register export` and `import`, and `qpv verify` of an export."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.cli.register import filters_of, opened
from qpv_geo.cli.show import echo, echo_json, echo_paragraph, style
from qpv_geo.errors import InputError
from qpv_geo.extras import needed
from qpv_geo.settings import load_settings

if TYPE_CHECKING:
    from qpv_geo.register.filters import Filters
    from qpv_geo.register.store import Register
    from qpv_geo.untyped import AnyValue

_LINES = ".jsonl"
_KINDS = (".csv", ".xlsx", _LINES)


def export(output: str, sign: bool, new_key: bool, head: bool, **options: AnyValue) -> None:
    path = Path(output)
    kind = path.suffix.lower()
    if kind not in _KINDS:
        raise InputError(msg.register.not_a_table(output, ", ".join(_KINDS)))
    if kind != _LINES and (sign or new_key or head):
        raise InputError(msg.register_errors.only_signed(output))
    with opened() as register:
        filters = filters_of(options)
        if kind == _LINES:
            _write_lines(register, path, None if head else filters, sign=sign or new_key, new_key=new_key)
        else:
            _write_table(register, path, filters)


def import_(file: str) -> None:
    path = Path(file)
    if not path.is_file():
        raise InputError(msg.errors.file_missing(file))
    with opened() as register:
        from qpv_geo.register.importing import import_export  # noqa: PLC0415 - sqlalchemy is an extra

        count = import_export(register, path.read_bytes(), name=path.name)
    echo(msg.register.imported(count))


def verify_exported(content: bytes, name: str, key: str | None, shape: str) -> None:
    """Verify an export, and show the result."""
    with needed("register"):
        from qpv_geo.register.exports import verify_export  # noqa: PLC0415 - sqlalchemy is an extra
        from qpv_geo.register.signing import read_public  # noqa: PLC0415

    expected = None if key is None else read_public(key)
    found = verify_export(content, name=name)
    same_key = None if expected is None else found.signed is True and found.key == expected
    if shape == "json":
        echo_json(asdict(found) | {"expected_key": same_key})
        return
    sound = found.intact and same_key is not False
    colour = "green" if sound else "red"
    echo(style(msg.register.EXPORT_INTACT if found.intact else msg.register.EXPORT_ALTERED, fg=colour, bold=True))
    if not found.intact:
        echo_paragraph(msg.register_errors.altered_export(name, found.fault or "signature", found.sequence))
    echo_paragraph(msg.register.export_walked(found.entries, found.head.sequence, whole=found.whole))
    if found.signed and found.fingerprint is not None:
        echo_paragraph(msg.register.signed_by(found.fingerprint))
        told = {None: msg.register.COMPARE_KEY, True: msg.register.EXPECTED_KEY, False: msg.register.OTHER_KEY}
        echo_paragraph(told[same_key])
    elif found.signed is None:
        echo_paragraph(msg.register.EXPORT_UNSIGNED)


def _write_lines(register: Register, path: Path, filters: Filters | None, *, sign: bool, new_key: bool) -> None:
    from qpv_geo.register.exports import write_export  # noqa: PLC0415 - needed for this kind only
    from qpv_geo.register.signing import fingerprint, signer_of  # noqa: PLC0415

    signer = signer_of(load_settings(), create=new_key) if sign else None
    count, _ = write_export(path, register, filters, signer=signer)
    echo(msg.register.exported(count, str(path)), err=True)
    if signer is not None:
        echo(msg.register.signed_by(fingerprint(signer.public)), err=True)


def _write_table(register: Register, path: Path, filters: Filters) -> None:
    from qpv_geo.register.tabulated import rows_of, write_csv  # noqa: PLC0415 - needed for these kinds only

    if path.suffix.lower() == ".csv":
        write_csv(path, msg.register.CHECK_COLUMNS, rows_of(register.cases(filters)))
    else:
        from qpv_geo.reports.register_workbook import write_checks  # noqa: PLC0415

        write_checks(path, register.cases(filters))
    echo(msg.register.exported_checks(register.count(filters), str(path)), err=True)

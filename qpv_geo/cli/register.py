"""`qpv register`: list, show, decide, verify and purge."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.batch.values import iso_day
from qpv_geo.cli.show import STATUS_COLOURS, echo, echo_facts, echo_json, echo_paragraph, style
from qpv_geo.eligibility.check import default_checker
from qpv_geo.errors import InputError
from qpv_geo.extras import needed
from qpv_geo.messages.typography import numeric_day
from qpv_geo.perimeters.generations import parse_date
from qpv_geo.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qpv_geo.model import Verdict
    from qpv_geo.register.chain import Entry
    from qpv_geo.register.exports import ExportVerification
    from qpv_geo.register.filters import Filters
    from qpv_geo.register.store import Case, Register
    from qpv_geo.untyped import AnyValue


@contextmanager
def opened() -> Iterator[Register]:
    """Yield the register of the settings.

    Raises
    ------
    MissingError
        The extra ``register`` is not installed.
    """
    with needed("register"):
        from qpv_geo.register.store import register_of  # noqa: PLC0415 - sqlalchemy is an extra

    with register_of(load_settings()) as register:
        yield register


def keep_verdict(verdict: Verdict, options: dict[str, AnyValue]) -> None:
    """Keep a verdict in the register, and say under which number.

    Raises
    ------
    InputError
        A reason without a check to supersede, or the other way round.
    """
    if (options["supersedes"] is None) is not (options["reason"] is None):
        raise InputError(msg.register_errors.supersedes_with_reason())
    with opened() as register:
        from qpv_geo.register.drafts import Labels  # noqa: PLC0415 - needed for this option only

        earlier = None if options["supersedes"] is None else register.find(options["supersedes"]).sequence
        labels = Labels(**options | {"supersedes": earlier})
        [entry] = register.keep([(verdict.to_dict(), labels)])
    echo(msg.register.kept(entry.sequence, entry.id), err=True)


def filters_of(options: dict[str, AnyValue]) -> Filters:
    """Return the filters of a command."""
    from qpv_geo.register.filters import Filters  # noqa: PLC0415 - sqlalchemy is an extra

    days = {
        key: None if options[key] is None else parse_date(iso_day(options[key])).isoformat()
        for key in ("since", "until")
    }
    return Filters(**options | days)


def list_(shape: str, limit: int, **options: AnyValue) -> None:
    with opened() as register:
        filters = filters_of(options)
        count = register.count(filters)
        found = list(register.cases(filters, limit=limit, newest_first=True))
    if shape == "json":
        from qpv_geo.register.documents import case_document  # noqa: PLC0415 - sqlalchemy is an extra

        echo_json({"count": count, "checks": [case_document(one) for one in found]})
        return
    for case in found:
        _show_line(case)
    echo(msg.register.listed(len(found), count))


def show(name: str, pdf: str | None, shape: str) -> None:
    with opened() as register:
        case = register.case(name)
        history = register.history(case.check.sequence)
    if pdf is not None:
        with needed("reports"):
            from qpv_geo.reports.register_fiche import write_kept_fiche  # noqa: PLC0415 - needed for this option only

        write_kept_fiche(case, Path(pdf), default_checker())
        echo(msg.cli.fiche_written(pdf), err=True)
    if shape == "json":
        from qpv_geo.register.documents import history_document  # noqa: PLC0415 - sqlalchemy is an extra

        echo_json(history_document(case, history))
        return
    _show_case(case)
    for entry in history[1:]:
        echo()
        _show_later(entry)


def decide(name: str, shape: str, document: str | None, quartier: str | None, **options: AnyValue) -> None:
    with opened() as register:
        from qpv_geo.register import decisions  # noqa: PLC0415 - sqlalchemy is an extra

        file = None if document is None else decisions.document_of(Path(document))
        place = decisions.quartier_of_code(default_checker().catalogue, quartier)
        entry = decisions.decide(register, name, document=file, quartier=place, **options)
        case = register.case(name)
    if shape == "json":
        from qpv_geo.register.documents import decision_document  # noqa: PLC0415

        echo_json(decision_document(entry))
        return
    _show_case(case)
    echo()
    _show_later(entry)


def verify(head: str | None, key: str | None, shape: str) -> None:
    if key is not None and head is None:
        raise InputError(msg.register_errors.key_of_a_head_only())
    with opened() as register:
        from qpv_geo.register.audit import audit  # noqa: PLC0415 - sqlalchemy is an extra

        signed = None if head is None else _signed_head(Path(head), key)
        found = audit(register, None if signed is None else signed.head)
    if shape == "json":
        fault = None if found.fault is None else vars(found.fault)
        counts = {"entries": found.entries, "purged": found.purged}
        by = (
            {} if signed is None else {"fingerprint": signed.fingerprint, "expected_key": None if key is None else True}
        )
        echo_json({"intact": found.fault is None, **counts, "head": vars(found.head), "fault": fault, **by})
    elif found.fault is None:
        echo(style(msg.register.INTACT, fg="green", bold=True))
        echo_paragraph(msg.register.walked(found.entries, found.purged, found.head.chain_hash))
        if head is None:
            echo_paragraph(msg.register.LIMITS_OF_THE_CHAIN)
    else:
        echo(style(msg.register.BROKEN, fg="red", bold=True))
        echo_paragraph(msg.register.fault(found.fault.what, found.fault.sequence, found.fault.detail))
    if signed is not None and shape == "text":
        echo_paragraph(msg.register.signed_by(signed.fingerprint or ""))
        echo_paragraph(msg.register.COMPARE_KEY if key is None else msg.register.EXPECTED_KEY)


def _signed_head(path: Path, key: str | None) -> ExportVerification:
    """Return an export, which must be signed, by a key if one is given, and intact."""
    from qpv_geo.register.exports import verify_export  # noqa: PLC0415 - needed for this option only
    from qpv_geo.register.signing import read_public  # noqa: PLC0415

    if not path.is_file():
        raise InputError(msg.errors.file_missing(str(path)))
    export = verify_export(path.read_bytes(), name=path.name)
    if not (export.intact and export.signed):
        raise InputError(msg.register_errors.altered_export(path.name, export.fault or "signature", export.sequence))
    if key is not None and export.key != read_public(key):
        raise InputError(msg.register_errors.other_key(path.name, export.fingerprint or ""))
    return export


def purge(before: str, shape: str) -> None:
    day = parse_date(iso_day(before))
    with opened() as register:
        with register.database.reading():
            pass  # a register that does not exist is not created to be purged
        count = register.purge(day)
    if shape == "json":
        echo_json({"before": day.isoformat(), "purged": count})
    else:
        echo(msg.register.purged(count, day))


def _show_line(case: Case) -> None:
    check, decision = case.check, case.decision
    settled = decision or check
    status = settled.status or ""
    word = msg.cli.STATUS_SHORT[status] + (f" ({msg.register.DECIDED})" if decision is not None else "")
    content = check.document
    location = (content.get("record") or {}).get("location") or {}
    what = msg.register.PURGED if check.purged else location.get("asked") or location.get("label") or _point(location)
    parts = [
        _day(check.created_at),
        style(word, fg=STATUS_COLOURS[status]),
        msg.verdicts.named(settled.name, settled.code) if settled.name and settled.code else settled.code or "",
        msg.register.case(content["case"]) if content.get("case") else "",
        what,
        msg.register.superseded_by(case.superseded_by) if case.superseded_by else "",
    ]
    shown = [one for one in parts if one]
    between = [x for one in shown for x in ("  ", one)]
    echo(f"{check.sequence:>6}", *between)


def _show_case(case: Case) -> None:
    check, decision = case.check, case.decision
    echo(style(msg.register.check(check.sequence), bold=True))
    content = check.document
    record = content.get("record") or {}
    location = record.get("location") or {}
    computed = msg.cli.STATUS_SHORT[check.status or ""]
    echo_facts(
        [
            (msg.register.ID, check.id),
            (msg.register.KEPT_ON, _moment(check.created_at)),
            (msg.register.CASE_LABEL, content.get("case") or ""),
            (msg.register.SERVICE_LABEL, content.get("service") or ""),
            (msg.register.BY_LABEL, content.get("by") or ""),
            (msg.register.PLACE, msg.register.PURGED if check.purged else location.get("asked") or _point(location)),
            (msg.cli.DATE, msg.verdicts.day(parse_date(check.day)) if check.day else ""),
            (msg.register.COMPUTED, _answer(computed, check)),
            ("", record.get("message") or ""),
            (msg.register.DECIDED_LABEL, "" if decision is None else _answer(_word(decision), decision)),
            (msg.register.SCHEMES, ", ".join(f"{k} : {msg.reports.OUTCOME[v]}" for k, v in check.outcomes.items())),
            (msg.register.REPLACED, "" if case.superseded_by is None else msg.register.check(case.superseded_by)),
            (msg.register.CHAIN, f"{check.chain_hash[:16]}…"),
        ]
    )


def _show_later(entry: Entry) -> None:
    content = entry.document
    echo(style(msg.register.later(entry.kind, entry.sequence, _moment(entry.created_at)), bold=True))
    document, is_decision = content.get("document") or {}, entry.kind == "decision"
    echo_facts(
        [
            (msg.register.CHANGE_LABEL, msg.register.CHANGE[content["change"]] if "change" in content else ""),
            (msg.register.DECIDED_LABEL if is_decision else msg.register.COMPUTED, _answer(_word(entry), entry)),
            ("", (content.get("after") or {}).get("message") or ""),
            (msg.register.REASON, msg.register.PURGED if entry.purged else content.get("reason") or ""),
            (msg.register.BY_LABEL, content.get("by") or ""),
            (msg.register.DOCUMENT, msg.register.document(document["name"], document["sha256"]) if document else ""),
        ]
    )


def _word(entry: Entry) -> str:
    return msg.register.status(entry.status)


def _answer(word: str, entry: Entry) -> str:
    if not entry.code:
        return word
    return f"{word}, {msg.verdicts.named(entry.name, entry.code) if entry.name else entry.code}"


def _point(location: dict[str, AnyValue]) -> str:
    if location.get("lon") is None:
        return ""
    return msg.cli.point(location["lon"], location["lat"], None)


def _day(moment: str) -> str:
    return numeric_day(datetime.fromisoformat(moment))


def _moment(moment: str) -> str:
    return msg.register.moment(datetime.fromisoformat(moment))

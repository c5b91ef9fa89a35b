"""Checks and rechecks as rows for people: what was computed beside what was decided, a column each."""

from __future__ import annotations

import csv
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.files import PRIVATE, replaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from qpv_geo.register.chain import Entry
    from qpv_geo.register.changes import KeptAnswer
    from qpv_geo.register.recheck import Changed
    from qpv_geo.register.store import Case

    Row = dict[str, Any]

_ACTIVE = ("=", "+", "-", "@", "\t", "\r")
"""First characters of a text that spreadsheets take for a formula."""


def case_row(case: Case) -> Row:
    """Return a check, by the headings of `messages.register.CHECK_COLUMNS`; what was purged is absent."""
    check, content = case.check, case.check.document
    record = content.get("record") or {}
    location = record.get("location") or {}
    reason = record.get("reason")
    return {
        "n°": check.sequence,
        "enregistrée le": _moment(check),
        "dossier": content.get("case"),
        "service": content.get("service"),
        "par": content.get("by"),
        "demandé": location.get("asked"),
        "trouvé": location.get("label"),
        "longitude": location.get("lon"),
        "latitude": location.get("lat"),
        "date": None if check.day is None else date.fromisoformat(check.day),
        "calculé": msg.register.status(check.status),
        "motif": None if reason is None else msg.cli.REASON[reason],
        "quartier": check.name,
        "code": check.code,
        "distance_m": record.get("distance_m"),
        "génération": check.generation,
        "dispositifs": msg.register.outcomes(check.outcomes) or None,
        **_decision(case.decision),
        "remplacée par": case.superseded_by,
        "purgée": msg.cli.YES if check.purged else None,
        "identifiant": check.id,
        "empreinte numérique": check.chain_hash,
    }


def changed_row(one: Changed) -> Row:
    """Return a check that changed, by the headings of `messages.register.RECHECK_COLUMNS`."""
    row, before, after = case_row(one.case), one.before, one.after
    moved = None if before.distance_m is None or after.distance_m is None else after.distance_m - before.distance_m
    kept = ("n°", "dossier", "service", "demandé", "trouvé", "longitude", "latitude", "date", "statut décidé")
    return {
        "changement": msg.register.CHANGE[one.change],
        **{key: row[key] for key in kept},
        **_answer(before, "avant"),
        **_answer(after, "après"),
        "écart_m": moved,
        "explication": after.message,
    }


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[Row]) -> None:
    """Write rows as a CSV that French spreadsheets read: semicolons, decimal commas, a byte order mark.

    Only its owner can read it. A text that a spreadsheet would take for a formula is preceded by an apostrophe.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    names = list(columns)
    with replaced(path, mode=PRIVATE) as beside, beside.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(names)
        writer.writerows([_cell(row.get(name)) for name in names] for row in rows)


def rows_of(cases: Iterable[Case]) -> Iterator[Row]:
    """Return the rows of checks."""
    return map(case_row, cases)


def _answer(answer: KeptAnswer, when: str) -> Row:
    return {
        f"statut {when}": msg.register.status(answer.status),
        f"quartier {when}": answer.name,
        f"code {when}": answer.code,
        f"distance_m {when}": answer.distance_m,
        f"génération {when}": answer.generation,
        f"dispositifs {when}": msg.register.outcomes(answer.outcomes) or None,
    }


def _decision(decision: Entry | None) -> Row:
    content: Mapping[str, Any] = {} if decision is None else decision.document
    document = content.get("document") or {}
    return {
        "statut décidé": None if decision is None else msg.register.status(decision.status),
        "quartier décidé": None if decision is None else decision.code,
        "décidé le": None if decision is None else _moment(decision),
        "décidé par": content.get("by"),
        "motif de la décision": content.get("reason"),
        "document": document.get("name"),
        "empreinte numérique du document": document.get("sha256"),
    }


def _moment(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.created_at).replace(microsecond=0, tzinfo=None)


def _cell(value: Any) -> str:  # noqa: ANN401 - any value of a row
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")
    text = str(value)
    return f"'{text}" if text.startswith(_ACTIVE) else text

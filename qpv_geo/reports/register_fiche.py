"""The fiche of a check of the register: what was computed, and what a person decided."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.register.restored import decisions_of, verdict_of
from qpv_geo.reports.fiche import write_fiche
from qpv_geo.reports.places import perimeters_of
from qpv_geo.reports.streets import streets_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.model import Verdict
    from qpv_geo.register.chain import Entry
    from qpv_geo.register.store import Case


def write_kept_fiche(
    case: Case, to: Path | BinaryIO, checker: Checker, *, again: Callable[[Verdict], str | None] = lambda _verdict: None
) -> None:
    """Write the fiche of a check, with its verdict as it was given and the last decision about it.

    Parameters
    ----------
    again
        Returns the URL of the page that asks the question of a verdict again, if there is one.

    Raises
    ------
    InputError
        The check was purged, or is of a release with other fields.
    OSError
        The file cannot be written.
    """
    if case.check.purged:
        raise InputError(msg.register_errors.purged_check(str(case.check.sequence)))
    try:
        verdict = verdict_of(case.check.document["record"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(msg.register_errors.record_of_another_release(case.check.sequence)) from error
    write_fiche(
        verdict,
        to,
        perimeters=perimeters_of(verdict, checker.catalogue),
        decisions=decisions_of(verdict, checker),
        case=case.check.document.get("case"),
        service=case.check.document.get("service"),
        streets=streets_of(checker.settings),
        again=again(verdict),
        decided=None if case.decision is None else _decided(case.decision),
    )


def _decided(decision: Entry) -> str:
    content = decision.document
    named = msg.verdicts.named(decision.name, decision.code) if decision.name and decision.code else decision.code
    return msg.register.decided(
        ", ".join(filter(None, (msg.register.status(decision.status), named))),
        content["by"],
        datetime.fromisoformat(decision.created_at),
        content["reason"],
        (content.get("document") or {}).get("name"),
    )

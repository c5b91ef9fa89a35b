"""`qpv register recheck`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.cli.map import refuse_other_names, tell_written
from qpv_geo.cli.progress import rows_progress
from qpv_geo.cli.register import opened
from qpv_geo.cli.show import echo, echo_json, echo_paragraph, style
from qpv_geo.eligibility.check import default_checker
from qpv_geo.errors import InputError
from qpv_geo.files import PRIVATE, write_whole

if TYPE_CHECKING:
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.register.recheck import Changed, RecheckReport

_LISTED = 20
_COLOURS = {"entering": "green", "leaving": "blue", "became_firm": "green"}
_TABLES = (".xlsx", ".csv")


def recheck(
    generation: str | None, addresses: bool, distance: float, output: str | None, map_: str | None, shape: str
) -> None:
    refuse_other_names(map_)
    if output is not None and Path(output).suffix.lower() not in _TABLES:
        raise InputError(msg.register.not_a_table(output, ", ".join(_TABLES)))
    if not distance >= 0:
        raise InputError(msg.errors.bad_accuracy(distance))
    checker = default_checker()
    with opened() as register, rows_progress() as watch:
        from qpv_geo.register.recheck import RecheckOptions  # noqa: PLC0415 - sqlalchemy is an extra
        from qpv_geo.register.recheck import recheck as run  # noqa: PLC0415

        options = RecheckOptions(generation, addresses, distance)
        report = run(register, checker, options, progress=lambda done, every: watch.rows(done, done / every))
    if output is not None:
        _write(report, Path(output))
    if map_ is not None:
        _draw(report, checker, map_)
    if shape == "json":
        echo_json(_document(report))
    else:
        _show(report)


def _write(report: RecheckReport, path: Path) -> None:
    from qpv_geo.register.tabulated import changed_row, write_csv  # noqa: PLC0415 - needed for this option only

    if path.suffix.lower() == ".csv":
        write_csv(path, msg.register.RECHECK_COLUMNS, map(changed_row, report.changed))
    else:
        from qpv_geo.reports.register_workbook import write_recheck  # noqa: PLC0415

        write_recheck(path, report)
    tell_written(str(path))


def _draw(report: RecheckReport, checker: Checker, path: str) -> None:
    """Write the map, on the perimeters that answered before and those that answer now."""
    from qpv_geo import maps  # noqa: PLC0415 - needed for this option only
    from qpv_geo.perimeters.read import combine  # noqa: PLC0415

    known = dict.fromkeys(one.before.generation for one in report.changed)
    known |= dict.fromkeys(one.after.generation for one in report.changed)
    generations = sorted(one for one in known if one is not None)
    sets = [combine(checker.catalogue.sets_of(checker.catalogue.generation(one))) for one in generations[-2:]]
    write_whole(Path(path), maps.recheck_map(report, sets, offline=True).html.encode(), mode=PRIVATE)
    tell_written(path)


def _document(report: RecheckReport) -> dict[str, object]:
    from qpv_geo.register.documents import case_document  # noqa: PLC0415 - sqlalchemy is an extra

    changed = [
        {"change": one.change, "check": case_document(one.case), "before": vars(one.before), "after": vars(one.after)}
        for one in report.changed
    ]
    return {"counts": report.counts, "purged": report.purged, "changed": changed, "basis": report.basis}


def _show(report: RecheckReport) -> None:
    echo_paragraph(msg.register.counted(report.counts), indent="")
    if report.purged:
        echo(msg.register.purged_checks(report.purged))
    if report.counts and not report.changed:
        echo(msg.register.NOTHING_CHANGED)
    for one in report.changed[:_LISTED]:
        _show_changed(one)
    if len(report.changed) > _LISTED:
        echo_paragraph(msg.register.and_others(len(report.changed) - _LISTED))
    echo()
    echo_paragraph(msg.verdicts.NOTICE)


def _show_changed(one: Changed) -> None:
    echo(style(msg.register.CHANGE[one.change], fg=_COLOURS.get(one.change, "yellow"), bold=True))
    case = one.case.check.document.get("case")
    told = [msg.register.answer(each.status, each.name, each.distance_m) for each in (one.before, one.after)]
    what = f", {msg.register.case(case)}" if case else ""
    echo_paragraph(msg.register.changed(one.case.check.sequence, what, *told))
    if one.after.status is None:
        echo_paragraph(one.after.message or "")

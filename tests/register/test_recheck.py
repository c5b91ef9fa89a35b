"""A recheck tells what changed, for whom and by how far; it goes on where it was stopped, and rewrites nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import openpyxl
import pytest
from geocoding.written import Commune, ban, write

from qpv_geo import load_perimeters
from qpv_geo.eligibility.check import Checker, default_checker
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.maps.shapes import inner_point
from qpv_geo.register import recheck as module
from qpv_geo.register.audit import audit
from qpv_geo.register.changes import AnswerChange, KeptAnswer, change_of
from qpv_geo.register.decisions import decide
from qpv_geo.register.drafts import Labels
from qpv_geo.register.recheck import RecheckOptions, recheck
from qpv_geo.settings import Settings

PIECES = [(3.00409, 50.60919), (3.01104, 50.60960)]
"""In the two pieces that the redraw of 2024 added to Les Oliveaux, by ../shared/README.md."""
COLLEGE = (3.00671, 50.60889)
"""In both generations of Les Oliveaux, by ../shared/README.md."""

INSIDE = KeptAnswer("inside", "clear", "QN99901N", "Carré", -50.0, "qpv-2024", {"pic-loos": "place_ok"})
OUTSIDE = KeptAnswer("outside", "clear", None, None, 50.0, "qpv-2024", {})
DOUBT = KeptAnswer("uncertain", "near_boundary", "QN99901N", "Carré", -1.0, "qpv-2024", {})
NOWHERE = KeptAnswer("not_located", "no_match", None, None, None, None, {})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (INSIDE, INSIDE, AnswerChange.UNCHANGED),
        (OUTSIDE, INSIDE, AnswerChange.ENTERING),
        (INSIDE, OUTSIDE, AnswerChange.LEAVING),
        (INSIDE, replace(INSIDE, code="QN99902N"), AnswerChange.MOVED),
        (INSIDE, DOUBT, AnswerChange.BECAME_UNCERTAIN),
        (OUTSIDE, NOWHERE, AnswerChange.BECAME_UNCERTAIN),
        (DOUBT, OUTSIDE, AnswerChange.BECAME_FIRM),
        (NOWHERE, INSIDE, AnswerChange.BECAME_FIRM),
        (NOWHERE, DOUBT, AnswerChange.LOCATED),
        (DOUBT, NOWHERE, AnswerChange.LOCATED),
        (INSIDE, replace(INSIDE, outcomes={"pic-loos": "eligible"}), AnswerChange.SCHEME),
        (OUTSIDE, replace(OUTSIDE, distance_m=60.0), AnswerChange.UNCHANGED),
        (OUTSIDE, replace(OUTSIDE, distance_m=60.1), AnswerChange.DISTANCE),
        (OUTSIDE, replace(OUTSIDE, distance_m=None), AnswerChange.UNCHANGED),
        (OUTSIDE, KeptAnswer(None, None, None, None, None, None, {}, "…"), AnswerChange.FAILED),
    ],
)
def test_the_table_of_changes(before, after, expected):
    assert change_of(before, after, same=lambda one, other: one == other, distance_m=10.0) is expected


def keep(register, checker, points, on, **options):
    verdicts = [checker.check(lon=lon, lat=lat, on=on, **options) for lon, lat in points]
    return register.keep([(one.to_dict(), Labels(case=f"A-{k}")) for k, one in enumerate(verdicts, 1)])


@pytest.fixture
def kept_in_2023(register, with_2015):  # noqa: ARG001 - the perimeters of 2015 are installed
    """Checks of 2023 under the perimeters of 2015: the two pieces added since, and the collège."""
    found = keep(register, default_checker(), [*PIECES, COLLEGE], "2023-06-01")
    assert [one.status for one in found] == ["outside", "outside", "inside"]
    return register


def test_the_added_pieces_of_les_oliveaux_are_entering(kept_in_2023):
    report = recheck(kept_in_2023, default_checker(), RecheckOptions(generation="qpv-2024", distance_m=1_000.0))
    assert report.counts == {"unchanged": 1, "entering": 2}
    assert [(one.case.check.sequence, one.change) for one in report.changed] == [(1, "entering"), (2, "entering")]
    for one in report.changed:
        assert (one.before.generation, one.after.generation) == ("qpv-2015", "qpv-2024")
        assert (one.before.code, one.after.code) == (None, "QN05975M")
        assert one.before.distance_m > 0 > one.after.distance_m


def test_for_a_past_date_the_generation_then_in_force_still_answers(kept_in_2023):
    assert recheck(kept_in_2023, default_checker()).counts == {"unchanged": 3}
    assert [one.status for one in kept_in_2023.checks()] == ["outside", "outside", "inside"]


def test_a_quartier_redrawn_under_another_code_has_not_moved(kept_in_2023):
    """QP059077 became QN05975M: the collège is in the same quartier, farther from its limit."""
    options = RecheckOptions(generation="qpv-2024", distance_m=1.0)
    [last] = recheck(kept_in_2023, default_checker(), options).changed[2:]
    assert (last.change, last.before.code, last.after.code) == ("distance", "QP059077", "QN05975M")


def test_the_report_of_les_oliveaux_as_text_workbook_and_map(kept_in_2023, qpv, tmp_path):
    decide(kept_in_2023, "1", status="inside", reason="Dans le plan de 2024", by="Mme Essai")
    command = ("register", "recheck", "--generation", "qpv-2024", "--distance", "1000")
    answer = qpv(*command, "-o", tmp_path / "changements.xlsx", "--map", tmp_path / "changements.html")
    assert answer.code == 0, answer.err
    said = answer.out.replace("\u00a0", " ")
    assert "inchangée : 1 ; entre en QPV : 2" in said
    assert "n° 1, dossier A-1 : hors QPV" in said
    rows = list(openpyxl.load_workbook(tmp_path / "changements.xlsx")["Changements"].values)
    header = next(row for row in rows if row[0] == "changement")
    found = [dict(zip(header, row, strict=True)) for row in rows[rows.index(header) + 1 :]]
    assert [(one["changement"], one["dossier"], one["statut décidé"]) for one in found] == [
        ("entre en QPV", "A-1", "en QPV"),
        ("entre en QPV", "A-2", None),
    ]
    assert all(one["écart_m"] == one["distance_m après"] - one["distance_m avant"] < 0 for one in found)
    page = (tmp_path / "changements.html").read_text(encoding="utf-8")
    assert all(said in page for said in ("entre en QPV", "A-1", "A-2", "Les Oliveaux"))
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("changements.*")} == {0o600}
    assert "Les Oliveaux (QN05975M)" in qpv("register", "show", "2").out.split("Recalcul")[1]
    told = json.loads(qpv(*command, "--format", "json").out)
    assert [one["change"] for one in told["changed"]] == ["entering", "entering"]


@pytest.fixture
def many(register):
    """Checks around Les Oliveaux, under thresholds that make an answer firm at half."""
    lax = Settings(inside_min_share=0.51, outside_max_share=0.49)
    points = [(3.0020 + 0.0004 * k, 50.6060 + 0.0002 * (k % 7)) for k in range(25)]
    keep(register, Checker(lax), points, "2024-06-01", accuracy_m=30.0)
    return register


def test_what_became_uncertain_and_firm(many):
    report = recheck(many, default_checker())
    assert set(report.counts) == {"unchanged", "became_uncertain"}
    for one in report.changed:
        assert (one.before.status in {"inside", "outside"}, one.after.status) == (True, "uncertain")
    assert audit(many).fault is None


def test_a_recheck_under_the_same_data_has_nothing_left_to_do(many, records):
    first, head = recheck(many, default_checker()), many.head()
    again = recheck(many, default_checker())
    assert (again, many.head()) == (first, head)
    many.keep([(records[0], Labels())])
    third = recheck(many, default_checker())
    assert sum(third.counts.values()) == sum(first.counts.values()) + 1
    assert third.changed == first.changed


class StoppedError(Exception):
    pass


def test_a_stopped_recheck_goes_on_where_it_was(many, records):
    expected = recheck(many, default_checker()).counts
    seen = []

    def stop(done, every):
        seen.append((done, every))
        raise StoppedError

    options = RecheckOptions(distance_m=20.0)  # another basis: everything is to be computed again
    many.keep([(records[0], Labels())] * module.BLOCK)
    with pytest.raises(StoppedError):
        recheck(many, default_checker(), options, progress=stop)
    assert seen == [(module.BLOCK, module.BLOCK + 25)]
    left = []
    report = recheck(many, default_checker(), options, progress=lambda done, _every: left.append(done))
    assert left == [25]
    assert report.counts["became_uncertain"] == expected["became_uncertain"]
    assert sum(report.counts.values()) == module.BLOCK + 25


def test_superseded_and_purged_checks_are_left_out(many, records, clock):
    changed = recheck(many, default_checker()).changed
    number = changed[0].case.check.sequence
    many.keep([(records[0], Labels(supersedes=number, reason="Point corrigé"))])
    assert [one.case.check.sequence for one in recheck(many, default_checker()).changed] == [
        one.case.check.sequence for one in changed[1:]
    ]
    clock.now = clock.now.replace(day=clock.now.day + 1)
    many.purge(clock.now.date())
    report = recheck(many, default_checker(), RecheckOptions(distance_m=5.0))
    assert (report.counts, report.purged, report.changed) == ({}, 25, [])


def test_addresses_are_searched_again_on_request(qpv, home, tmp_path, register):
    perimeters = load_perimeters("qpv-2024")
    deep = inner_point(perimeters.geometry[perimeters.codes.index("QN05975M")])
    loos = Commune("59360", "59120", "Loos")
    store = AddressStore(home)
    store.import_file(write(tmp_path / "adresses-59.csv", [ban(1, "Rue de l'Essai", loos, at=(3.0200, 50.6150))]))
    ask = ("check", "1 rue de l'Essai 59120 Loos", "--offline", "--on", "2024-06-01", "--save")
    assert qpv(*ask).code == 0
    store.import_file(write(tmp_path / "adresses-59.csv", [ban(1, "Rue de l'Essai", loos, at=deep)]))
    assert recheck(register, default_checker()).counts == {"unchanged": 1}
    [one] = recheck(register, default_checker(), RecheckOptions(addresses=True)).changed
    assert (one.before.status, one.change) == ("outside", "entering")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--generation", "qpv-1999"), "qpv-1999"),
        (("-o", "rapport.pdf"), "rapport.pdf"),
        (("--map", "carte.pdf"), "carte.pdf"),
        (("--distance", "-1"), "-1"),
    ],
)
def test_what_cannot_be_rechecked_is_told(many, qpv, options, told):  # noqa: ARG001 - there is a register
    answer = qpv("register", "recheck", *options)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert told in answer.err


def test_without_the_perimeters_of_then_nothing_is_told_unchanged(kept_in_2023, with_2015, qpv):
    [dataset] = with_2015.store.ids()
    with_2015.store.remove(dataset)
    report = recheck(kept_in_2023, default_checker())
    assert report.counts == {"failed": 3}
    assert all("qpv-2015" in one.after.message for one in report.changed)
    shown = qpv("register", "show", "1")
    assert shown.code == 0, shown.err
    assert all(said in shown.out for said in ("impossible à recalculer", "sans réponse", "qpv-2015"))

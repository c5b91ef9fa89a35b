"""`qpv batch --save` keeps each row that has an answer, once, even where the run is killed and resumes."""

from __future__ import annotations

import json
import signal
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from geocoding.written import Commune, ban, write

from qpv_geo.geocoding.store import AddressStore
from qpv_geo.register.audit import audit
from qpv_geo.register.filters import Filters

LOOS = Commune("59360", "59120", "Loos")
INSIDE, OUTSIDE = (3.00671, 50.60889), (3.02, 50.615)
OPTIONS = ("--offline", "--scheme", "pic-loos", "--save", "--case-column", "dossier", "--service", "Habitat")

CASES = ("A-1", "A-2", "A-3", None)


@pytest.fixture
def source(tmp_path, home):
    """Rows located by a point, by an address, by nothing, and one that cannot be read, on two dates."""
    rows = [ban(1, "Rue de l'Essai", LOOS, at=INSIDE), ban(2, "Rue de l'Essai", LOOS, at=OUTSIDE)]
    AddressStore(home).import_file(write(tmp_path / "adresses-59.csv", rows))
    lines = [
        "dossier;lon;lat;adresse;jour",
        f"A-1;{INSIDE[0]};{INSIDE[1]};;2024-06-01",
        "A-2;;;1 rue de l'Essai 59120 Loos;2024-06-02",
        "A-3;;;2 rue de l'Essai 59120 Loos;2024-06-01",
        "A-4;;;;2024-06-01",
        "A-5;3000;50;;2024-06-01",
        f";{OUTSIDE[0]};{OUTSIDE[1]};;2024-06-01",
    ]
    path = tmp_path / "demandes.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def command(source, output):
    columns = ("--lon-column", "lon", "--lat-column", "lat", "--address-column", "adresse", "--date-column", "jour")
    return ("batch", source, "-o", output, *columns, *OPTIONS)


def kept(register):
    assert audit(register).fault is None
    return [one.check for one in register.cases(Filters())]


def test_each_row_with_an_answer_is_kept_with_its_case(source, tmp_path, qpv, register):
    answer = qpv(*command(source, tmp_path / "sortie.csv"))
    assert answer.code == 0, answer.err
    assert "4 vérifications enregistrées dans le registre" in answer.err
    found = kept(register)
    assert [one.document.get("case") for one in found] == ["A-1", "A-2", "A-3", None]
    assert [one.status for one in found] == ["inside", "uncertain", "outside", "outside"]
    assert [one.day for one in found] == ["2024-06-01", "2024-06-02", "2024-06-01", "2024-06-01"]
    assert {one.document["service"] for one in found} == {"Habitat"}
    assert [one.outcomes["pic-loos"] for one in found] == ["place_ok", "to_review", "not_eligible", "not_eligible"]


def test_what_is_kept_of_a_row_is_the_record_of_a_check(source, tmp_path, qpv, register):
    qpv(*command(source, tmp_path / "sortie.csv"))
    checks = [
        ("--lon", INSIDE[0], "--lat", INSIDE[1], "--on", "2024-06-01"),
        ("1 rue de l'Essai 59120 Loos", "--offline", "--on", "2024-06-02"),
    ]
    for entry, arguments in zip(kept(register), checks, strict=False):
        alone = json.loads(qpv("check", *arguments, "--scheme", "pic-loos", "--format", "json").out)
        assert entry.document["record"]["evidence"]["digest"] == alone["evidence"]["digest"]


def killed_runs(source, tmp_path, forked, qpv, every):
    """Kill runs at every so many of their steps, then resume each; return how many runs there were."""
    output, runs = tmp_path / "sortie.csv", 0
    while True:
        runs += 1
        code = forked.run(*command(source, output), killed_at=1 + every * (runs - 1)).code
        if code == 0:
            return runs
        assert code == -signal.SIGKILL
        assert qpv(*command(source, output)).code == 0
        output.unlink()


def test_a_run_killed_at_any_step_keeps_each_row_once(source, tmp_path, forked, qpv, register):
    runs = killed_runs(source, tmp_path, forked, qpv, 17)
    assert runs > 3
    assert Counter(one.document.get("case") for one in kept(register)) == dict.fromkeys(
        ("A-1", "A-2", "A-3", None), runs
    )


@pytest.mark.long
def test_a_run_killed_at_every_step_keeps_each_row_once(source, tmp_path, forked, qpv, register):
    runs = killed_runs(source, tmp_path, forked, qpv, 1)
    assert runs > 50
    assert Counter(one.document.get("case") for one in kept(register)) == dict.fromkeys(
        ("A-1", "A-2", "A-3", None), runs
    )


@pytest.fixture
def folder(tmp_path, home):  # noqa: ARG001 - the embedded perimeters alone
    for k in range(3):
        path = tmp_path / "listes" / str(2023 + k) / "a.parquet"
        path.parent.mkdir(parents=True)
        table = {"lon": [INSIDE[0], OUTSIDE[0]], "lat": [INSIDE[1], OUTSIDE[1]], "dossier": [f"{k}-1", f"{k}-2"]}
        pq.write_table(pa.table(table), path)
    return tmp_path / "listes"


def of_folder(folder, output):
    points = ("--lon-column", "lon", "--lat-column", "lat", "--on", "2024-06-01", "--format", "json")
    return ("batch", folder, "-o", output, *points, "--save", "--case-column", "dossier")


EACH = [f"{k}-{row}" for k in range(3) for row in (1, 2)]


def test_each_row_of_a_folder_is_kept(folder, tmp_path, qpv, register):
    answer = qpv(*of_folder(folder, tmp_path / "reponses"))
    assert answer.code == 0, answer.err
    assert "6 vérifications enregistrées dans le registre" in answer.err
    assert [one.document["case"] for one in kept(register)] == EACH


def killed_folder_runs(folder, tmp_path, forked, qpv, every):
    """Kill runs at every so many of their steps, then resume each; return how many runs there were."""
    runs = 0
    while True:
        command = of_folder(folder, tmp_path / f"reponses-{runs}")
        code = forked.run(*command, killed_at=1 + every * runs).code
        runs += 1
        if code == 0:
            return runs
        assert code == -signal.SIGKILL
        assert qpv(*command).code == 0


def test_a_run_over_a_folder_killed_at_any_step_keeps_each_row_once(folder, tmp_path, forked, qpv, register):
    runs = killed_folder_runs(folder, tmp_path, forked, qpv, 41)
    assert runs > 3
    assert Counter(one.document["case"] for one in kept(register)) == dict.fromkeys(EACH, runs)


@pytest.mark.long
def test_a_run_over_a_folder_killed_at_every_few_steps_keeps_each_row_once(folder, tmp_path, forked, qpv, register):
    runs = killed_folder_runs(folder, tmp_path, forked, qpv, 3)
    assert runs > 30
    assert Counter(one.document["case"] for one in kept(register)) == dict.fromkeys(EACH, runs)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--case-column", "dossier"), "--case-column sans --save"),
        (("--save", "--perimeters", "qpv-2024"), "--perimeters"),
    ],
)
def test_what_cannot_be_kept_is_told(source, tmp_path, qpv, options, told):
    answer = qpv("batch", source, "-o", tmp_path / "sortie.csv", *options)
    assert answer.code == 2
    assert told in answer.err.splitlines()[-1]

"""Schemes asked of a whole table: what a single check gives, row by row, in every format, and after a stop."""

from __future__ import annotations

import json
import random
import signal

import openpyxl
import pytest
from batch_files import INSIDE, ON, OUTSIDE, read_csv, read_rows, write_csv, write_points
from geocoding.written import Commune, ban, write

from qpv_geo.geocoding.store import AddressStore
from qpv_geo.messages.reports import OUTCOME
from qpv_geo.schemes.load import SHIPPED

STOPPED_AT = 25
"""A step of a run, once its journal says what it is about."""

ASKED = ("pic-loos", "tfpb-1388-bis", "contrat-de-ville", "emplois-francs", "tva-accession", "cfe-qpv", "fiq-poitiers")
OPTIONS = tuple(part for one in ASKED for part in ("--scheme", one))
LOOS = Commune("59360", "59120", "Loos")
POITIERS = (0.3404, 46.5802)


def single(qpv, scheme, *asked):
    """The outcome of a scheme for one question at the command line."""
    answer = qpv("check", *asked, "--scheme", scheme, "--format", "json")
    assert answer.code == 0, answer.err
    return OUTCOME[json.loads(answer.out)["schemes"][0]["outcome"]]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_each_row_has_the_outcome_of_a_single_check(suffix, tmp_path, qpv):
    places = [INSIDE, OUTSIDE, POITIERS, (2.9995, 50.6069), INSIDE]
    source, output = write_points(tmp_path / "points.csv", *places), tmp_path / f"sortie{suffix}"
    assert qpv("batch", source, "-o", output, "--on", ON, *OPTIONS).code == 0
    rows = read_rows(output)
    for scheme in ASKED:
        expected = [single(qpv, scheme, "--lon", lon, "--lat", lat, "--on", ON) for lon, lat in places]
        assert [row[f"dispositif_{scheme}"] for row in rows] == expected
    assert {row["dispositif_pic-loos"] for row in rows} >= {"lieu conforme", "non éligible"}


def test_addresses_are_answered_from_what_was_found(home, tmp_path, qpv):
    rows = [ban(3, "Rue de l'Essai", LOOS, at=INSIDE), ban(5, "Rue du Test", LOOS, at=(2.9, 50.7))]
    AddressStore(home).import_file(write(tmp_path / "adresses-59.csv", rows))
    wanted = ["3 rue de l'Essai 59120 Loos", "5 rue du Test 59120 Loos", "rue Inconnue 59120 Loos"]
    source = write_csv(tmp_path / "a.csv", ("adresse",), *((one,) for one in wanted))
    output = tmp_path / "b.csv"
    assert qpv("batch", source, "-o", output, "--on", ON, "--offline", *OPTIONS).code == 0
    for scheme in ASKED:
        expected = [single(qpv, scheme, one, "--on", ON, "--offline") for one in wanted]
        assert [found[f"dispositif_{scheme}"] for found in read_csv(output)] == expected


def test_sites_and_dates_of_their_own(tmp_path, qpv):
    def feature(x, day):
        ring = [[x, 50.608], [x + 0.001, 50.608], [x + 0.001, 50.609], [x, 50.609], [x, 50.608]]
        return {
            "type": "Feature",
            "properties": {"jour": day},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }

    source = tmp_path / "sites.geojson"
    days = ("2024-06-01", "2025-02-01", "2030-01-01")
    features = [feature(x, day) for x in (3.006, 2.95) for day in days]
    source.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    output = tmp_path / "sortie.geojson"
    assert qpv("batch", source, "-o", output, "--date-column", "jour", *OPTIONS).code == 0
    for scheme in ASKED:
        expected = []
        for one in features:
            site = tmp_path / "site.geojson"
            site.write_text(json.dumps(one["geometry"]), encoding="utf-8")
            expected.append(single(qpv, scheme, "--site", site, "--on", one["properties"]["jour"]))
        assert [found[f"dispositif_{scheme}"] for found in read_rows(output)] == expected


def test_a_row_without_an_answer_has_an_empty_cell(tmp_path, qpv):
    source = write_csv(
        tmp_path / "a.csv",
        ("lon", "lat", "jour"),
        (*INSIDE, "2024-06-01"),
        ("", "", "2024-06-01"),
        ("abc", "50", "2024-06-01"),
        (*INSIDE, "hier"),
        (*INSIDE, "2019-06-01"),
    )
    output = tmp_path / "b.csv"
    assert qpv("batch", source, "-o", output, "--date-column", "jour", "--scheme", "pic-loos").code == 0
    rows = read_csv(output)
    assert [row["dispositif_pic-loos"] for row in rows] == ["lieu conforme", "", "", "", ""]
    assert [row["qpv_reason"] for row in rows[1:]] == ["empty", "bad_input", "bad_input", "missing_perimeters"]


def test_amounts_are_compared_with_the_cap(tmp_path, qpv):
    written = ["1 500,00 €", "1500,01", "", "beaucoup", "-5"]
    source = write_csv(tmp_path / "a.csv", ("lon", "lat", "Montant demandé"), *((*INSIDE, one) for one in written))
    output = tmp_path / "b.csv"
    options = ("--on", ON, "--scheme", "pic-loos", "--amount-column", "montant demande")
    answer = qpv("batch", source, "-o", output, *options)
    assert answer.code == 0
    assert "montant : « Montant demandé »" in answer.err
    rows = read_csv(output)
    assert [row["dispositif_pic-loos"] for row in rows] == ["lieu conforme", "non éligible", "lieu conforme", "", ""]
    assert [row["qpv_reason"] for row in rows[3:]] == ["bad_input", "bad_input"]
    assert "« beaucoup »" in rows[3]["qpv_message"]


def test_amounts_of_a_workbook_are_numbers(tmp_path, qpv):
    book = openpyxl.Workbook()
    for cells in (["lon", "lat", "montant"], [*INSIDE, 1500], [*INSIDE, 1500.01], [*INSIDE, None]):
        book.active.append(cells)
    book.save(tmp_path / "a.xlsx")
    output = tmp_path / "b.xlsx"
    options = ("--on", ON, "--scheme", "pic-loos", "--amount-column", "montant")
    assert qpv("batch", tmp_path / "a.xlsx", "-o", output, *options).code == 0
    found = [row["dispositif_pic-loos"] for row in read_rows(output)]
    assert found == ["lieu conforme", "non éligible", "lieu conforme"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--scheme", "inconnu"), "inconnu"),
        (("--scheme", "pic-loos", "--perimeters", "qpv-2024"), "--perimeters"),
        (("--amount-column", "id"), "--scheme"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_the_rows(options, told, tmp_path, qpv):
    source = write_points(tmp_path / "points.csv", INSIDE)
    answer = qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, *options)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert told in answer.err
    assert not (tmp_path / "b.csv").exists()


def test_columns_of_a_former_run_are_replaced_on_demand_only(tmp_path, qpv):
    source, once, twice = write_points(tmp_path / "a.csv", INSIDE), tmp_path / "b.csv", tmp_path / "c.csv"
    options = ("--on", ON, "--scheme", "pic-loos", "--scheme", "pic-loos")
    assert qpv("batch", source, "-o", once, *options).code == 0
    assert "dispositif_pic-loos" in qpv("batch", once, "-o", twice, *options).err
    assert qpv("batch", once, "-o", twice, *options, "--replace-columns").code == 0
    assert twice.read_bytes() == once.read_bytes()


# ── A run that is stopped ────────────────────────────────────────────────────────────────────────────────────


def many_points(path):
    chance = random.Random(7)
    places = [(round(chance.uniform(2.985, 3.035), 6), round(chance.uniform(50.593, 50.622), 6)) for _ in range(60)]
    return write_points(path, *places)


def kill_and_resume(suffix, tmp_path, forked, qpv, which):
    source = many_points(tmp_path / "points.csv")
    (tmp_path / "a").mkdir()
    undisturbed, output = tmp_path / "a" / f"sortie{suffix}", tmp_path / f"sortie{suffix}"
    command = ("batch", source, "--on", ON, "--scheme", "pic-loos", "--scheme", "tfpb-1388-bis", "-o")
    steps = forked.steps(*command, undisturbed)
    assert steps > 20
    for step in which(steps):
        assert forked.run(*command, output, killed_at=step).code == -signal.SIGKILL, step
        assert qpv(*command, output).code == 0
        assert output.read_bytes() == undisturbed.read_bytes()
        output.unlink()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_run_killed_at_any_step_ends_as_an_undisturbed_one(suffix, tmp_path, forked, qpv):
    kill_and_resume(suffix, tmp_path, forked, qpv, lambda steps: [steps // 3, 2 * steps // 3, steps - 1])


@pytest.mark.long
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_run_killed_at_every_step_ends_as_an_undisturbed_one(suffix, tmp_path, forked, qpv):
    kill_and_resume(suffix, tmp_path, forked, qpv, lambda steps: range(1, steps + 1))


@pytest.mark.parametrize("change", ["schemes", "list", "file"])
def test_a_run_is_not_resumed_with_other_schemes(change, home, tmp_path, forked, qpv):
    own = home / "schemes" / "essai.toml"
    own.parent.mkdir(parents=True)
    text = (SHIPPED / "pic-loos.toml").read_text(encoding="utf-8").replace('id = "pic-loos"', 'id = "essai"', 1)
    own.write_text(text, encoding="utf-8")
    source, output = many_points(tmp_path / "points.csv"), tmp_path / "sortie.csv"
    options = ["--on", ON, "--scheme", "essai"]
    stopped = forked.run("batch", source, "-o", output, *options, killed_at=STOPPED_AT)
    assert stopped.code == -signal.SIGKILL
    if change == "schemes":
        options += ["--scheme", "pic-loos"]
    elif change == "list":
        (home / "npnru.csv").write_text("code_qp,level,convention,source\n", encoding="utf-8")
    else:
        own.write_text(f"{text}\n# autre\n", encoding="utf-8")
    answer = qpv("batch", source, "-o", output, *options)
    assert answer.code == 2
    assert "les options" in answer.err if change == "schemes" else "les dispositifs" in answer.err
    assert qpv("batch", source, "-o", output, *options, "--restart").code == 0

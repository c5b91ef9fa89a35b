"""Money and addresses that are not firm: never summed into a QPV, never drawn where another address is."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from fake_geocoder import offline_index, row
from synthetic import perimeters, square

from qpv_geo import load_perimeters
from qpv_geo.eligibility.check import default_checker
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.maps.marks import told
from qpv_geo.maps.placing import Part, place
from qpv_geo.projects import read_projects
from qpv_geo.projects.judged import judge
from qpv_geo.settings import load_settings

pytestmark = pytest.mark.usefixtures("index", "socket_disabled")

TABLE = """id;intitulé;montant;adresse;commune;code_qp
dedans;Essai;1;1 rue des Carrés;Essai;
dehors;Essai;2;90 rue des Carrés;Essai;
numéro;Essai;4;7 rue des Carrés;Essai;
rue;Essai;8;1 rue des Tulipes;Essai;
ressemblante;Essai;16;mairie des Carrés;Essai;
ville;Essai;32;3 rue des Carrés;;
commune;Essai;64;Poitiers;;
ailleurs;Essai;128;1 rue des Carrés;Lyon;
déclaré;Essai;256;7 rue des Carrés;Essai;QN05975M
"""
NOT_FIRM = {"numéro", "rue", "ressemblante", "ville", "commune", "ailleurs", "déclaré"}


@pytest.fixture
def index(catalogue, home):
    """A square of perimeter, and an index whose street is inside but for its last number."""
    catalogue.store.install(perimeters(square(0, 0, 400)))
    return offline_index(home, *(row(100 + 10 * n, 200, n) for n in (1, 3, 5)), row(2_000, 200, 90))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "projets.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_an_address_that_is_not_firm_is_summed_on_a_line_of_its_own(qpv, table):
    answer = json.loads(qpv("projects", "summary", table, "--by", "qpv", "--offline", "--format", "json").out)
    assert {(line["kind"], line["code"]): (line["amount"], set(line["projects"])) for line in answer["lines"]} == {
        ("group", "QN99901N"): ("1.00", {"dedans"}),
        ("outside", None): ("2.00", {"dehors"}),
        ("to_review", None): ("508.00", NOT_FIRM),
    }
    assert answer["total"] == "511.00"


def test_each_project_says_what_was_asked_and_what_was_found(qpv, table):
    answer = qpv("projects", "check", table, "--offline", "--format", "json")
    checked = {one["id"]: one for one in json.loads(answer.out)["projects"]}
    assert {key for key, one in checked.items() if one["status"] in {"inside", "outside"}} == {"dedans", "dehors"}
    assert {key for key, one in checked.items() if one["codes"]} == {"dedans"}
    assert checked["numéro"]["verdict"]["location"]["match"]["number"] == "different"
    assert checked["ailleurs"]["verdict"]["reason"] == "missing_addresses"
    text = qpv("projects", "check", table, "--offline", "--details").out.replace("\u00a0", " ")
    assert (
        "  Demandé             7 rue des Carrés, Essai\n"
        "  Trouvé              Rue des Carrés 99990 Essai\n"
        "                      numéro : différent ; rue : identique ; commune : identique\n"
    ) in text
    assert "  À transmettre à l’administrateur : qpv addresses fetch 69\n" in text


def test_a_map_draws_and_sums_what_is_firm_alone(table):
    projects, drawn, checker = read_projects(table), load_perimeters("qpv-2024"), default_checker()
    judged = judge(projects, drawn, checker=checker, geocoder=geocoder_of(load_settings(), offline=True))
    placing = place(projects, drawn, judged)
    assert {one.id for one in placing.located} == {"dedans", "dehors"}
    assert placing.gathered == ()
    assert {part.project.id for one in placing.elsewhere for part in one.parts} == NOT_FIRM
    assert placing.total_elsewhere == Decimal(508)
    amounts = {line.code: line.amount for line in placing.by_perimeter.lines if line.code is not None}
    assert amounts == {"QN99901N": Decimal(1)}
    unknown = next(one for one in projects.projects if one.id == "numéro")
    assert ("Motif", "adresse reconnue sans certitude") in told(Part(unknown, None), judged["numéro"])["lines"]

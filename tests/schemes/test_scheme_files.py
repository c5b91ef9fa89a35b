"""Schemes as files: one more fund is one more file, and a wrong one is refused with its line."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from synthetic import degrees, perimeters, point, square

from qpv_geo.cli import main
from qpv_geo.cli.show import show_decision
from qpv_geo.eligibility.check import Checker
from qpv_geo.errors import FormatError, InputError
from qpv_geo.perimeters.registry import registry
from qpv_geo.schemes.evaluate import decide_scheme
from qpv_geo.schemes.load import SHIPPED, find_scheme, load_schemes
from qpv_geo.settings import load_settings

FUND = """\
id = "fonds-essai"
label = "Fonds d'essai"
summary = "Jardins près des carrés."

[date]
counts = "la date du dépôt"
from = 2024-01-01
outside = "fonds créé en 2024"
source = "essai"

[[amounts]]
max_eur = 200
source = "essai"

[[zones]]
id = "autour"
label = "à moins de 50 m d'un carré d'Essai"
kind = "qpv"
relation = "within_distance"
distance_m = 50
communes = [{ insee = "99999", name = "Essai" }]
source = "essai"

[[conditions]]
id = "jardin"
question = "Le projet est-il un jardin ?"
decisive = true
source = "essai"

[[sources]]
id = "essai"
title = "Règlement inventé pour les essais"
url = "https://example.org/reglement"
read_on = 2026-11-22
"""
GARDEN = {"jardin": True}
GENERATIONS = ("qpv-2015", "qpv-2024")
AMOUNT = '[[amounts]]\nmax_eur = 100\nsource = "essai"\n'
CONDITION = '[[conditions]]\nid = "jardin"\nquestion = "Un potager ?"\ndecisive = true\nsource = "essai"\n'
STEP = '[[steps]]\nid = "depot"\ntext = "Le dossier est déposé."\nsource = "essai"\n\n'


@pytest.fixture
def write(home):
    """Write the file of a scheme in the home."""

    def write_file(text, name="fonds-essai"):
        path = home / "schemes" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_file


def find(home, name="fonds-essai"):
    return find_scheme(name, home, generations=GENERATIONS)


def run(command, capsys, *arguments):
    assert main(["schemes", command, *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [
        ((1040, 200, "2024-06-01"), "eligible"),
        ((1060, 200, "2024-06-01"), "not_eligible"),
        ((1040, 201, "2024-06-01"), "not_eligible"),
        ((1040, None, "2024-06-01"), "place_ok"),
        ((1040, 200, "2023-12-31"), "not_eligible"),
        ((3040, 200, "2024-06-01"), "not_eligible"),
        ((5040, 200, "2024-06-01"), "to_review"),
    ],
)
def test_a_new_fund_is_a_new_file(home, write, catalogue, asked, outcome):
    x, amount, on = asked
    squares = perimeters(square(0, 0, 1000), square(2000, 0, 1000), square(4000, 0, 1000), name="qpv-2024")
    catalogue.store.install(replace(squares, insee=("99999", "99998", "")))
    write(FUND)
    decision = decide_scheme(
        find(home), checker=Checker(load_settings()), on=on, amount=amount, answers=GARDEN, **point(x, 500)
    )
    assert decision.outcome == outcome


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [((400, "within"), "to_review"), ((400, "intersects"), "eligible"), ((20, "intersects"), "not_eligible")],
)
def test_a_zone_may_only_have_to_be_touched(home, write, catalogue, asked, outcome):
    size, relation = asked
    catalogue.store.install(perimeters(square(0, 0, 1000), name="qpv-2024"))
    text = FUND.replace('"within_distance"', f'"{relation}"').replace("distance_m = 50\n", "")
    write(text.replace('communes = [{ insee = "99999", name = "Essai" }]\n', ""))
    site = degrees(square(1030 - size / 2 + 70, 400, size))
    decision = decide_scheme(
        find(home), checker=Checker(load_settings()), on="2024-06-01", amount=1, answers=GARDEN, site=site
    )
    assert decision.outcome == outcome


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_may_come_from_a_text_editor_of_windows(home, write, end):
    write(b"\xef\xbb\xbf" + FUND.replace("\n", end).encode())
    assert find(home).label == "Fonds d'essai"


def test_a_new_fund_is_listed_with_those_that_ship(home, write, capsys):
    write(FUND)
    assert len(load_schemes(home, generations=GENERATIONS)) == len(list(SHIPPED.glob("*.toml"))) + 1
    listed = run("list", capsys)
    assert "fonds-essai" in listed
    assert "tva-accession" in listed


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("max_eur = 200", "max_eur = deux cents", (12, "TOML")),
        ("max_eur = 200", 'max_eur = "200"', (12, "max_eur")),
        ("max_eur = 200", "max_eur = -1", (12, "positif")),
        ("max_eur = 200", "max_eur = nan", (12, "positif")),
        ("max_eur = 200", "max_eur = true", (12, "positif")),
        ("max_eur = 200", "plafond = 200", (12, "plafond")),
        ("from = 2024-01-01", 'from = "2024-01-01"', (7, "date")),
        ("from = 2024-01-01", "from = 2024-01-01\nto = 2023-01-01", (8, "précède")),
        ('source = "essai"\n\n[[amounts]]', "\n[[amounts]]", (5, "source")),
        ('"within_distance"', '"proche"', (19, "within_distance")),
        ("distance_m = 50\n", "", (19, "distance_m")),
        ("distance_m = 50", "distance_m = 0", (20, "distance_m")),
        ("distance_m = 50", "distance_m = 50_000", (20, "10")),
        ("distance_m = 50", "distance_m = 50\npartly_within_m = 30", (21, "partly_within_m")),
        ('"within_distance"', '"within"', (20, "distance_m")),
        ('insee = "99999"', 'insee = "Essai"', (21, "INSEE")),
        ('insee = "99999"', 'insee = "99999", box = [3, 50, 2, 51]', (21, "ouest")),
        ('name = "Essai" }]', 'name = "Essai" }]\nrequires = ["jardinier"]', (22, "jardinier")),
        ('name = "Essai" }]', 'name = "Essai" }]\ngeneration = "qpv-2035"', (22, "qpv-2035")),
        ("decisive = true", 'decisive = "non"', (27, "decisive")),
        ("decisive = true\n", "", (24, "decisive")),
        ("read_on = 2026-11-22\n", "", (30, "read_on")),
        ('title = "Règlement', 'titre = "Règlement', (30, "title")),
        ('label = "Fonds d\'essai"', 'label = " "', (2, "label")),
        ('id = "fonds-essai"', 'id = "autre-fonds"', (1, "autre-fonds")),
        ('id = "fonds-essai"', 'id = "Fonds Essai"', (1, "minuscules")),
        ('"Le projet est-il un jardin ?"', '"Le projet est un jardin."', (26, "point d’interrogation")),
        (
            "decisive = true",
            "decisive = true\ntext = 'un jardin'",
            (28, "clés possibles : « article », « decisive », « from »"),
        ),
        ("decisive = true", "decisive = true\nknown_by = 'cadastre'", (28, "npnru")),
        ("decisive = true", "decisive = true\nknown_by = 'npnru'", (28, "requires")),
        ("decisive = true", "decisive = true\nfrom = 2025-01-01\nto = 2024-12-31", (29, "précède")),
        ("max_eur = 200", "max_eur = 200\nfrom = 2025-01-01\nto = 2024-12-31", (14, "précède")),
        ("distance_m = 50", "distance_m = 50\nfrom = 2025-01-01\nto = 2024-12-31", (22, "précède")),
        ("max_eur = 200", "max_eur = 200\ndecisive_if_unknown = true", (13, "« decisive_if_unknown »")),
        ("[[amounts]]", "[amount]", (11, "« amount »")),
        ("[[amounts]]", f"{AMOUNT}from = 2024-06-01\n\n[[amounts]]", (16, "autre montant")),
        ("[[conditions]]", f"{CONDITION}to = 2024-06-01\n\n[[conditions]]", (32, "« jardin »")),
        ('summary = "Jardins près des carrés."', 'summary = "x"\nroad_limit = "trottoir"', (4, "both_sides")),
        ('summary = "Jardins près des carrés."', 'summary = "x"\nreplaces = "ancien"', (4, "liste de textes")),
        ("[[sources]]", f"{STEP}{STEP}[[sources]]", (36, "« depot »")),
        ("[[conditions]]", "[conditions]", (24, "conditions")),
        ("[[sources]]", "[[sources]]\nid = 'essai'\ntitle = 'x'\nread_on = 2026-11-22\n[[sources]]", (35, "deux fois")),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(home, write, old, new, refusal):
    line, says = refusal
    assert old in FUND
    path = write(FUND.replace(old, new, 1))
    with pytest.raises(FormatError) as refused:
        find(home)
    message = str(refused.value)
    assert message.startswith(f"{path}, ligne {line} : ")
    assert says in message.partition(" : ")[2]
    assert " ; " in message
    assert "\n" not in message


def test_the_line_is_that_of_the_section_at_fault(home, write):
    second = '[[zones]]\nid = "loin"\nlabel = "loin"\nkind = "qpv"\nrelation = "loin"\nsource = "essai"\n'
    write(f"{FUND}\n{second}")
    with pytest.raises(FormatError, match=f"ligne {FUND.count(chr(10)) + 6} : .*« loin »"):
        find(home)


@pytest.mark.parametrize("section", ["[date]", "[[zones]]", "[[sources]]"])
def test_a_file_that_lacks_a_section_says_which(home, write, section):
    blocks = [block for block in FUND.split("\n\n") if not block.startswith(section)]
    write("\n\n".join(blocks))
    with pytest.raises(FormatError, match="ligne"):
        find(home)


@pytest.mark.parametrize(
    ("content", "line"), [(FUND.encode("latin-1"), 3), (b"", 1), (b"id = [[[[", 1), (b"[" * 5000, 1)]
)
def test_what_is_no_text_or_no_toml(home, write, content, line):
    write(content)
    with pytest.raises(FormatError, match=f"ligne {line} : "):
        find(home)


def test_a_wrong_file_stops_only_who_asks_for_it(home, write):
    write("rien")
    assert find(home, "tfpb-1388-bis").id == "tfpb-1388-bis"
    with pytest.raises(FormatError):
        load_schemes(home, generations=GENERATIONS)


def test_a_file_never_takes_the_place_of_a_scheme_that_ships(home, write):
    write(FUND.replace("fonds-essai", "pic-loos"), "pic-loos")
    with pytest.raises(FormatError, match="déjà livré"):
        find(home, "pic-loos")


def test_an_unknown_scheme_names_those_that_are_known(home):
    with pytest.raises(InputError, match=r"dispositif inconnu : « fiq » ; .*fiq-poitiers"):
        find(home, "fiq")


# ── The command line ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scheme", [path.stem for path in sorted(SHIPPED.glob("*.toml"))])
def test_every_scheme_is_shown_with_its_sources(capsys, scheme):
    shown = re.sub(r"[ \n]+", " ", run("show", capsys, scheme))
    document = json.loads(run("show", capsys, scheme, "--format", "json"))
    for source in document["sources"]:
        assert source["title"] in shown
        assert source["read_on"] in {"2026-11-29", "2026-11-30"}
        assert re.sub(r"[ \n]+", " ", (source["unread"] or "").strip()) in shown
    for zone in document["zones"]:
        assert zone["label"] in shown
    assert "Résultat indicatif, ne vaut pas attestation réglementaire." in shown
    for question in (*document["conditions"], *(one for zone in document["zones"] for one in zone["requires"])):
        assert question["question"] in shown
    for number, step in enumerate(document["steps"], 1):
        assert f"{number}. {step['id']} : {step['text']}" in shown
    assert "novembre 2026)" in shown


def test_the_days_of_a_fund_are_said_plainly(write, capsys):
    write(FUND.replace("from = 2024-01-01", "from = 2024-01-01\nto = 2024-12-31"))
    assert "du 1er janvier 2024 au 31 décembre 2024" in run("show", capsys, "fonds-essai")


def test_a_kind_is_read_whatever_its_case(home, write):
    write(FUND.replace('kind = "qpv"', 'kind = "QPV"'))
    assert find(home).zones[0].kind == "qpv"


def test_every_key_of_a_file_is_documented_beside_those_that_ship():
    document = (SHIPPED / "README.md").read_text(encoding="utf-8")
    keys = set(
        re.findall(r"^(\w+) = ", "".join(p.read_text(encoding="utf-8") for p in SHIPPED.glob("*.toml")), re.MULTILINE)
    )
    assert {key for key in keys if f"`{key}`" not in document} == set()


def test_the_list_as_json(capsys):
    listed = json.loads(run("list", capsys, "--format", "json"))
    fiq = next(one for one in listed if one["id"] == "fiq-poitiers")
    assert [one["budget_eur"] for one in fiq["amounts"]] == [1_000_000]
    assert fiq["dates"]["start"] == "2024-01-01"
    caps = {one["id"]: each["max_eur"] for one in listed for each in one["amounts"] if each["max_eur"]}
    assert caps == {"pic-loos": 1500, "ftu-loos": 4500}


def test_a_decision_is_shown_with_each_reason_and_its_text(home, capsys):
    decision = decide_scheme(
        find(home, "tfpb-1388-bis"), checker=Checker(load_settings()), on="2026-06-01", lon=3.00671, lat=50.60889
    )
    show_decision(decision)
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith("LIEU CONFORME Abattement de 30 % de taxe foncière")
    assert "Les Oliveaux (QN05975M)" in shown
    assert shown.count("[BOFiP, BOI-IF-TFB-20-30-30, § 1 et 10]") == len(decision.reasons)
    assert shown.endswith("Résultat indicatif, ne vaut pas attestation réglementaire.")


def test_the_generations_that_files_may_name_are_those_of_the_registry():
    assert set(GENERATIONS) == set(registry().generations)

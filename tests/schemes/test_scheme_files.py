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

[amount]
max_eur = 200
decisive_if_unknown = true
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
text = "le projet est un jardin"
decisive = false
source = "essai"

[[sources]]
id = "essai"
title = "Règlement inventé pour les essais"
url = "https://example.org/reglement"
read_on = 2026-11-22
"""
GENERATIONS = ("qpv-2015", "qpv-2024")


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
        ((1040, None, "2024-06-01"), "to_review"),
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
    decision = decide_scheme(find(home), checker=Checker(load_settings()), on=on, amount=amount, **point(x, 500))
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
    decision = decide_scheme(find(home), checker=Checker(load_settings()), on="2024-06-01", amount=1, site=site)
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
    assert "tva-5-5" in listed


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
        ('source = "essai"\n\n[amount]', "\n[amount]", (5, "source")),
        ('"within_distance"', '"proche"', (20, "within_distance")),
        ("distance_m = 50\n", "", (20, "distance_m")),
        ("distance_m = 50", "distance_m = 0", (21, "distance_m")),
        ("distance_m = 50", "distance_m = 50_000", (21, "10")),
        ("distance_m = 50", "distance_m = 50\npartly_within_m = 30", (22, "partly_within_m")),
        ('"within_distance"', '"within"', (21, "distance_m")),
        ('insee = "99999"', 'insee = "Essai"', (22, "INSEE")),
        ('insee = "99999"', 'insee = "99999", box = [3, 50, 2, 51]', (22, "ouest")),
        ('name = "Essai" }]', 'name = "Essai" }]\nrequires = ["jardinier"]', (23, "jardinier")),
        ('name = "Essai" }]', 'name = "Essai" }]\ngeneration = "qpv-2035"', (23, "qpv-2035")),
        ("decisive = false", 'decisive = "non"', (28, "decisive")),
        ("decisive = false\n", "", (25, "decisive")),
        ("read_on = 2026-11-22\n", "", (31, "read_on")),
        ('title = "Règlement', 'titre = "Règlement', (31, "title")),
        ('label = "Fonds d\'essai"', 'label = " "', (2, "label")),
        ('id = "fonds-essai"', 'id = "autre-fonds"', (1, "autre-fonds")),
        ('id = "fonds-essai"', 'id = "Fonds Essai"', (1, "minuscules")),
        ('summary = "Jardins près des carrés."', 'summary = "x"\nplace_decides = false', (4, "décide")),
        ("[[conditions]]", "[conditions]", (25, "conditions")),
        ("[[sources]]", "[[sources]]\nid = 'essai'\ntitle = 'x'\nread_on = 2026-11-22\n[[sources]]", (36, "deux fois")),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(home, write, old, new, refusal):
    line, says = refusal
    assert old in FUND
    path = write(FUND.replace(old, new, 1))
    with pytest.raises(FormatError) as refused:
        find(home)
    message = str(refused.value)
    assert message.startswith(f"{path}, ligne {line} : ")
    assert says in message.partition(" : ")[2]
    assert " ; " in message
    assert "\n" not in message


def test_the_line_is_that_of_the_section_at_fault(home, write):
    second = '[[zones]]\nid = "loin"\nlabel = "loin"\nkind = "qpv"\nrelation = "loin"\nsource = "essai"\n'
    write(f"{FUND}\n{second}")
    with pytest.raises(FormatError, match=f"ligne {FUND.count(chr(10)) + 6} : .*'loin'"):
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
    with pytest.raises(FormatError, match=f"ligne {line} : "):
        find(home)


def test_a_wrong_file_stops_only_who_asks_for_it(home, write):
    write("rien")
    assert find(home, "tfpb").id == "tfpb"
    with pytest.raises(FormatError):
        load_schemes(home, generations=GENERATIONS)


def test_a_file_never_takes_the_place_of_a_scheme_that_ships(home, write):
    write(FUND.replace("fonds-essai", "tfpb"), "tfpb")
    with pytest.raises(FormatError, match="déjà livré"):
        find(home, "tfpb")


def test_an_unknown_scheme_names_those_that_are_known(home):
    with pytest.raises(InputError, match=r"dispositif inconnu : 'fiq' ; .*fiq-poitiers"):
        find(home, "fiq")


# ── The command line ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scheme", [path.stem for path in sorted(SHIPPED.glob("*.toml"))])
def test_every_scheme_is_shown_with_its_sources(capsys, scheme):
    shown = " ".join(run("show", capsys, scheme).split())
    document = json.loads(run("show", capsys, scheme, "--format", "json"))
    for source in document["sources"]:
        assert source["title"] in shown
        assert source["read_on"] == "2026-11-22"
    for zone in document["zones"]:
        assert zone["label"] in shown
    assert "Résultat indicatif, ne vaut pas attestation réglementaire." in shown
    assert "lu le 22 novembre 2026" in shown


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
    assert fiq["amounts"]["budget_eur"] == 1_000_000
    assert fiq["dates"]["start"] == "2024-01-01"
    caps = {one["id"]: one["amounts"]["max_eur"] for one in listed if one["amounts"] and one["amounts"]["max_eur"]}
    assert caps == {"pic-loos": 1500, "ftu-loos": 4500}


def test_a_decision_is_shown_with_each_reason_and_its_text(home, capsys):
    decision = decide_scheme(
        find(home, "tva-5-5"), checker=Checker(load_settings()), on="2024-06-01", lon=3.00671, lat=50.60889
    )
    show_decision(decision)
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith("ÉLIGIBLE TVA à 5,5 %")
    assert "Les Oliveaux (QN05975M)" in shown
    assert shown.count("[Code général des impôts, article 278 sexies]") == len(decision.reasons)
    assert shown.endswith("Résultat indicatif, ne vaut pas attestation réglementaire.")


def test_the_generations_that_files_may_name_are_those_of_the_registry():
    assert set(GENERATIONS) == set(registry().generations)

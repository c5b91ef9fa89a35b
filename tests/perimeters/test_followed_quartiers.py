"""Quartiers followed across the redraw, by the official correspondence: shipped, or imported for the nation."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.perimeters.correspondence import Correspondence, correspondence_at_hand, import_correspondence
from qpv_geo.perimeters.redraw_facts import redraw_facts

HEADER = "QP2024;Label_QP2024;Statut;QP2015_1;Label_QP2015_1;QP2015_2;Label_QP2015_2;QP2015_3;Label_QP2015_3"
TABLE = f"""{HEADER}
QN99901M;Grand Pré;MODIFIE;QP999001;Pré Haut;QP999002;Pré Bas;;
QN99902M;Bois Nord;MODIFIE;QP999003;Bois;;;;
QN99903M;Bois Sud;MODIFIE;QP999003;Bois;;;;
QN99904N;Neuf;NOUVEAU;NA;;;;;
"""


@pytest.fixture
def table(tmp_path):
    def write(text=TABLE, encoding="utf-8"):
        path = tmp_path / "liste-correspondance.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_what_ships_follows_the_shipped_quartiers(home):
    found = correspondence_at_hand(home)
    for code in ("QP059077", "QN05975M"):
        one = found.followed(code)
        assert (one.name, one.before, one.after, one.known) == ("Les Oliveaux", ("QP059077",), ("QN05975M",), True)
    assert len(found.links) == 7


def test_a_quartier_that_changed_its_label_has_its_present_one(home):
    assert correspondence_at_hand(home).followed("QP086005").name == "Couronneries Saint-Eloi"


def test_merged_split_and_new_quartiers_are_followed(home, table):
    found = import_correspondence(table(), home)
    merged = found.followed("QP999002")
    assert (merged.name, merged.before, merged.after) == ("Grand Pré", ("QP999001", "QP999002"), ("QN99901M",))
    split = found.followed("QP999003")
    assert (split.name, split.after) == ("Bois Nord et Bois Sud", ("QN99902M", "QN99903M"))
    assert found.followed("QN99904N").before == ()


def test_a_code_that_the_table_does_not_name_is_followed_alone_and_said_unknown(home):
    alone = correspondence_at_hand(home).followed("QP013001")
    assert (alone.before, alone.after, alone.known) == (("QP013001",), (), False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_national_table_is_imported_in_any_encoding_and_completes_what_ships(home, table, encoding):
    import_correspondence(table(TABLE.replace("Grand Pré", "Grand Pré des Épis"), encoding), home)
    found = correspondence_at_hand(home)
    assert found.followed("QN99901M").name == "Grand Pré des Épis"
    assert found.followed("QN05975M").name == "Les Oliveaux"


def test_codes_wrapped_for_a_spreadsheet_are_read(home, table):
    text = f'{HEADER}\n"=""QN99901M""";"Grand Pré";M;"=""QP999001""";"Pré";;;;\n'
    assert import_correspondence(table(text), home).links == {"QN99901M": ("QP999001",)}


codes = st.integers(0, 9)


@given(st.dictionaries(codes.map(lambda k: f"QN9990{k}M"), st.lists(codes.map(lambda k: f"QP99900{k}"), max_size=4)))
def test_every_code_is_of_one_followed_quartier_whatever_was_split_or_merged(links):
    found = Correspondence({after: tuple(dict.fromkeys(befores)) for after, befores in links.items()}, {})
    named = {*links, *(before for befores in links.values() for before in befores)}
    followed = {found.followed(code) for code in named}
    listed = [code for one in followed for code in (*one.before, *one.after)]
    assert sorted(listed) == sorted(named)
    for after, befores in links.items():
        for before in befores:
            assert found.followed(before) is found.followed(after)


# ── The commands ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_command_tells_what_the_table_holds(qpv, table):
    answer = qpv("perimeters", "import-correspondence", table())
    assert answer.code == 0
    assert "4 quartiers de 2024, 3 de 2015, 1 entré, 1 qui réunit plusieurs anciens, 1 ancien partagé" in answer.out


def test_a_table_that_is_none_leaves_the_former_one(qpv, table, home):
    assert qpv("perimeters", "import-correspondence", table()).code == 0
    refused = qpv("perimeters", "import-correspondence", table("nom;code\nx;y\n"))
    assert (refused.code, "il manque « qp2024 »" in refused.err) == (2, True)
    assert correspondence_at_hand(home).followed("QN99901M").known


def test_an_imported_code_is_known_by_its_name(qpv, table):
    shown = json.loads(qpv("indicators", "show", "QP999003", "--format", "json").out)["linked"]
    qpv("perimeters", "import-correspondence", table())
    after = json.loads(qpv("indicators", "show", "QP999003", "--format", "json").out)["linked"]
    assert (shown, after) == ([], ["QN99902M", "QN99903M"])


# ── Without the perimeters of 2015 ─────────────────────────────────────────────────────────────────────────────────

LOOS = ("diff", "qpv-2015", "qpv-2024", "--commune")


def test_without_2015_what_is_published_and_measured_is_told_with_its_source(qpv):
    answer = qpv(*LOOS, "59360")
    told = " ".join(answer.out.split())
    assert answer.code == 3
    assert "21,2 ha → 23,7 ha" in told
    assert "longitude 3.00409, latitude 50.60919" in told
    assert "le collège Descartes et le Centre Prévert" in told
    assert "https://loos.fr/fr/node/2640" in told
    assert "qpv perimeters fetch qpv-2015" in answer.err


def test_without_2015_programs_are_given_the_pieces_as_a_comparison_gives_them(qpv):
    answer = json.loads(qpv(*LOOS, "Loos", "--format", "json").out)
    assert answer["missing"] == "qpv-2015"
    assert [(one["change"], one["area_m2"], one["code"]) for one in answer["pieces"]] == [
        ("added", 19_970, "QN05975M"),
        ("added", 6_460, "QN05975M"),
    ]


def test_of_another_commune_nothing_is_told(qpv):
    answer = qpv(*LOOS, "86194")
    assert (answer.code, "Oliveaux" in answer.out) == (3, False)


@pytest.mark.usefixtures("with_2015")
def test_the_facts_are_those_of_the_perimeters(qpv):
    (facts,) = redraw_facts("59360")
    document = json.loads(qpv(*LOOS, "59360", "--format", "json", "--min-area", "5000").out)
    (oliveaux,) = (one for one in document["quartiers"] if one["codes_after"] == [facts.code_after])
    assert oliveaux["area_before_m2"] == pytest.approx(facts.area_before_ha * 1e4, abs=500)
    assert oliveaux["area_after_m2"] == pytest.approx(facts.area_after_ha * 1e4, abs=500)
    pieces = [one for one in document["pieces"] if one["code"] == facts.code_after]
    for found, told in zip(pieces, facts.pieces, strict=True):
        assert (found["lon"], found["lat"]) == pytest.approx((told.lon, told.lat))
        assert found["area_m2"] == pytest.approx(told.area_m2, abs=10)

"""Address files of every known format come out as the same rows; anything else is refused with its reason."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import BAL_13, BAL_14, BAN, ESSAI, LIEUX_DITS, bal, ban, csv_text, lieu_dit, street_id, write

from qpv_geo.crs import TERRITORIES, project_point
from qpv_geo.errors import FormatError
from qpv_geo.geocoding.address_files import AddressRow, open_rows


def read(path, **how):
    with open_rows(path, **how) as rows:
        return list(rows)


def counted(path):
    """The rows of a file, and how many were left out."""
    with open_rows(path) as rows:
        return list(rows), rows.without_position


def refusal(path):
    with pytest.raises(FormatError) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def expected(identifier, number, suffix="", **more):
    return AddressRow(
        id=identifier,
        street_id=street_id("Rue des Essais"),
        number=number,
        suffix=suffix,
        street="Rue des Essais",
        postcode=ESSAI.postcode,
        citycode=ESSAI.citycode,
        city=ESSAI.name,
        old_city="",
        lon=0.3,
        lat=46.5,
        position="entrée",
    )._replace(**more)


@pytest.mark.parametrize("name", ["essai.csv", "essai.csv.gz"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_ban_file_is_read_gzipped_or_not_with_or_without_a_byte_order_mark(tmp_path, name, encoding):
    path = write(tmp_path / name, [ban(1), ban(15, suffix="bis")], encoding=encoding)
    street = street_id("Rue des Essais")
    assert read(path) == [expected(f"{street}_00001", 1), expected(f"{street}_00015_bis", 15, "bis")]


def test_gzip_is_seen_from_the_content_and_not_from_the_name(tmp_path):
    (tmp_path / "essai.csv").write_bytes(gzip.compress(csv_text([ban(1)]).encode()))
    assert [row.number for row in read(tmp_path / "essai.csv")] == [1]


def test_a_row_remembers_the_former_commune(tmp_path):
    path = write(tmp_path / "essai.csv", [ban(1, nom_ancienne_commune="Vieil-Essai")])
    assert [row.old_city for row in read(path)] == ["Vieil-Essai"]


def test_columns_are_found_by_name(tmp_path):
    turned = [*reversed(BAN), "colonne_d_essai"]
    assert read(write(tmp_path / "b.csv", [ban(1)], turned)) == read(write(tmp_path / "a.csv", [ban(1)]))


def test_optional_columns_may_lack(tmp_path):
    columns = [column for column in BAN if column not in {"nom_ancienne_commune", "type_position"}]
    (row,) = read(write(tmp_path / "essai.csv", [ban(1)], columns))
    assert (row.old_city, row.position) == ("", "")


def test_commas_and_capital_titles_do_no_harm(tmp_path):
    path = tmp_path / "essai.csv"
    header, rest = csv_text([ban(1)], separator=",").split("\n", 1)
    path.write_text(f"{header.upper()}\n{rest}")
    assert [row.street for row in read(path)] == ["Rue des Essais"]


def test_a_quoted_name_may_hold_the_separator_and_a_row_may_end_early(tmp_path):
    path = write(tmp_path / "essai.csv", [ban(1, '"Rue des ""Essais"" ; bis"')], BAN[:15])
    short = csv_text([ban(2)]).splitlines()[1].rstrip(";")
    path.write_text(csv_text([ban(1, '"Rue des ""Essais"" ; bis"')]) + short + "\n")
    assert [(row.number, row.street) for row in read(path)] == [(1, 'Rue des "Essais" ; bis'), (2, "Rue des Essais")]


def test_lieux_dits_have_no_number_and_those_without_a_place_are_left_out(tmp_path):
    rows = [lieu_dit("La Maquette"), lieu_dit("Le Gabarit", at=("", ""))]
    (row,) = read(write(tmp_path / "lieux-dits-99.csv.gz", rows, LIEUX_DITS))
    assert (row.street, row.number, row.suffix, row.lon, row.lat) == ("La Maquette", None, "", 0.31, 46.51)
    assert (row.postcode, row.citycode, row.city, row.position) == (*ESSAI[1::-1], ESSAI.name, "")


def test_lieux_dits_without_postcodes_are_read(tmp_path):
    columns = [*(column for column in LIEUX_DITS if column != "code_postal"), "type_position"]
    (row,) = read(write(tmp_path / "essai.csv", [lieu_dit("La Maquette") | {"type_position": "segment"}], columns))
    assert (row.postcode, row.position) == ("", "segment")


def test_a_bal_1_3_is_read(tmp_path):
    rows = [bal(15, suffix="bis"), bal(99999, "La Maquette"), bal(99999, "Sans place", at=("", ""))]
    number, locality = read(write(tmp_path / "bal.csv", rows, BAL_13))
    assert number == expected(f"{street_id('Rue des Essais')}_00015_bis", 15, "bis", postcode="")
    assert (locality.street, locality.number) == ("La Maquette", None)


def test_a_bal_1_4_tells_the_identifier_of_the_ban_and_the_former_commune(tmp_path):
    rows = [
        bal(1, id_ban_adresse="00000000-0000-4000-8000-000000000001", commune_deleguee_nom="Vieil-Essai"),
        bal(2),
    ]
    one, two = read(write(tmp_path / "bal.csv", rows, BAL_14))
    assert (one.id, one.old_city) == ("00000000-0000-4000-8000-000000000001", "Vieil-Essai")
    assert (two.id, two.old_city) == (f"{street_id('Rue des Essais')}_00002", "")
    assert one.street_id == two.street_id == street_id("Rue des Essais")


def test_a_bal_without_its_optional_columns_is_read(tmp_path):
    columns = [column for column in BAL_13 if column not in {"commune_deleguee_nom", "position"}]
    (row,) = read(write(tmp_path / "bal.csv", [bal(1)], columns))
    assert (row.old_city, row.position) == ("", "")


@pytest.mark.parametrize(
    ("identifier", "street"), [("2A004_0001_00012", "2A004_0001"), ("etablissement-essai", ""), ("", "")]
)
def test_the_street_is_in_the_identifier_where_that_is_so_made(tmp_path, identifier, street):
    (row,) = read(write(tmp_path / "essai.csv", [ban(1, id=identifier)]))
    assert row.street_id == street


def test_progress_is_told_in_bytes_of_the_file(tmp_path):
    path = write(tmp_path / "essai.csv.gz", [ban(1 + number % 9999) for number in range(25_000)])
    told = []
    assert len(read(path, progress=told.append)) == 25_000
    assert told == sorted(told)
    assert len(told) == 2
    assert 0 < told[-1] <= path.stat().st_size


def test_an_empty_line_is_no_row(tmp_path):
    path = write(tmp_path / "essai.csv", [lieu_dit("La Maquette")], LIEUX_DITS)
    path.write_text(path.read_text() + "\n\n")
    rows, without_position = counted(path)
    assert [row.street for row in rows] == ["La Maquette"]
    assert without_position == 0


# ── Other names, plots ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("alias", "aliases"),
    [
        ("", ()),
        ("Rue du Vieil Essai", ("Rue du Vieil Essai",)),
        ("Rue du Vieil Essai | Rue, dite de l'Épreuve|", ("Rue du Vieil Essai", "Rue, dite de l'Épreuve")),
        ("Rue des Essais|Rue du Vieil Essai|Rue du Vieil Essai", ("Rue du Vieil Essai",)),
    ],
)
def test_an_alias_is_another_name_of_the_street(tmp_path, alias, aliases):
    (row,) = read(write(tmp_path / "essai.csv", [ban(1, alias=alias)]))
    assert (row.street, row.aliases) == ("Rue des Essais", aliases)


def test_the_names_of_a_street_in_other_languages_are_aliases_and_the_place_around_is_none(tmp_path):
    columns = [*BAL_14, "voie_nom_bre", "lieudit_complement_nom_bre", "voie_nom_fra"]
    rows = [
        bal(1, lieudit_complement_nom="La Maquette", lieudit_complement_nom_bre="Ar Patrom")
        | {"voie_nom_bre": "Straed an Arnod", "voie_nom_fra": "Rue des Essais"},
        bal(2),
    ]
    one, two = read(write(tmp_path / "bal.csv", rows, columns))
    assert (one.aliases, two.aliases) == (("Straed an Arnod",), ())


@pytest.mark.parametrize(
    ("cell", "plots"),
    [
        ("", ()),
        ("1", ()),
        ("inconnue|0|AB 12", ()),
        ("99001000AB0012", ()),  # no département
        ("86999000AB0012|86999123ZC0001", ("86999000AB0012", "86999123ZC0001")),
        ("|86999000ab0012| 86999000AB0012 |1|", ("86999000AB0012",)),
        ("869990000A0012|86999000 B0012", ("869990000A0012", "869990000B0012")),
        ("860999000 A0012", ("869990000A0012",)),
        ("860999000AB0012", ("86999000AB0012",)),  # with the digit of the tax office
        ("67999000120034", ("67999000120034",)),
        ("86999000AB0000|86999000000012", ()),
    ],
)
def test_the_plots_of_an_address_are_those_that_are_identifiers(tmp_path, cell, plots):
    (row,) = read(write(tmp_path / "ban.csv", [ban(1, cad_parcelles=cell)]))
    (same,) = read(write(tmp_path / "bal.csv", [bal(1, cad_parcelles=cell)], BAL_13))
    assert row.plots == same.plots == plots


# ── Rows without degrees ─────────────────────────────────────────────────────────────────────────────────────

LAMBERT_93_ORIGIN = {"x": "700000", "y": "6600000"}
"""The point that defines the projection: 3° E, 46.5° N."""
TERRITORY_OF = {
    "86999": "metropole",
    "2A999": "metropole",
    "97199": "antilles",
    "97299": "antilles",
    "97399": "guyane",
    "97499": "reunion",
    "97699": "mayotte",
    "97799": "antilles",
    "97899": "antilles",
}


def nowhere(row, code="86999"):
    """A row without degrees, of a commune of a département."""
    return (
        row
        | {name: "" for name in ("lon", "lat", "long", "lat") if name in row}
        | {"code_insee": code}
        | {"commune_insee": code}
    )


@pytest.mark.parametrize("titles", [BAL_13, BAL_14, [title for title in BAL_13 if title not in {"long", "lat"}]])
def test_a_bal_with_x_and_y_only_is_projected(tmp_path, titles):
    rows, without_position = counted(write(tmp_path / "bal.csv", [nowhere(bal(1)) | LAMBERT_93_ORIGIN], titles))
    assert [(round(row.lon, 7), round(row.lat, 7)) for row in rows] == [(3.0, 46.5)]
    assert (rows[0].number, rows[0].street, without_position) == (1, "Rue des Essais", 0)


@pytest.mark.parametrize("titles", [BAN, [title for title in BAN if title not in {"lon", "lat"}]])
def test_a_ban_row_with_x_and_y_only_is_projected(tmp_path, titles):
    (row,) = read(write(tmp_path / "ban.csv", [nowhere(ban(1)) | LAMBERT_93_ORIGIN], titles))
    assert (row.lon, row.lat) == (pytest.approx(3.0), pytest.approx(46.5))


@given(code=st.sampled_from(sorted(TERRITORY_OF)), across=st.floats(0.05, 0.95), up=st.floats(0.05, 0.95))
def test_x_and_y_are_in_the_legal_system_of_the_territory(tmp_path_factory, code, across, up):
    territory = next(one for one in TERRITORIES if one.id == TERRITORY_OF[code])
    west, south, east, north = territory.bounds
    lon, lat = west + across * (east - west), south + up * (north - south)
    x, y = project_point(lon=lon, lat=lat, territory=territory)
    path = tmp_path_factory.mktemp("xy") / "bal.csv"
    (row,) = read(write(path, [nowhere(bal(1), code) | {"x": f"{x:.3f}", "y": f"{y:.3f}"}], BAL_13))
    assert (row.lon, row.lat) == (pytest.approx(lon, abs=1e-6), pytest.approx(lat, abs=1e-6))


def test_degrees_win_over_x_and_y(tmp_path):
    (row,) = read(write(tmp_path / "ban.csv", [ban(1) | LAMBERT_93_ORIGIN]))
    assert (row.lon, row.lat) == (0.3, 46.5)


def test_zero_zero_is_no_position(tmp_path):
    rows = [ban(1, at=("0", "0.000000")), ban(2, code_insee="86999", at=(0, 0)) | LAMBERT_93_ORIGIN, ban(3)]
    found, without_position = counted(write(tmp_path / "ban.csv", rows))
    assert sorted(row.number for row in found) == [2, 3]
    assert without_position == 1


@pytest.mark.parametrize(
    ("code", "x", "y"),
    [
        ("86999", "0", "0"),
        ("86999", "1700000", "8200000"),  # a conical projection of nine zones, not Lambert-93
        ("86999", "99999999", "-99999999"),
        ("97499", "700000", "6600000"),  # Lambert-93, in La Réunion
        ("98799", "230000", "8060000"),  # four zones of UTM, nothing tells which
        ("97599", "550000", "5180000"),
        ("99001", "700000", "6600000"),
        ("", "700000", "6600000"),
        ("86999", "", ""),
    ],
)
def test_a_row_that_cannot_be_placed_is_counted_and_the_others_are_read(tmp_path, code, x, y):
    rows = [bal(1), nowhere(bal(2), code) | {"x": x, "y": y}, bal(3)]
    found, without_position = counted(write(tmp_path / "bal.csv", rows, BAL_13))
    assert [row.number for row in found] == [1, 3]
    assert without_position == 1


def test_many_rows_with_x_and_y_are_all_read(tmp_path):
    rows = [nowhere(bal(1 + k % 9_000)) | LAMBERT_93_ORIGIN for k in range(20_001)]
    rows[5_000] |= {"x": "0"}
    rows[5_001] = bal(1, "Rue à part")
    found, without_position = counted(write(tmp_path / "bal.csv", rows, BAL_13))
    assert (len(found), without_position) == (20_000, 1)
    assert {(round(row.lon, 6), round(row.lat, 6)) for row in found} == {(3.0, 46.5), (0.3, 46.5)}


def test_names_without_a_place_are_counted(tmp_path):
    rows = [lieu_dit("La Maquette"), lieu_dit("Le Gabarit", at=("", "")), lieu_dit("Le Patron", at=("", ""))]
    found, without_position = counted(write(tmp_path / "lieux-dits-99.csv", rows, LIEUX_DITS))
    assert (len(found), without_position) == (1, 2)


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path):
    assert "absent.csv" in refusal(tmp_path / "absent.csv")
    assert tmp_path.name in refusal(tmp_path)


@pytest.mark.parametrize("content", ["", "\n", "nom;valeur\nessai;1\n", "un texte quelconque\n", "{}"])
def test_a_file_of_something_else_is_refused(tmp_path, content):
    path = tmp_path / "autre.csv"
    path.write_text(content)
    assert "« autre.csv » n’est pas un fichier d’adresses" in refusal(path)


@pytest.mark.parametrize(
    "bad",
    [
        {"numero": "douze"},
        {"numero": ""},
        {"numero": "-1"},
        {"numero": "1" * 30},
        {"lon": "est"},
        {"lon": "nan"},
        {"lon": "inf"},
        {"lon": "181"},
        {"lat": "90.5"},
        {"lat": ""},
    ],
)
def test_a_number_that_is_none_is_refused_with_its_line(tmp_path, bad):
    path = write(tmp_path / "essai.csv", [ban(1), ban(2), ban(3) | bad, ban(4)])
    assert "« essai.csv », ligne 4 :" in refusal(path)


@pytest.mark.parametrize("bad", [{"x": "est"}, {"x": "nan"}, {"y": "inf"}, {"y": "1e9"}, {"x": ""}])
def test_x_or_y_that_is_no_number_is_refused_with_its_line(tmp_path, bad):
    path = write(tmp_path / "bal.csv", [bal(1), nowhere(bal(2)) | LAMBERT_93_ORIGIN | bad], BAL_13)
    assert "« bal.csv », ligne 3 :" in refusal(path)


@pytest.mark.parametrize("missing", ["long", "lat", "x", "y"])
def test_a_file_with_half_a_pair_of_coordinates_only_is_refused(tmp_path, missing):
    other = {"long", "lat"} if missing in {"x", "y"} else {"x", "y"}
    columns = [title for title in BAL_13 if title != missing and title not in other]
    assert "« bal.csv » n’est pas un fichier d’adresses" in refusal(write(tmp_path / "bal.csv", [bal(1)], columns))


def test_a_bad_number_of_a_bal_is_refused_with_its_line(tmp_path):
    assert "« bal.csv », ligne 2 :" in refusal(write(tmp_path / "bal.csv", [bal(1) | {"numero": "x"}], BAL_13))


def test_a_quotation_mark_left_open_is_refused(tmp_path):
    path = write(tmp_path / "essai.csv", [ban(1, '"Rue des Essais'), *(ban(number) for number in range(2000))])
    assert "« essai.csv », ligne" in refusal(path)


def test_a_truncated_gzip_is_refused(tmp_path):
    path = write(tmp_path / "essai.csv.gz", [ban(number) for number in range(2000)])
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert "gzip" in refusal(path)


@pytest.mark.parametrize("at", [12, 2000, -6])
def test_a_gzip_altered_anywhere_is_refused(tmp_path, at):
    path = write(tmp_path / "essai.csv.gz", [ban(number, f"Rue {number**5}") for number in range(2000)])
    content = bytearray(path.read_bytes())
    for k in range(at, min(at + 4, 0) or at + 4):
        content[k] ^= 0xFF
    path.write_bytes(content)
    assert "gzip" in refusal(path)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_that_is_not_utf_8_is_refused(tmp_path, encoding):
    path = write(tmp_path / "essai.csv", [ban(1, "Rue de l'Épreuve")], encoding=encoding)
    assert "UTF-8" in refusal(path)


def test_an_error_of_who_reads_the_rows_is_not_taken_for_one_of_the_file(tmp_path):
    path = write(tmp_path / "essai.csv", [ban(1)])
    with pytest.raises(FileNotFoundError), open_rows(path):
        (tmp_path / "absent").read_bytes()


def test_a_gzip_that_unpacks_to_one_endless_line_is_refused(tmp_path):
    path = tmp_path / "essai.csv.gz"
    path.write_bytes(gzip.compress(csv_text([ban(1)]).encode() + b"0" * 3_000_000))
    assert path.stat().st_size < 10_000
    assert "une ligne de plus de 1 Mo" in refusal(path)


def test_a_gzip_that_unpacks_to_too_much_is_refused(tmp_path):
    path = write(tmp_path / "essai.csv.gz", [ban(number) for number in range(9000)] * 3)
    assert len(read(path)) == 27_000
    with pytest.raises(FormatError, match=r"« essai\.csv\.gz » dépasse 1 Mo une fois décompressé"):
        read(path, limit=1_000_000)

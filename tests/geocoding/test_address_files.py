"""Address files of every known format come out as the same rows; anything else is refused with its reason."""

from __future__ import annotations

import gzip

import pytest
from written import BAL_13, BAL_14, BAN, ESSAI, LIEUX_DITS, bal, ban, csv_text, lieu_dit, street_id, write

from qpv_geo.errors import FormatError
from qpv_geo.geocoding.address_files import AddressRow, open_rows


def read(path, **how):
    with open_rows(path, **how) as rows:
        return list(rows)


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


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path):
    assert "absent.csv" in refusal(tmp_path / "absent.csv")
    assert tmp_path.name in refusal(tmp_path)


@pytest.mark.parametrize("content", ["", "\n", "nom;valeur\nessai;1\n", "un texte quelconque\n", "{}"])
def test_a_file_of_something_else_is_refused(tmp_path, content):
    path = tmp_path / "autre.csv"
    path.write_text(content)
    assert "autre.csv n'est pas un fichier d'adresses" in refusal(path)


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
    assert "essai.csv, ligne 4 :" in refusal(path)


def test_a_bad_number_of_a_bal_is_refused_with_its_line(tmp_path):
    assert "bal.csv, ligne 2 :" in refusal(write(tmp_path / "bal.csv", [bal(1) | {"numero": "x"}], BAL_13))


def test_a_quotation_mark_left_open_is_refused(tmp_path):
    path = write(tmp_path / "essai.csv", [ban(1, '"Rue des Essais'), *(ban(number) for number in range(2000))])
    assert "essai.csv, ligne" in refusal(path)


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

"""Lists of renewal conventions: what is kept, what is refused, and what a failed or killed import leaves."""

from __future__ import annotations

import signal
import stat
from datetime import date

import pytest

from qpv_geo.schemes.npnru import conventions

HEADER = "code_qp,level,convention,source\n"
ROW = "QN99901M,national,2020-03-15,essai\n"
LONG_AFTER = date(2100, 1, 1)
WRONG = {
    "code_qp": "n’est pas un code de quartier ; exemple : QN",
    "level": "n’est pas un niveau ; donnez national, regional ou unknown",
    "convention": "n’est pas une date ; donnez un jour (2019-12-16) ou un mois",
    "source": "est suivi d’une colonne en trop ; mettez entre guillemets",
}


@pytest.fixture
def kept(home, tmp_path, qpv):
    """The path of a list that is already in the home."""
    path = tmp_path / "avant.csv"
    path.write_text(HEADER + ROW, encoding="utf-8")
    assert qpv("perimeters", "import-npnru", path).code == 0
    return home / "npnru.csv"


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + ROW).encode(),
        ("\ufeff" + HEADER + ROW).encode(),
        (HEADER + ROW).replace(",", ";").encode(),
        ("\ufeff" + HEADER + ROW).replace(",", ";").replace("\n", "\r\n").encode(),
        (HEADER + "\n" + ROW).encode(),
        "source;convention;code_qp;level;note\n«\u00a0a, b\u00a0»;2020-03-15;QN99901M;national;x\n".encode(),
        b'code_qp,level,convention,source\nQN99901M,national,2020-03-15,"essai, suite\nfin"\n',
    ],
    ids=["commas", "bom", "semicolons", "excel", "blank line", "other order", "quoted"],
)
def test_a_list_is_kept_as_it_is(content, home, tmp_path, qpv):
    path = tmp_path / "liste.csv"
    path.write_bytes(content)
    answer = qpv("perimeters", "import-npnru", path)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "1 convention NPNRU enregistrée\n"
    assert (home / "npnru.csv").read_bytes() == content
    assert "QN99901M" not in conventions(home, date(2020, 3, 14)).signed
    assert conventions(home, date(2020, 3, 15)).signed["QN99901M"].level == "national"


def test_a_month_counts_from_its_last_day(home, tmp_path, qpv):
    path = tmp_path / "liste.csv"
    path.write_text(f"{HEADER}QN99901M,regional,2024-02,essai\n", encoding="utf-8")
    assert qpv("perimeters", "import-npnru", path).code == 0
    assert "QN99901M" not in conventions(home, date(2024, 2, 28)).signed
    assert "QN99901M" in conventions(home, date(2024, 2, 29)).signed


def test_the_shipped_list_stays_beside_an_imported_one(home, kept):
    shipped = set(conventions(home.with_name("vide"), LONG_AFTER).signed)
    assert shipped
    assert set(conventions(home, LONG_AFTER).signed) == shipped | {"QN99901M"}
    assert kept.is_file()


def test_a_list_imported_later_takes_the_place_of_the_former(home, kept, tmp_path, qpv):
    path = tmp_path / "après.csv"
    path.write_text(f"{HEADER}QN99902M,national,2021-01-01,essai\nQN99903M,unknown,2021-01,essai\n", encoding="utf-8")
    assert qpv("perimeters", "import-npnru", path).out == "2 conventions NPNRU enregistrées\n"
    assert kept.read_bytes() == path.read_bytes()
    assert not {"QN99901M"} & set(conventions(home, LONG_AFTER).signed)


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ("QN99901,national,2020-03-15,essai\n", (2, "code_qp", "QN99901")),
        (ROW + "qn99901m,national,2020-03-15,essai\n", (3, "code_qp", "qn99901m")),
        ("QN99901M,NATIONAL,2020-03-15,essai\n", (2, "level", "NATIONAL")),
        ("QN99901M,national,15/03/2020,essai\n", (2, "convention", "15/03/2020")),
        ("QN99901M,national,2020-02-30,essai\n", (2, "convention", "2020-02-30")),
        ("QN99901M,national,2020-13,essai\n", (2, "convention", "2020-13")),
        ("QN99901M,national\n", (2, "convention", "")),
        ("QN99901M,national,2020-03-15,essai, suite\n", (2, "source", "essai")),
        ('QN99901M,national,2020-03-15,"deux\nlignes"\n,national,2020-03-15,x\n', (4, "code_qp", "")),
        ('"QN99\n901M",national,2020-03-15,x\n', (3, "code_qp", "QN99 901M")),
    ],
)
def test_a_wrong_row_is_told_in_one_line_and_the_former_list_stays(rows, where, kept, tmp_path, qpv):
    line, column, value = where
    before, path = kept.read_bytes(), tmp_path / "liste.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    answer = qpv("perimeters", "import-npnru", path)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    told = " ".join(f"« liste.csv », ligne {line}, colonne « {column} » : « {value} » {WRONG[column]}".split())
    assert told in " ".join(answer.err.split())
    assert kept.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "colonne absente"),
        (b"code_qp,level,convention\n", "source"),
        ("code_qp,level,convention,source\nQN99901M,national,2020-03-15,été\n".encode("cp1252"), "UTF-8"),
        (b"PK\x03\x04\xff\xfe", "UTF-8"),
        ((HEADER + "QN99901M,national,2020-03-15," + "x" * ((16 << 20) + 1) + "\n").encode(), "CSV"),
    ],
)
def test_what_is_no_list_is_refused_and_the_former_one_stays(content, told, kept, tmp_path, qpv):
    before, path = kept.read_bytes(), tmp_path / "liste.csv"
    path.write_bytes(content)
    answer = qpv("perimeters", "import-npnru", path)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert told in answer.err
    assert kept.read_bytes() == before


def test_a_file_that_is_absent_is_told(tmp_path, qpv):
    answer = qpv("perimeters", "import-npnru", tmp_path / "absent.csv")
    assert answer.code == 2
    assert "fichier introuvable" in answer.err
    assert qpv("perimeters", "import-npnru", tmp_path).code == 2


def test_an_import_that_is_killed_leaves_the_former_list_and_the_next_one_tidies_up(kept, tmp_path, forked, qpv):
    before, path = kept.read_bytes(), tmp_path / "liste.csv"
    path.write_text(HEADER + ROW * 1_000, encoding="utf-8")
    command = ("perimeters", "import-npnru", path)
    assert forked.run(*command, most_bytes=1_000, killed_beyond=True).code == -signal.SIGXFSZ
    assert kept.read_bytes() == before
    assert qpv(*command).code == 0
    assert [one.name for one in kept.parent.iterdir()] == ["npnru.csv"]


def test_an_import_that_cannot_be_written_leaves_the_former_list(kept, tmp_path, forked):
    before, path = kept.read_bytes(), tmp_path / "liste.csv"
    path.write_text(HEADER + ROW * 1_000, encoding="utf-8")
    done = forked.run("perimeters", "import-npnru", path, most_bytes=1_000)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert kept.read_bytes() == before
    assert [one.name for one in kept.parent.iterdir()] == ["npnru.csv"]


def test_a_list_keeps_the_permissions_of_the_file_it_replaces(kept, tmp_path, qpv):
    path = tmp_path / "liste.csv"
    path.write_text(HEADER + ROW, encoding="utf-8")
    path.chmod(0o600)
    usual = tmp_path / "usual"
    usual.touch()
    assert stat.S_IMODE(kept.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)
    kept.chmod(0o640)
    assert qpv("perimeters", "import-npnru", path).code == 0
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640

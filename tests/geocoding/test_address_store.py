"""The address store: an index is whole or is not, says what it was made of, and stands beside others."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from written import BAN, ESSAI, LIEUX_DITS, MODELE, ban, csv_text, lieu_dit, shuffled, write

from qpv_geo.errors import FormatError, InputError, IntegrityError
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import make_query
from qpv_geo.geocoding.store import AddressStore, index_id_of
from qpv_geo.messages.typography import quoted


@pytest.fixture
def store(home):
    return AddressStore(home)


@pytest.fixture
def folder(home):
    return home / "addresses"


def found(index, text):
    return [(one.housenumber, one.street, one.city) for one in index.search(make_query(text), limit=1)]


def refusal(attempt, error):
    with pytest.raises(error) as caught:
        attempt()
    assert "\n" not in str(caught.value)
    return str(caught.value)


# ── What an import leaves ────────────────────────────────────────────────────────────────────────────────────


def test_without_an_import_there_is_no_index(store):
    assert store.indexes() == []
    assert store.status() == []


def test_an_import_says_what_the_index_was_made_of(store, tmp_path, folder):
    path = write(tmp_path / "adresses-99.csv.gz", [ban(1), ban(2), ban(3, "Rue du Modèle")])
    before = datetime.now(UTC) - timedelta(seconds=1)
    status = store.import_file(path, source="https://exemple.test/adresses-99.csv.gz", edition="2030-01-02")
    assert (status.id, status.rows, status.edition) == ("99", 3, "2030-01-02")
    assert status.places == 3  # two streets and the commune
    assert status.source == "https://exemple.test/adresses-99.csv.gz"
    assert status.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert before <= datetime.fromisoformat(status.imported_at) <= datetime.now(UTC)
    assert status.path == folder / "99.sqlite"
    assert status.size == status.path.stat().st_size
    assert store.status() == [status]
    assert AddressStore(folder.parent).status() == [status]


def test_by_default_the_source_is_the_file_and_the_edition_is_not_known(store, tmp_path):
    status = store.import_file(write(tmp_path / "essai.csv", [ban(1)]))
    assert (status.id, status.source, status.edition) == ("essai", "essai.csv", None)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_an_import_leaves_nothing_but_the_index_which_its_owner_alone_reads(store, tmp_path, folder, umask):
    path = write(tmp_path / "essai.csv", [ban(1)])
    folder.parent.mkdir()
    former = os.umask(umask)
    try:
        store.import_file(path)
    finally:
        os.umask(former)
    assert [path.name for path in folder.iterdir()] == ["essai.sqlite"]
    assert (folder / "essai.sqlite").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_an_import_closes_a_folder_and_an_index_that_others_could_read(store, tmp_path, folder):
    path = write(tmp_path / "essai.csv", [ban(1)])
    store.import_file(path)
    folder.chmod(0o755)
    (folder / "essai.sqlite").chmod(0o644)
    store.import_file(path)
    assert (folder / "essai.sqlite").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_two_indexes_stand_side_by_side(store, tmp_path):
    store.import_file(write(tmp_path / "adresses-98.csv", [ban(1, commune=MODELE)]))
    store.import_file(write(tmp_path / "adresses-99.csv", [ban(1)]))
    store.import_file(write(tmp_path / "lieux-dits-99.csv", [lieu_dit("La Maquette")], LIEUX_DITS))
    assert [index.name for index in store.indexes()] == ["index 98", "index 99", "index lieux-dits-99"]
    one, two, three = store.indexes()
    assert found(one, "1 rue des Essais") == [("1", "Rue des Essais", MODELE.name)]
    assert found(two, "1 rue des Essais") == [("1", "Rue des Essais", ESSAI.name)]
    assert found(three, "La Maquette, Essai-sur-Test") == [(None, "La Maquette", ESSAI.name)]


def test_an_index_is_opened_once_and_anew_when_it_is_replaced(store, tmp_path):
    path = write(tmp_path / "adresses-99.csv", [ban(1)])
    store.import_file(path)
    (former,) = store.indexes()
    assert store.indexes() == [former]
    store.import_file(write(path, [ban(1, "Rue du Modèle"), ban(2, "Rue du Modèle")]))
    (index,) = store.indexes()
    assert found(index, "2 rue du Modèle, Essai-sur-Test") == [("2", "Rue du Modèle", ESSAI.name)]
    assert "Rue des Essais" not in [street for _, street, _ in found(index, "rue des Essais")]
    assert found(former, "1 rue des Essais, Essai-sur-Test") == [("1", "Rue des Essais", ESSAI.name)]
    assert [status.rows for status in store.status()] == [2]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("adresses-86.csv.gz", "86"),
        ("adresses-2A.csv.gz", "2a"),
        ("Adresses-974.csv", "974"),
        ("lieux-dits-86.csv.gz", "lieux-dits-86"),
        ("lieux-dits-beta-86-fantoir.csv.gz", "lieux-dits-beta-86-fantoir"),
        ("BAL_Essai.csv", "bal_essai"),
        ("99001_bal.20300102.csv", "99001_bal"),
    ],
)
def test_the_id_comes_from_the_name_of_the_file(name, expected):
    assert index_id_of(name) == expected


def test_an_id_may_be_chosen(store, tmp_path):
    assert store.import_file(write(tmp_path / "Un fichier.csv", [ban(1)]), index_id="essai").id == "essai"


@pytest.mark.parametrize("index_id", ["../essai", "Essai", "a b", ".cache", "é"])
def test_an_id_that_is_none_is_refused(store, tmp_path, folder, index_id):
    path = write(tmp_path / "essai.csv", [ban(1)])
    assert quoted(index_id) in refusal(lambda: store.import_file(path, index_id=index_id), InputError)
    assert not folder.exists()


# ── What goes wrong leaves the former index ──────────────────────────────────────────────────────────────────


@pytest.fixture
def whole(store, tmp_path):
    """The file of an index that is already there."""
    path = write(tmp_path / "adresses-99.csv", [ban(1)])
    store.import_file(path)
    return path


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", FormatError),
        (b"nom;valeur\n", FormatError),
        (csv_text([ban(1), ban(2) | {"numero": "x"}]).encode(), FormatError),
        (csv_text([ban(1, "Rue de l'Épreuve")]).encode("latin-1"), FormatError),
        (b"\x1f\x8b\x08", FormatError),
        (csv_text([]).encode(), InputError),
    ],
    ids=["empty", "not addresses", "bad number", "not UTF-8", "truncated gzip", "header only"],
)
def test_a_file_that_cannot_be_imported_leaves_the_former_index(store, whole, folder, content, error):
    former = store.status()
    whole.write_bytes(content)
    message = refusal(lambda: store.import_file(whole), error)
    assert whole.name in message
    assert store.status() == former
    assert [path.name for path in folder.iterdir()] == ["99.sqlite"]
    assert found(store.indexes()[0], "1 rue des Essais, Essai-sur-Test") == [("1", "Rue des Essais", ESSAI.name)]


def test_a_file_without_an_address_says_so(store, tmp_path):
    path = write(tmp_path / "vide.csv", [])
    assert "« vide.csv » ne contient aucune adresse" in refusal(lambda: store.import_file(path), InputError)


IMPORTER = """
import sys
from pathlib import Path
from qpv_geo.geocoding.store import AddressStore

home, *files = map(Path, sys.argv[1:])
print("ready", flush=True)
while True:
    for file in files:
        AddressStore(home).import_file(file, index_id="99")
"""


def wait_for(happens):
    """Look until something is true; a test that waits longer than that has failed."""
    until = time.monotonic() + 20
    while not happens():
        assert time.monotonic() < until, "nothing happened for 20 s"


def bytes_being_built(folder, leftovers):
    """The size of the index that is being built; files come and go while we look."""
    sizes = [0]
    for path in set(folder.glob(".*.partiel.*")) - leftovers:
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue
    return max(sizes)


def test_an_import_that_is_killed_at_any_moment_leaves_a_whole_index(store, tmp_path, folder):
    rows = {name: [ban(1 + k % 50, f"Rue {name} {k // 50}") for k in range(4000)] for name in ("Maquette", "Gabarit")}
    files = [write(tmp_path / f"{name}.csv", shuffled(rows[name])) for name in rows]
    for file in files:
        size = store.import_file(file, index_id="99").size
    for share in (0.0, 0.1, 0.4, 0.7, 0.99):
        leftovers = set(folder.glob(".*.partiel.*"))
        command = [sys.executable, "-c", IMPORTER, str(folder.parent), *map(str, files)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as importer:
            try:
                assert importer.stdout.readline() == "ready\n"
                former = (folder / "99.sqlite").stat().st_ino
                wait_for(lambda former=former: (folder / "99.sqlite").stat().st_ino != former)
                wait_for(lambda share=share, old=leftovers: bytes_being_built(folder, old) > share * size)
            finally:
                os.kill(importer.pid, signal.SIGKILL)
        (index,) = store.indexes()
        name = index.meta["source"].removesuffix(".csv")
        assert index.meta["rows"] == "4000"
        assert index.meta["sha256"] == hashlib.sha256((tmp_path / f"{name}.csv").read_bytes()).hexdigest()
        for street in (0, 41, 79):
            (candidate,) = index.search(make_query(f"50 rue {name} {street}, Essai-sur-Test"), limit=1)
            assert (candidate.housenumber, candidate.street) == ("50", f"Rue {name} {street}")
        with closing(sqlite3.connect(index.path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store.import_file(write(tmp_path / "fin.csv", [ban(1)]), index_id="99")
    assert [status.rows for status in store.status()] == [1]


def test_an_index_that_is_overwritten_while_open_is_an_error_and_no_answer(store, tmp_path):
    store.import_file(
        write(tmp_path / "a.csv", [ban(1 + k % 50, f"Rue Gabarit {k // 50}") for k in range(4000)]), index_id="99"
    )
    (index,) = store.indexes()
    size = index.path.stat().st_size
    with index.path.open("r+b") as stream:
        stream.seek(4096)
        stream.write(bytes(size - 4096))
    with pytest.raises(IntegrityError, match="réimportez"):
        index.search(make_query("50 rue Gabarit 3, Essai-sur-Test"))


# ── Files that are no index ──────────────────────────────────────────────────────────────────────────────────


def garbage(path):
    path.write_bytes(b"ceci n'est pas une base SQLite" * 100)


def empty(path):
    path.write_bytes(b"")


def another_database(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE essai (x)")


def former_format(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)")
        connection.execute("INSERT INTO meta VALUES ('format', '0')")


@pytest.mark.usefixtures("whole")
@pytest.mark.parametrize("make", [garbage, empty, another_database, former_format, Path.mkdir])
def test_a_file_that_is_no_index_is_refused_and_named(store, folder, make):
    make(folder / "faux.sqlite")
    for ask in (store.indexes, store.status, lambda: OfflineIndex(folder / "faux.sqlite")):
        assert "faux.sqlite" in refusal(ask, IntegrityError)


@pytest.mark.usefixtures("whole")
def test_an_index_is_read_wherever_its_folder_is(tmp_path, store):
    odd = tmp_path / "un dossier ? à 100 % #1"
    odd.mkdir()
    copy = shutil.copy(store.status()[0].path, odd / "é.sqlite")
    assert found(OfflineIndex(Path(copy)), "1 rue des Essais, Essai-sur-Test") == [("1", "Rue des Essais", ESSAI.name)]


# ── Memory ───────────────────────────────────────────────────────────────────────────────────────────────────

ROWS, STREETS = 40_000, 200
MOST_BYTES = 14_000_000


def test_memory_does_not_follow_the_number_of_rows(store, tmp_path):
    """Rows held in memory would take 25 MB (630 bytes each, measured); only the streets are held."""
    path = tmp_path / "adresses-99.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write(";".join(BAN) + "\n")
        for street in range(STREETS):
            rows = [ban(1 + k, f"Rue {street}", at=(street / 1000, 46.5)) for k in range(ROWS // STREETS)]
            stream.write(csv_text(rows).split("\n", 1)[1])
    tracemalloc.start()
    try:
        status = store.import_file(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert status.rows == ROWS
    assert peak < MOST_BYTES

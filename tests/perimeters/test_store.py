"""The store: what goes in comes out to the last bit, whole or not at all, and an altered file is never believed."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from examples import LONG, examples
from hypothesis import given
from hypothesis import strategies as st
from synthetic import perimeters, square

from qpv_geo.errors import IntegrityError
from qpv_geo.perimeters.coverage import EVERYWHERE, NOWHERE, Coverage
from qpv_geo.perimeters.read import PerimeterSet
from qpv_geo.perimeters.store import Store


def edition(name="A", count=3, **how):
    """An edition of ``qpv-2024`` whose perimeters all bear its name."""
    shapes = [square(k * 2000, 0, 500).difference(square(k * 2000 + 100, 100, 200)) for k in range(count)]
    return replace(perimeters(*shapes, name="qpv-2024", **how), names=(name,) * count)


def renamed(one, dataset_id):
    """The same set under another id."""
    return replace(one, dataset=replace(one.dataset, id=dataset_id))


@pytest.fixture
def store(home):
    return Store(home)


@pytest.fixture
def folder(home):
    return home / "perimeters"


def load(store, dataset_id="qpv-2024"):
    return store.load(store.find(dataset_id))


def content(one):
    """Everything that a set says, comparable."""
    shapes = [shape.wkb for shape in one.geometry]
    return one.dataset, one.codes, one.names, one.insee, one.communes, one.kinds, shapes


# ── What goes in comes out ───────────────────────────────────────────────────────────────────────────────────

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
small = st.floats(1e-5, 1e-3, allow_nan=False)


@st.composite
def shapes(draw):
    """A square of any size somewhere near Poitiers, with a hole or not, alone or with another part."""
    x, y, size = 0.3 + draw(small), 46.5 + draw(small), draw(small)
    whole = shapely.box(x, y, x + size, y + size)
    if draw(st.booleans()):
        hole = shapely.box(x + size / 3, y + size / 3, x + size / 2, y + size / 2)
        whole = shapely.Polygon(whole.exterior, [hole.exterior])
    return (
        shapely.MultiPolygon([whole, shapely.box(x + 1, y, x + 1 + size, y + size)]) if draw(st.booleans()) else whole
    )


@st.composite
def sets(draw):
    drawn = draw(st.lists(st.tuples(words.filter(bool), words, words, words, shapes()), min_size=1, max_size=4))
    codes, names, insee, communes, geometry = zip(*drawn, strict=True)
    array = np.empty(len(geometry), dtype=object)
    array[:] = geometry
    days = st.none() | st.dates()
    dataset = replace(
        edition().dataset,
        id=draw(st.sampled_from(["qpv-2024", "zones-essai", "a.b_c-1"])),
        generation=draw(st.sampled_from(["qpv-2024", None])),
        kind=draw(st.sampled_from(["qpv", "watch_area", "poche"])),
        title=draw(words),
        edition=draw(st.none() | words),
        licence=draw(st.none() | words),
        count=len(codes),
        precision_m=draw(st.floats(0, 1000)),
        valid_from=draw(days),
        valid_to=draw(days),
    )
    coverage = draw(st.sampled_from([EVERYWHERE, NOWHERE, Coverage(shapely.box(0.1 + 0.2, 46.5, 0.7, 46.7))]))
    return PerimeterSet(dataset, coverage, codes, names, insee, communes, array)


@examples(10, of=40)
@given(one=sets())
def test_what_is_installed_is_loaded_to_the_last_bit(tmp_path_factory, one):
    store = Store(tmp_path_factory.mktemp("home"))
    store.install(one)
    found = load(store, one.dataset.id)
    assert content(found) == content(one)
    assert found.coverage.kind == one.coverage.kind
    assert found.coverage.area.equals_exact(one.coverage.area, tolerance=0)


def test_the_published_perimeters_come_out_as_they_went_in(with_2015, loos_2015):
    assert content(load(with_2015.store, "qpv-2015")) == content(loos_2015)


def test_any_gis_opens_what_is_installed(store):
    one = replace(edition(), insee=("86194", "86194,86214", ""), communes=("Poitiers", "", "Ligugé"))
    frame = gpd.read_file(store.install(one).path)
    assert frame.crs.to_epsg() == 4326
    assert frame.columns.tolist() == ["code_qp", "lib_qp", "insee_com", "kind", "lib_com", "geometry"]
    assert tuple(frame.code_qp) == one.codes
    assert tuple(frame.lib_qp) == one.names
    assert tuple(frame.insee_com) == one.insee
    assert tuple(frame.lib_com) == one.communes
    assert tuple(frame.kind) == one.kinds
    assert [shape.wkb for shape in frame.geometry] == [shape.wkb for shape in one.geometry]


def test_a_record_says_what_was_installed_and_when(store, folder):
    before = datetime.now(UTC).replace(microsecond=0)
    installed = store.install(edition())
    assert installed.path.parent == folder
    assert installed.file_sha256 == hashlib.sha256(installed.path.read_bytes()).hexdigest()
    assert installed.file_sha256[:12] in installed.path.name
    assert before <= datetime.fromisoformat(installed.installed_at) <= datetime.now(UTC)
    found = store.find("qpv-2024")
    assert (found.dataset, found.path, found.file_sha256) == (edition().dataset, installed.path, installed.file_sha256)
    assert found.installed_at == installed.installed_at


def test_an_empty_home_has_nothing(store, home):
    assert store.ids() == ()
    assert store.find("qpv-2024") is None
    assert not home.exists()  # looking creates nothing


def test_datasets_are_listed_in_order_and_do_not_touch_one_another(store):
    for name in ("zones-essai", "qpv-2024", "zones", "zones-essai-2"):
        store.install(renamed(edition(), name))
    assert store.ids() == ("qpv-2024", "zones", "zones-essai", "zones-essai-2")
    store.install(renamed(edition("B"), "zones"))
    assert {name: load(store, name).names[0] for name in store.ids()} == {
        "qpv-2024": "A", "zones": "B", "zones-essai": "A", "zones-essai-2": "A",
    }  # fmt: skip


# ── An altered file ──────────────────────────────────────────────────────────────────────────────────────────


def distrusted(store, *says):
    """The one line that says why an installed dataset is not believed."""
    with pytest.raises(IntegrityError) as refused:
        load(store)
    message = str(refused.value)
    assert "\n" not in message
    for text in ("qpv-2024", *says):
        assert text in message


@pytest.mark.parametrize("where", [0.0, 0.001, 0.3, 0.5, 0.9, 0.999999])
@pytest.mark.parametrize("bit", [0x01, 0x80])
def test_one_bit_changed_is_seen(store, where, bit):
    path = store.install(edition()).path
    altered = bytearray(path.read_bytes())
    altered[int(where * len(altered))] ^= bit
    path.write_bytes(altered)
    found = hashlib.sha256(altered).hexdigest()
    distrusted(store, "modifié sur le disque", str(path), found[:12])


def test_a_file_that_is_cut_or_lengthened_is_seen(store):
    path = store.install(edition()).path
    sound = path.read_bytes()
    for altered in (sound[:-1], sound + b"\0", b"", sound[: len(sound) // 2]):
        path.write_bytes(altered)
        distrusted(store, "modifié sur le disque")
    path.write_bytes(sound)
    assert load(store).names == ("A", "A", "A")


def test_a_sound_file_of_another_edition_is_seen(store, tmp_path):
    other = Store(tmp_path / "other").install(edition("B")).path
    shutil.copy(other, store.install(edition("A")).path)
    distrusted(store, "modifié sur le disque")


def test_a_file_that_is_gone_is_seen(store):
    path = store.install(edition()).path
    path.unlink()
    distrusted(store, "introuvable", str(path))


def test_a_record_that_lost_any_of_its_fields_is_seen(store, folder):
    store.install(edition())
    path = folder / "qpv-2024.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    assert len(record) > 10
    for field in record:
        path.write_text(json.dumps({key: value for key, value in record.items() if key != field}), encoding="utf-8")
        distrusted(store, "fiche d’installation", str(path))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("precision_m", 0.0),
        ("precision_m", "0.1"),
        ("coverage", "none"),
        ("generation", "qpv-2015"),
        ("count", 4),
        ("sha256", "1" * 64),
        ("source", "autre"),
        ("valid_to", "2024-12-31"),
        ("ajout", 1),
    ],
)
def test_a_record_that_says_something_else_is_seen(store, folder, field, value):
    store.install(edition(precision_m=0.1))
    path = folder / "qpv-2024.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    assert record.get(field) != value
    path.write_text(json.dumps({**record, field: value}), encoding="utf-8")
    distrusted(store, "fiche d’installation", str(path))


def test_a_record_may_be_laid_out_anew(store, folder):
    store.install(edition())
    path = folder / "qpv-2024.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), sort_keys=True), encoding="utf-8")
    assert load(store).names == ("A", "A", "A")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'"texte"',
        {"coverage": "partout"},
        {"coverage": {"type": "Carre"}},
        {"coverage": {"type": "Polygon", "coordinates": [[[0]]]}},
        {"coverage": 3},
        {"valid_from": "hier"},
        {"valid_to": 20240101},
        {"file": None},
    ],
)
def test_a_record_that_cannot_be_understood_is_seen(store, folder, text):
    store.install(edition())
    path = folder / "qpv-2024.json"
    if isinstance(text, dict):
        text = json.dumps({**json.loads(path.read_text(encoding="utf-8")), **text}).encode()
    path.write_bytes(text)
    distrusted(store, "fiche d’installation", str(path))


def test_installing_again_mends_an_altered_file(store):
    store.install(edition()).path.write_bytes(b"")
    store.install(edition())
    assert load(store).names == ("A", "A", "A")


# ── Whole, or not at all ─────────────────────────────────────────────────────────────────────────────────────


def gpkgs(folder):
    return sorted(path.name for path in folder.glob("[!.]*.gpkg"))


def temporary(folder):
    return list(folder.glob(".*.partiel.*"))


def test_another_edition_takes_the_place_of_the_former(store, folder):
    first = store.install(edition("A", count=2))
    second = store.install(edition("B", count=5, coverage=NOWHERE))
    assert load(store).names == ("B",) * 5
    assert store.find("qpv-2024").coverage.kind == "none"
    assert first.path != second.path
    assert gpkgs(folder) == [second.path.name]
    assert temporary(folder) == []


def test_a_file_that_a_killed_install_left_is_removed_by_the_next(store, folder):
    installed = store.install(edition())
    orphan = folder / f"qpv-2024-{'0' * 12}.gpkg"
    orphan.write_bytes(b"orphan")
    neighbour = folder / f"qpv-2024-bis-{'0' * 12}.gpkg"
    neighbour.write_bytes(b"another dataset's")
    assert store.install(edition("B")).path.name in gpkgs(folder)
    assert not orphan.exists()
    assert not installed.path.exists()
    assert neighbour.exists()


@contextmanager
def files_of_at_most(size):
    """Have every write beyond `size` bytes fail, as on a full disk."""
    former, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (former, hard))


def endless_coverage():
    """An area that takes more room, written down, than the perimeters."""
    return Coverage(shapely.MultiPolygon([shapely.box(k * 1e-4, 46.5, k * 1e-4 + 5e-5, 46.6) for k in range(3000)]))


@pytest.mark.parametrize(
    ("size", "coverage", "at"),
    [(10_000, EVERYWHERE, "gpkg"), (200_000, endless_coverage(), "json")],
    ids=["data", "record"],
)
def test_a_full_disk_leaves_the_former_edition_whole(store, folder, size, coverage, at):
    store.install(edition("A"))
    before = (folder / "qpv-2024.json").read_bytes()
    with files_of_at_most(size), pytest.raises(OSError) as failed:
        store.install(edition("B", coverage=coverage))
    assert failed.value.filename.endswith(at)
    assert (folder / "qpv-2024.json").read_bytes() == before
    assert load(store).names == ("A", "A", "A")
    assert temporary(folder) == []
    store.install(edition("B", coverage=coverage))
    assert load(store).names == ("B", "B", "B")
    assert len(gpkgs(folder)) == 1


def test_a_set_that_cannot_be_written_leaves_the_former_edition_whole(store, folder):
    store.install(edition("A"))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(UnicodeEncodeError):
        store.install(edition("\ud800"))  # half a character
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    store.install(edition("B"))
    assert load(store).names == ("B", "B", "B")


def test_installs_at_the_same_time_leave_one_whole_edition(home, folder):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: Store(home).install(edition(name)), "ABCD" * 5))
    found = load(Store(home))
    assert content(found) == content(edition(found.names[0]))
    assert len(gpkgs(folder)) == 1
    assert temporary(folder) == []


def test_a_dataset_is_removed_with_its_file_readable_or_not(store, folder):
    for name in ("zones", "zones-essai"):
        store.install(renamed(edition(), name))
    assert not store.remove("absent")
    (folder / "zones.json").write_bytes(b"{")
    assert store.remove("zones")
    assert store.ids() == ("zones-essai",)
    assert len(gpkgs(folder)) == 1
    assert load(store, "zones-essai").names == ("A", "A", "A")
    assert not store.remove("zones")


def test_what_is_outside_the_store_is_not_removed(store, folder):
    store.install(edition())
    (folder.parent / "ailleurs.json").write_text("{}")
    assert not store.remove("../ailleurs")
    assert not store.remove("../perimeters/qpv-2024")
    assert (folder.parent / "ailleurs.json").exists()
    assert store.ids() == ("qpv-2024",)


def test_a_first_install_that_fails_leaves_nothing_installed(store):
    with files_of_at_most(10_000), pytest.raises(OSError):
        store.install(edition())
    assert store.ids() == ()
    assert store.find("qpv-2024") is None


REINSTALLER = """
import os, sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from test_store import Store, edition
import qpv_geo.perimeters.store, geopandas, pyogrio
store, editions = Store(Path(sys.argv[1])), [edition(name, count=40) for name in "AB"]
for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        while True:
            for one in editions:
                store.install(one)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("killed", flush=True)
"""
"""On each line of its input, have a child install one edition after the other until it is killed."""


def seen(folder):
    """What an install changes, step by step: its temporary files, its data, its record."""
    names = {entry.name for entry in os.scandir(folder)}
    return {
        "temporary": frozenset(name for name in names if ".partiel." in name),
        "data": frozenset(name for name in names if name.endswith(".gpkg") and ".partiel." not in name),
        "record": (folder / "qpv-2024.json").stat().st_ino,
    }


def wait_for(folder, what, times):
    """Watch the folder until that has changed so many times."""
    until, former = time.monotonic() + 20, seen(folder)[what]
    while times and time.monotonic() < until:
        now = seen(folder)[what]
        times, former = times - (now != former), now
    assert not times, f"nothing was installed for 20 s ({what})"


@pytest.mark.more
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_an_install_that_is_killed_at_any_step_leaves_a_whole_edition(home, store, folder):
    store.install(edition("A", count=40))
    expected = {name: content(edition(name, count=40)) for name in "AB"}
    here = Path(__file__).parent
    command = [sys.executable, "-c", REINSTALLER, str(home), str(here), str(here.parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reinstaller:
        for times in (1, 2, 3, 4) if LONG else (1, 3):
            for what in ("temporary", "data", "record"):
                reinstaller.stdin.write("\n")
                reinstaller.stdin.flush()
                child = int(reinstaller.stdout.readline())
                try:
                    wait_for(folder, what, times)
                finally:
                    os.kill(child, signal.SIGKILL)
                assert reinstaller.stdout.readline() == "killed\n"
                found = load(store)
                assert content(found) == expected[found.names[0]], (what, times)
                assert store.ids() == ("qpv-2024",)
        reinstaller.stdin.close()
    store.install(edition("C"))
    assert load(store).names == ("C", "C", "C")
    assert len(gpkgs(folder)) == 1


def test_local_zones_keep_their_days(store):
    one = replace(edition(), dataset=replace(edition().dataset, valid_from=date(2024, 1, 1), valid_to=None))
    store.install(one)
    assert store.find("qpv-2024").dataset.valid_from == date(2024, 1, 1)
    assert store.find("qpv-2024").dataset.valid_to is None

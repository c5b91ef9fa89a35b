"""What the tests share: real data, a home of their own, and the command line as its users run it."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import signal
import threading
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from browser import LastingBrowser
from examples import LONG
from forked_commands import ForkedCommands
from hypothesis.strategies import text
from synthetic import LOOS_BOX

from qpv_geo.cli import main
from qpv_geo.files import locked
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.perimeters.catalogue import Catalogue
from qpv_geo.perimeters.coverage import coverage_from_json
from qpv_geo.perimeters.importing import ImportOptions, read_file

TESTS = Path(__file__).resolve().parent
SHARED = TESTS.parents[1] / "shared"
RARELY = 50_000, 20, 20
"""How seldom garbage is searched for, as `gc.set_threshold` takes it."""
CHROMIUM = pytest.StashKey[LastingBrowser]()


class Answer(NamedTuple):
    code: int
    out: str
    err: str


class Turned(pytest.Dir):
    """A folder that each process of a run begins elsewhere, so that no two compile the same files of a fresh clone."""

    def collect(self):
        found, told = [*super().collect()], self.config.workerinput
        first = len(found) * int(told["workerid"].removeprefix("gw")) // told["workercount"]
        return found[first:] + found[:first]


@pytest.fixture(scope="session")
def shared():
    """The folder of real data; tests that ask for it are skipped, saying so, where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"the shared data folder is absent: {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def homes(tmp_path_factory):
    """Folders that are not there yet, one for each test: most install nothing, and need no folder."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / f"home-{number}" for number in itertools.count())


@pytest.fixture(autouse=True)
def home(homes, monkeypatch):
    """A home of its own for every test: nothing installed on the machine is seen, nothing is left behind."""
    folder = next(homes)
    monkeypatch.setenv("QPV_GEO_HOME", str(folder))
    monkeypatch.setenv("QPV_GEO_GEOCODER_URL", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setenv("QPV_GEO_HTTP_ATTEMPTS", "1")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def catalogue(home):
    return Catalogue(home)


@pytest.fixture
def qpv(capsys):
    """Run the command line and return its exit code and what it printed."""

    def run(*arguments):
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Answer(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def forked(tmp_path_factory):
    """Run commands in processes of their own that are killed at a step, or find the disk full."""
    with ForkedCommands(tmp_path_factory.mktemp("forked")) as commands:
        yield commands


@pytest.fixture(scope="session")
def loos_2015(shared, tmp_path_factory):
    """The 2015 perimeters of the Lille metropolis, complete in the rectangle of Loos."""
    known = Catalogue(tmp_path_factory.mktemp("empty")).registry
    options = ImportOptions(coverage=coverage_from_json([LOOS_BOX]))
    return read_file(shared / "boundaries/qpv-2015-mel.geojson", options, known)


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Make a folder once for all the processes of a run: the first that needs it makes it, and the others wait."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name, make):
        whole, draft = folder / name, folder / f"{name}.part"
        with locked(folder / f"{name}.lock", wait=True):
            if not whole.exists():
                shutil.rmtree(draft, ignore_errors=True)
                draft.mkdir()
                make(draft)
                draft.rename(whole)
        return whole

    return made


@pytest.fixture(scope="session")
def national_home(shared, once):
    """A home where the command installed all the 2024 perimeters, rounded to four decimals: to read, or copy from.

    What it said is in ``said.txt``.
    """

    def make(folder):
        path = shared / "boundaries/qpv-2024-france-4dec.geojson.gz"
        said, wrong = StringIO(), StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(wrong):
            patch.setenv("QPV_GEO_HOME", str(folder))
            assert main(["perimeters", "import", str(path)]) == 0
        assert not wrong.getvalue()
        (folder / "said.txt").write_text(said.getvalue(), encoding="utf-8")

    return once("national", make)


@pytest.fixture(scope="session")
def national(national_home):
    """All the 2024 perimeters, rounded to four decimals."""
    catalogue = Catalogue(national_home)
    return catalogue.load(catalogue.find("qpv-2024"))


@pytest.fixture(scope="session")
def sample_home(shared, once):
    """A home where the sample of the Base Adresse Nationale is indexed: to read, or copy from."""
    return once("sample", lambda folder: AddressStore(folder).import_file(shared / "addresses/ban-sample.csv.gz"))


@pytest.fixture
def install_national(home, national_home):
    """Install all the 2024 perimeters, rounded to four decimals, in the home of the test."""
    return lambda: shutil.copytree(national_home, home, dirs_exist_ok=True)


@pytest.fixture
def browser(request):
    """What visits pages: see `browser.Visit`. They end with the test; the browser, with the run."""
    with request.session.stash[CHROMIUM].lent() as opened:
        yield opened


@pytest.fixture
def with_2015(catalogue, loos_2015):
    """The home once the 2015 perimeters are installed."""
    catalogue.store.install(loos_2015)
    return catalogue


gc.disable()  # until all is collected: what is imported and collected lives as long as the run


def pytest_configure():
    """Let Ctrl-C reach what the tests start, even in a run that was told to ignore it (nohup, a shell's background)."""
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionstart(session):
    session.stash[CHROMIUM] = LastingBrowser()


def pytest_sessionfinish(session):
    session.stash[CHROMIUM].close()


def pytest_collection_finish():
    """Leave what was collected out of every later search for garbage, as it lives as long as the run; search seldom."""
    gc.freeze()
    gc.set_threshold(*RARELY)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Search for garbage again, in the process that leads the others too, which collects nothing.

    That one makes the table of all characters meanwhile: in a fresh clone, each of the others would, for a second.
    """
    gc.enable()
    if not session.items:
        text().validate()


def pytest_collect_directory(path, parent):
    is_one_of_several = hasattr(parent.config, "workerinput")
    return Turned.from_parent(parent, path=path) if is_one_of_several and not (path / "__init__.py").exists() else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Put the tests in order, the same in all processes; mark those that need the shared data by what they ask for.

    The long ones are left to ``scripts/fuzz``.
    """
    items.sort(key=lambda item: item.path)
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.shared)
    left = [] if LONG else [item for item in items if item.get_closest_marker("long")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]

"""The version, files, settings and dependencies that the papers of the repository name are real."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from qpv_geo_service.settings import ServiceSettings

import qpv_geo
from qpv_geo.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = {
    f"{model.model_config['env_prefix']}{field}".upper()
    for model in (Settings, ServiceSettings)
    for field in model.model_fields
}
PATH = re.compile(r"\.?\w[\w.-]*(/[\w.-]+)*/?")
OF_A_FILE = re.compile(r"/|\.(cff|csv|geojson|js|md|py|toml|yaml)$")
LOCKED = re.compile(r"([a-z0-9-]+)==(\S+)(?: ; [^\n]+?)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)")
"""A package of a lock file: its name, its version, perhaps the machines it is for, and its hashes."""

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CORE = [*PYPROJECT["project"]["dependencies"], *PYPROJECT["build-system"]["requires"], "uv"]
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
DEV = [*CORE, *(one for extra in EXTRAS.values() for one in extra), *PYPROJECT["dependency-groups"]["docs"]]

papers = pytest.mark.parametrize("paper", ["CONTRIBUTING.md", "SECURITY.md"])


def paths(text):
    """Yield the words in backticks that look like files of the repository; .venv and the user's home are not in it."""
    block = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
    for code in [*block.findall(text), *re.findall(r"`([^`\n]+)`", block.sub("", text))]:
        for word in code.split():
            if PATH.fullmatch(word) and OF_A_FILE.search(word) and not word.startswith((".venv/", "QPV_GEO_")):
                yield word


def test_the_version_to_cite_is_that_of_the_package():
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert cited
    assert cited[1] == qpv_geo.__version__


@papers
def test_every_file_named_is_there(paper):
    named = set(paths((ROOT / paper).read_text(encoding="utf-8")))
    assert named
    assert {path for path in named if not (ROOT / path).exists()} == set()


@papers
def test_every_setting_named_is_read(paper):
    named = set(re.findall(r"QPV_GEO_\w+", (ROOT / paper).read_text(encoding="utf-8")))
    assert {name for name in named if name not in SETTINGS} == set()


def locked(lock):
    """The versions of each package of a lock file: several where they depend on the machine."""
    found = {}
    for name, version, _ in LOCKED.findall((ROOT / lock).read_text(encoding="utf-8")):
        found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize(("lock", "wanted"), [("requirements.lock", CORE), ("requirements-dev.lock", DEV)])
def test_a_lock_holds_what_pyproject_asks(lock, wanted):
    versions = locked(lock)
    for one in map(Requirement, wanted):
        if one.name != PYPROJECT["project"]["name"]:
            found = versions.get(canonicalize_name(one.name), ())
            assert found, f"{one.name} is not in {lock}: run scripts/lock"
            assert all(one.specifier.contains(version) for version in found), f"{one} in {lock}: run scripts/lock"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_packages_with_hashes_and_nothing_else(lock):
    """Neither an option nor an address of a package index."""
    assert LOCKED.sub("", (ROOT / lock).read_text(encoding="utf-8")) == ""


def test_the_core_is_locked_to_the_same_versions_for_development():
    core, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {name: dev.get(name) for name in core} == core


def test_the_core_lock_brings_nothing_of_an_extra():
    own = {canonicalize_name(Requirement(one).name) for extra in EXTRAS.keys() - {"dev"} for one in EXTRAS[extra]}
    core = {canonicalize_name(Requirement(one).name) for one in CORE}
    assert (own - core) & set(locked("requirements.lock")) == set()

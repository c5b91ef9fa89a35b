"""The version, files and settings that the papers of the repository name are real."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
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

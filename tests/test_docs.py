"""What the documentation says is what the code has."""

from __future__ import annotations

import importlib.util
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from qpv_geo_service.settings import ServiceSettings

import qpv_geo
from qpv_geo.geocoding.accuracy import accuracy_m
from qpv_geo.geocoding.protocol import MatchType
from qpv_geo.model import Reason, Status
from qpv_geo.perimeters.registry import registry
from qpv_geo.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
DECISION = PAGES["decision.md"]
DRAWING = " ".join(ET.parse(DOCS / "decision.svg").getroot().itertext())  # noqa: S314 - our own file
LINK = re.compile(r"\]\(([^)\s#]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
POSITIONS = {
    "entrance, postal delivery point, stairwell, dwelling": (
        *("entrée", "délivrance postale", "cage d'escalier", "logement"),
    ),
    "establishment (a directory's point)": ("établissement",),
    "building": ("bâtiment",),
    "house number or place without a kind of point": (None,),
    "plot": ("parcelle",),
    "technical service, segment (a point along the street)": ("service technique", "segment"),
}


@pytest.fixture(scope="module")
def http_reference():
    """The script that writes docs/http.md."""
    spec = importlib.util.spec_from_file_location("http_reference", ROOT / "scripts/http_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(page, heading):
    """The other cells of the tables under a heading, by the first cell of each line."""
    section = HEADING.split(page.split(f"# {heading}\n", 1)[1])[0]
    cells = [re.split(r" \| ", line.strip("| ")) for line in section.splitlines() if line.startswith("| ")]
    return {first.strip("`"): rest for first, *rest in cells}


def test_the_http_reference_is_current(http_reference):
    made = http_reference.reference(http_reference.create_app().openapi())
    assert made == PAGES["http.md"], "run scripts/docs"


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_explained_and_drawn(reason):
    status, meaning = rows(DECISION, "Reasons")[reason]
    assert {part.strip("` ") for part in status.split(",")} <= set(Status)
    assert meaning
    assert reason in DRAWING


def test_no_other_reason_is_explained():
    assert set(rows(DECISION, "Reasons")) - {"reason"} == set(Reason)


def test_the_thresholds_are_the_defaults():
    told = rows(DECISION, "Share and thresholds")
    for name, value in vars(Settings().thresholds).items():
        assert float(told[f"QPV_GEO_{name.upper()}"][0]) == value
        assert f"{value:g}" in DRAWING


@pytest.mark.parametrize("kind", POSITIONS)
def test_the_radius_of_an_address_is_that_of_the_code(kind):
    (told,) = rows(DECISION, "Accuracy of an address")[kind]
    for position in POSITIONS[kind]:
        assert f"{accuracy_m(MatchType.HOUSENUMBER, position):g} m" == told


def test_every_kind_of_point_has_its_radius():
    assert set(rows(DECISION, "Accuracy of an address")) - {"kind of point"} == set(POSITIONS)


@pytest.mark.parametrize("name", qpv_geo.__all__)
def test_every_public_name_is_in_the_python_reference(name):
    assert f"\n::: qpv_geo.{name}\n" in PAGES["python.md"]


def test_the_generations_are_those_of_the_registry():
    section = PAGES["data.md"].split("# Generations\n", 1)[1]
    for generation in registry().generations.values():
        assert f"| `{generation.id}` | {generation.count:,} |" in section
        for validity in generation.validity:
            assert validity.start.isoformat() in section
            assert validity.end is None or validity.end.isoformat() in section
            for decree in validity.decrees:
                assert re.search(r"\d{4}-\d+", decree)[0] in section


@pytest.mark.parametrize("page", [ROOT / "README.md", *(DOCS / name for name in PAGES)], ids=lambda page: page.name)
def test_every_link_leads_somewhere(page, http_reference):
    links = [
        link for link in LINK.findall(page.read_text(encoding="utf-8")) if not link[0].startswith(("http:", "https:"))
    ]
    assert links
    for target, anchor in links:
        linked = page.parent / target if target else page
        assert linked.is_file(), target
        if anchor:
            headings = HEADING.findall(linked.read_text(encoding="utf-8"))
            assert anchor in map(http_reference.anchor, headings), (target, anchor)


def test_every_page_is_in_the_menu():
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    assert sorted(re.findall(r"^  - .+: (\S+\.md)$", menu, flags=re.MULTILINE)) == list(PAGES)


def test_the_first_page_is_short():
    assert PAGES["index.md"].count("\n") <= 60


def test_every_setting_of_the_service_is_in_its_table():
    told = rows(PAGES["service.md"], "Settings")
    names = [name.strip("` ").lower() for cell in told for name in cell.split(",")]
    assert sorted(names) == sorted(["qpv_geo_service_…", *ServiceSettings.model_fields])

"""The registry: what it says of every file, and that the embedded ones are what it says."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date

import pytest
import shapely

from qpv_geo import crs
from qpv_geo.perimeters.coverage import coverage_from_json
from qpv_geo.perimeters.formats import read_layer
from qpv_geo.perimeters.registry import dataset_from_entry, read_registry, registry

KNOWN = registry()
GENERATIONS = list(KNOWN.generations.values())
OVERSEAS = {"antilles", "guyane", "reunion", "mayotte", "polynesie"}


def by_id(one):
    return getattr(one, "id", None) or one.dataset.id


@pytest.mark.parametrize("generation", GENERATIONS, ids=by_id)
def test_a_generation_says_where_when_and_by_which_decrees_it_holds(generation):
    territories = [territory for row in generation.validity for territory in row.territories]
    assert sorted(territories) == sorted(territory.id for territory in crs.TERRITORIES)
    for row in generation.validity:
        assert isinstance(row.start, date)
        assert row.end is None or row.start < row.end
        assert row.decrees
        assert all(re.match(r"décrets? n° \d{4}-\d+", decree) for decree in row.decrees)


def decrees(generation_id, territory):
    rows = KNOWN.generations[generation_id].validity
    return " ; ".join(decree for row in rows if territory in row.territories for decree in row.decrees)


@pytest.mark.parametrize(
    ("generation_id", "mainland", "overseas"),
    [
        ("qpv-2015", ["2014-1750", "2015-1138"], ["2014-1751", "2015-1138"]),
        ("qpv-2024", ["2023-1314", "2024-806"], ["2024-1211", "2024-1212"]),
    ],
)
def test_the_decrees_are_those_of_the_law(generation_id, mainland, overseas):
    assert all(number in decrees(generation_id, "metropole") for number in mainland)
    assert all(number in decrees(generation_id, territory) for number in overseas for territory in OVERSEAS)
    assert not any(number in decrees(generation_id, "metropole") for number in set(overseas) - set(mainland))


@pytest.mark.parametrize(("generation_id", "count"), [("qpv-2015", 1514), ("qpv-2024", 1584)])
def test_the_official_numbers(generation_id, count):
    assert KNOWN.generations[generation_id].count == count


@pytest.mark.parametrize("embedded", KNOWN.embedded, ids=by_id)
def test_an_embedded_dataset_says_everything_that_a_verdict_must_prove(embedded):
    dataset = embedded.dataset
    assert dataset.generation in KNOWN.generations
    assert dataset.kind == "qpv"
    assert dataset.title
    assert dataset.edition
    assert dataset.source.startswith("https://")
    assert dataset.licence == "Licence Ouverte 2.0"
    assert dataset.precision_m > 0
    assert embedded.coverage.kind == "area"
    assert (embedded.path.parent / "registry.toml").is_file()
    assert hashlib.sha256(embedded.path.read_bytes()).hexdigest() == dataset.sha256
    assert dataset.id not in KNOWN.generations  # what is fetched or imported for a generation never hides under it


@pytest.mark.parametrize("embedded", KNOWN.embedded, ids=by_id)
def test_an_embedded_dataset_holds_what_it_says(embedded):
    layer = read_layer(embedded.path)
    assert len(layer.geometry) == embedded.dataset.count
    pattern = KNOWN.generations[embedded.dataset.generation].code_pattern
    assert all(re.match(pattern, code) for code in layer.fields["code_qp"])
    assert shapely.is_valid(layer.geometry).all()
    assert shapely.intersects(embedded.coverage.area, layer.geometry).all()


@pytest.mark.parametrize("download", KNOWN.downloads.values(), ids=by_id)
def test_a_download_says_where_it_comes_from_and_what_is_expected(download):
    assert download.id == download.generation
    assert download.count == KNOWN.generations[download.generation].count
    assert download.url.startswith("https://")
    assert download.source.startswith("https://")
    assert download.licence
    assert download.edition
    assert download.precision_m > 0
    assert coverage_from_json(download.coverage).kind == "all"
    assert download.sha256 is None or re.fullmatch("[0-9a-f]{64}", download.sha256)
    assert (download.sha256 is None) == (download.size is None)
    assert {"zip": bool(download.member), "wfs": bool(download.layer and download.crs and download.page)}[
        download.protocol
    ]


def test_local_names_say_who_uses_them_and_for_which_codes():
    patterns = [generation.code_pattern for generation in GENERATIONS]
    assert KNOWN.aliases
    for alias in KNOWN.aliases:
        assert alias.name
        assert alias.source
        assert alias.codes
        assert all(any(re.match(pattern, code) for pattern in patterns) for code in alias.codes)


def test_the_patterns_of_generations_have_no_code_in_common():
    codes = ["QP059077", "QP02A001", "QP974001", "QN05975M", "QN02A01I", "QN97601C", "QN05901N"]
    owners = [[g.id for g in GENERATIONS if re.match(g.code_pattern, code)] for code in codes]
    assert owners == [["qpv-2015"]] * 3 + [["qpv-2024"]] * 4


def test_the_registry_is_read_once_and_from_any_folder(tmp_path):
    assert registry() is KNOWN
    text = (KNOWN.embedded[0].path.parent / "registry.toml").read_bytes()
    (tmp_path / "registry.toml").write_bytes(text)
    again = read_registry(tmp_path / "registry.toml")
    assert again.generations == KNOWN.generations
    assert again.downloads == KNOWN.downloads
    assert again.aliases == KNOWN.aliases
    assert [one.path for one in again.embedded] == [tmp_path / one.path.name for one in KNOWN.embedded]


def test_an_entry_may_say_more_than_a_dataset_holds():
    dataset = KNOWN.embedded[0].dataset
    entry = {**dataset.__dict__, "file": "ailleurs.geojson", "coverage": "none", "installed_at": "2024-01-01"}
    assert dataset_from_entry(entry) == dataset


def test_the_embedded_perimeters_are_the_published_ones(shared):
    published = json.loads((shared / "boundaries/qpv-2024-poitiers-loos.geojson").read_text(encoding="utf-8"))
    embedded = json.loads(KNOWN.embedded[0].path.read_text(encoding="utf-8"))

    def content(document):
        return {
            feature["properties"]["code_qp"]: (
                feature["properties"]["lib_qp"],
                feature["properties"]["insee_com"],
                feature["geometry"],
            )
            for feature in document["features"]
        }

    assert content(embedded) == content(published)
    assert len(embedded["features"]) == len(published["features"]) == 7


def test_the_embedded_perimeters_are_in_the_national_file_up_to_its_rounding(national):
    embedded = read_layer(KNOWN.embedded[0].path)
    rows = {code: row for row, code in enumerate(national.codes)}
    for code, shape in zip(embedded.fields["code_qp"], embedded.geometry, strict=True):
        both = [crs.project(one, crs.TERRITORIES[0]) for one in (shape, national.geometry[rows[code]])]
        assert both[0].symmetric_difference(both[1]).area <= national.dataset.precision_m * both[0].length


@pytest.mark.parametrize("box", [(0.25, 46.50, 0.48, 46.66), (2.985, 50.593, 3.035, 50.622)])
def test_where_the_embedded_perimeters_claim_to_be_complete_the_nation_has_no_other(national, box):
    embedded = KNOWN.embedded[0]
    here = shapely.box(*box)
    assert embedded.coverage.covers(here)
    touching = {code for code, shape in zip(national.codes, national.geometry, strict=True) if shape.intersects(here)}
    assert touching <= set(read_layer(embedded.path).fields["code_qp"])

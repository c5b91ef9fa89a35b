"""Which dataset answers for a generation, and that none answers once its file has changed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date

import pytest
from synthetic import perimeters, point, square

import qpv_geo
from qpv_geo.errors import FormatError, InputError, IntegrityError, MissingPerimetersError, PerimeterError
from qpv_geo.messages.typography import quoted
from qpv_geo.perimeters.catalogue import Catalogue, load_perimeters
from qpv_geo.perimeters.coverage import NOWHERE, coverage_from_json
from qpv_geo.perimeters.registry import Embedded, read_registry, registry
from qpv_geo.perimeters.store import Installed

EXTRACT = "qpv-2024-poitiers-loos"


def edition(name="qpv-2024", generation="qpv-2024", **days):
    one = perimeters(square(0, 0, 500), name=name, generation=generation)
    return replace(one, dataset=replace(one.dataset, **days))


@pytest.fixture
def copied(tmp_path, home):
    """A catalogue on a copy of the registry and of the embedded perimeters."""
    shutil.copytree(registry().embedded[0].path.parent, tmp_path / "boundaries")
    return Catalogue(home, read_registry(tmp_path / "boundaries/registry.toml"))


# ── Embedded and installed ───────────────────────────────────────────────────────────────────────────────────


def test_without_any_install_the_embedded_perimeters_answer_for_2024(catalogue):
    entry = catalogue.find("qpv-2024")
    assert isinstance(entry, Embedded)
    assert entry.dataset.id == EXTRACT
    assert catalogue.find(EXTRACT) is entry
    (held,) = catalogue.sets_of(catalogue.generation("qpv-2024"))
    assert held.dataset == entry.dataset
    assert len(held) == len(held.codes) == held.dataset.count == 7
    assert held.coverage is entry.coverage


def test_what_is_installed_goes_before_what_is_embedded(catalogue):
    catalogue.store.install(edition())
    assert [entry.dataset.id for entry in catalogue.entries()] == ["qpv-2024", EXTRACT]
    assert isinstance(catalogue.find("qpv-2024"), Installed)
    (alone,) = catalogue.sets_of(catalogue.generation("qpv-2024"))  # it is complete everywhere
    assert alone.codes == ("QN99901N",)
    assert len(catalogue.load(catalogue.find(EXTRACT))) == 7  # still there, under its own id


@pytest.mark.parametrize("coverage", [NOWHERE, coverage_from_json([[0.3, 46.3, 0.6, 46.5]])], ids=["none", "area"])
def test_a_partial_file_hides_nothing_of_what_is_embedded(catalogue, coverage):
    catalogue.store.install(replace(edition(), coverage=coverage))
    installed, embedded = catalogue.sets_of(catalogue.generation("qpv-2024"))
    assert (installed.dataset.id, embedded.dataset.id) == ("qpv-2024", EXTRACT)
    whole = load_perimeters("qpv-2024", catalogue=catalogue)
    assert whole.codes == (*installed.codes, *embedded.codes)
    assert whole.coverage.covers(embedded.coverage.area)
    assert whole.coverage.area.equals(embedded.coverage.area.union(coverage.area))
    assert not whole.coverage.everywhere


def test_what_is_installed_under_another_id_still_answers_for_its_generation(catalogue):
    catalogue.store.install(edition(name="national"))
    assert catalogue.find("qpv-2024").dataset.id == "national"


def test_a_set_is_read_once_and_another_edition_is_seen_at_once(catalogue):
    first = catalogue.store.install(edition())
    held = catalogue.load(first)
    assert catalogue.load(catalogue.find("qpv-2024")) is held
    catalogue.store.install(replace(edition(), names=("Autre",)))
    assert catalogue.load(catalogue.find("qpv-2024")).names == ("Autre",)
    embedded = catalogue.find(EXTRACT)
    assert catalogue.load(embedded) is catalogue.load(embedded)


def test_a_generation_that_is_not_installed_is_missing_and_says_what_to_run(catalogue):
    with pytest.raises(MissingPerimetersError) as refused:
        catalogue.sets_of(catalogue.generation("qpv-2015"))
    assert refused.value.remedy == "qpv perimeters fetch qpv-2015 --accept-new"  # no hash of it is known
    assert "qpv perimeters" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("downloads", [True, False])
def test_the_command_that_is_told_fits_what_the_registry_knows(catalogue, home, downloads):
    known = replace(catalogue.registry, embedded=(), downloads=catalogue.registry.downloads if downloads else {})
    bare = Catalogue(home, known)
    with pytest.raises(MissingPerimetersError) as refused:
        bare.sets_of(bare.generation("qpv-2024"))
    verb = "fetch qpv-2024" if downloads else "import FICHIER --generation qpv-2024"
    assert refused.value.remedy == f"qpv perimeters {verb}"


def test_an_unknown_generation_is_named_with_the_known_ones(catalogue):
    with pytest.raises(InputError) as refused:
        catalogue.generation("qpv-1996")
    for text in ("« qpv-1996 »", "qpv-2015", "qpv-2024"):
        assert text in str(refused.value)


# ── Local zones ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("on", "ids"),
    [
        (date(2023, 12, 31), ["toujours"]),
        (date(2024, 1, 1), ["depuis", "pendant", "toujours"]),
        (date(2024, 12, 31), ["depuis", "pendant", "toujours"]),
        (date(2025, 1, 1), ["depuis", "toujours"]),
    ],
)
def test_local_zones_hold_from_their_first_day_to_their_last(catalogue, on, ids):
    start, end = date(2024, 1, 1), date(2024, 12, 31)
    catalogue.store.install(edition())  # a generation is no local zone
    catalogue.store.install(edition("toujours", None))
    catalogue.store.install(edition("depuis", None, valid_from=start))
    catalogue.store.install(edition("pendant", None, valid_from=start, valid_to=end))
    assert [one.dataset.id for one in catalogue.local_zones(on)] == ids


# ── Altered files ────────────────────────────────────────────────────────────────────────────────────────────


def test_an_embedded_file_that_changed_is_not_believed(copied):
    path = copied.find(EXTRACT).path
    sound = path.read_bytes()
    assert len(copied.load(copied.find(EXTRACT))) == 7
    for altered in (sound.replace(b"50.6", b"50.7", 1), sound + b"\n", sound[:-1], b""):
        assert altered != sound
        path.write_bytes(altered)
        fresh = Catalogue(path.parent.parent / "home", copied.registry)
        with pytest.raises(IntegrityError) as refused:
            fresh.sets_of(fresh.generation("qpv-2024"))
        assert EXTRACT in str(refused.value)
        assert "modifié sur le disque" in str(refused.value)
        assert "\n" not in str(refused.value)


def test_an_embedded_file_that_is_gone_is_said_so(copied):
    copied.find(EXTRACT).path.unlink()
    with pytest.raises(IntegrityError, match="introuvable"):
        copied.load(copied.find(EXTRACT))


def test_an_altered_installed_file_stops_the_question_rather_than_answer_from_another(catalogue):
    path = catalogue.store.install(edition()).path
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(IntegrityError):
        catalogue.sets_of(catalogue.generation("qpv-2024"))
    with pytest.raises(IntegrityError, match="modifié sur le disque"):
        qpv_geo.check(**point(100, 100), on="2024-06-01")


def test_a_record_that_cannot_be_read_stops_only_who_needs_it(catalogue, home):
    catalogue.store.install(edition("zones-essai", None))
    catalogue.store.install(edition())
    (home / "perimeters/qpv-2024.json").write_bytes(b"{")
    assert [entry.dataset.id for entry in catalogue.entries()] == ["zones-essai", EXTRACT]
    assert len(catalogue.local_zones(date(2024, 6, 1))) == 1
    for ask in (
        lambda: catalogue.sets_of(catalogue.generation("qpv-2024")),
        lambda: load_perimeters("qpv-2024", catalogue=catalogue),
        lambda: qpv_geo.check(**point(100, 100), on="2024-06-01"),
    ):
        with pytest.raises(IntegrityError, match="fiche d’installation illisible"):
            ask()


# ── By id or by path ─────────────────────────────────────────────────────────────────────────────────────────


def test_perimeters_are_loaded_by_the_id_of_a_generation_or_of_a_dataset(catalogue):
    assert len(load_perimeters("qpv-2024", catalogue=catalogue)) == 7
    assert len(load_perimeters(EXTRACT, catalogue=catalogue)) == 7
    with pytest.raises(MissingPerimetersError):
        load_perimeters("qpv-2015", catalogue=catalogue)


def test_perimeters_are_loaded_from_a_file(catalogue, tmp_path):
    path = tmp_path / "essai.gpkg"
    edition().frame.to_file(path)
    for source in (path, str(path)):
        one = load_perimeters(source, catalogue=catalogue)
        assert one.codes == ("QN99901N",)
        assert one.dataset.generation == "qpv-2024"
        assert one.coverage.kind == "none"
    assert catalogue.store.ids() == ()  # reading is not installing


def test_what_is_neither_is_refused_with_what_is_known(catalogue, tmp_path):
    catalogue.store.install(edition("zones-essai", None))
    for source in ("qpv-1996", "absent.geojson", str(tmp_path)):
        with pytest.raises(InputError) as refused:
            load_perimeters(source, catalogue=catalogue)
        for text in (quoted(source), "qpv-2015", "qpv-2024", EXTRACT, "zones-essai"):
            assert text in str(refused.value)


def test_the_public_function_reads_the_home_of_the_settings(catalogue, tmp_path):
    assert qpv_geo.load_perimeters("qpv-2024").dataset.id == EXTRACT
    catalogue.store.install(edition())
    assert qpv_geo.load_perimeters("qpv-2024").dataset.id == "qpv-2024"
    (tmp_path / "texte.geojson").write_text("bonjour")
    with pytest.raises(FormatError):
        qpv_geo.load_perimeters(tmp_path / "texte.geojson")
    (tmp_path / "vide.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    with pytest.raises(PerimeterError, match="aucun périmètre"):
        qpv_geo.load_perimeters(tmp_path / "vide.geojson")

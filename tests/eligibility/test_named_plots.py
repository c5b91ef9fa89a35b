"""Cadastral plots, and places that a town names without publishing where they are."""

from __future__ import annotations

import json

import pytest
import shapely
from fake_geocoder import offline_index, row
from loopback import Answer, Loopback
from naming import LOOS_PLOT, NOBODY, ON, check, many, renamed, words
from synthetic import degrees, perimeters, point, square

import qpv_geo
from qpv_geo.errors import MissingError, RemoteError
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.settings import load_settings

# ── Places that a town names ─────────────────────────────────────────────────────────────────────────────────

PREVERT = (
    row(0, 0, 1, street="Rue Jacques Prévert", code_postal="59120", code_insee="59360", nom_commune="Loos"),
    row(20, 0, 2, street="Rue Prévert", code_postal="59120", code_insee="59360", nom_commune="Loos"),
    row(40, 0, 3, street="Rue des Oliveaux", code_postal="59120", code_insee="59360", nom_commune="Loos"),
)


@pytest.mark.usefixtures("socket_disabled")
@pytest.mark.parametrize(
    "text", ["Centre Prévert", "centre prevert, Loos", "Centre Prévert 59120 Loos", "le Centre Prévert à Loos (59)"]
)
def test_the_centre_prevert_has_no_published_position(home, text):
    offline_index(home, *PREVERT)
    verdict = check(text)
    assert words(verdict) == ("not_located", "no_match")
    assert "connu de la ville, mais sa position n’est pas publiée" in verdict.message
    assert "entré dans le QPV en 2024 d’après la ville" in verdict.message
    assert (verdict.location.lon, verdict.location.label) == (None, "Centre Prévert, Loos")


@pytest.mark.parametrize("text", ["Maison du projet des Oliveaux", "maison du projet des oliveaux, 59120 Loos"])
def test_nor_has_the_maison_du_projet(home, text):
    offline_index(home, *PREVERT)
    verdict = check(text)
    assert words(verdict) == ("not_located", "no_match")
    assert "connu de la ville, mais sa position n’est pas publiée" in verdict.message
    assert "2024" not in verdict.message


def test_a_street_of_that_name_is_a_street(home):
    offline_index(home, *PREVERT)
    assert check("2 rue Prévert, 59120 Loos").location.type == "housenumber"
    assert check("Centre Prévert, Lille", geocoder=NOBODY).location.label is None


# ── Plots ────────────────────────────────────────────────────────────────────────────────────────────────────

POITIERS = {"code_postal": "86000", "code_insee": "86194", "nom_commune": "Poitiers"}
PLOT = "86194000AB0123"


@pytest.fixture
def indexed(catalogue, home):
    """Two doors on a plot, within a square, and one on another."""
    catalogue.store.install(perimeters(square(0, 0, 400), name="qpv-2024"))
    return offline_index(
        home,
        row(100, 100, 1, **POITIERS, cad_parcelles=f"{PLOT}|86194000AB0124"),
        row(200, 100, 3, **POITIERS, cad_parcelles=PLOT),
        row(900, 100, 5, **POITIERS, cad_parcelles="86194000AB0125"),
    )


@pytest.mark.usefixtures("indexed", "socket_disabled")
@pytest.mark.parametrize(
    "text", [PLOT, "86194 000 AB 0123", "parcelle AB 123, Poitiers", "section AB n° 123 86194 Poitiers"]
)
def test_offline_a_plot_is_known_by_its_addresses(text):
    verdict = check(text)
    assert words(verdict) == ("uncertain", "imprecise_location")
    assert [one.label.split(" 86000")[0] for one in verdict.candidates] == ["1 Rue des Carrés", "3 Rue des Carrés"]
    assert {one.status for one in verdict.candidates} == {"inside"}
    assert verdict.location.type == "parcel"
    assert verdict.location.citycode == "86194"
    assert PLOT in verdict.location.label
    assert verdict.location.lon == pytest.approx(point(100, 100)["lon"], abs=1e-5)


@pytest.mark.usefixtures("indexed", "socket_disabled")
def test_a_plot_without_addresses_is_not_found():
    verdict = check("86194000ZZ0999")
    assert words(verdict) == ("not_located", "no_match")
    assert "hors QPV" in verdict.message
    elsewhere = check("59350000AB0123")
    assert words(elsewhere) == ("not_located", "missing_addresses")
    assert elsewhere.remedy == "qpv addresses fetch 59"


def test_without_any_index_nothing_can_be_said_of_a_plot():
    with pytest.raises(MissingError):
        check(LOOS_PLOT)
    assert isinstance(many([LOOS_PLOT])[0], MissingError)


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize("text", ["59360 AB 123", "59120 AB 123"])
def test_five_digits_are_never_taken_for_an_insee_code_or_a_postcode(text):
    verdict = check(text)
    assert words(verdict) == ("uncertain", "weak_match")
    assert LOOS_PLOT in " ".join(one.label for one in verdict.candidates)
    assert "Loos" in verdict.message
    assert len(verdict.candidates) > 1


@pytest.mark.usefixtures("indexed")
def test_the_commune_may_be_said_by_a_filter():
    assert words(check("parcelle AB 123")) == ("not_located", "no_match")
    assert words(check("parcelle AB 123", citycode="86194")) == ("uncertain", "imprecise_location")
    assert words(check("59360 AB 123", geocoder=NOBODY, citycode="59360")) == ("not_located", "no_match")
    assert words(check(PLOT, geocoder=NOBODY, citycode="59360")) == ("not_located", "no_match")


def test_a_plot_in_a_commune_without_perimeter_is_outside(catalogue, home):
    some = renamed(perimeters(square(0, 0, 400), name="qpv-2024"), ["Carré"], ["59350"])
    catalogue.store.install(some)
    offline_index(home, row(5_000, 0, 1, **POITIERS, cad_parcelles=PLOT))
    assert words(check(PLOT)) == ("outside", "commune_without_perimeter")


# ── Plots that the national service knows ────────────────────────────────────────────────────────────────────


def feature(plot, surface):
    geometry = json.loads(shapely.to_geojson(degrees(surface)))
    properties = {"id": plot, "city": "Poitiers", "_type": "parcel", "truegeometry": geometry}
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": properties}


PLOTS = {
    "86194000AB0001": square(100, 100, 50),
    "86194000AB0002": square(380, 100, 100),
    "86194000AB0003": square(900, 100, 50),
}


@pytest.fixture
def service(monkeypatch):
    """A service that knows three plots."""

    def answer(query):
        known = [
            feature(one, PLOTS[one]) for one in [query.get("q")] if one in PLOTS and query.get("index") == "parcel"
        ]
        return Answer(json.dumps({"type": "FeatureCollection", "features": known}).encode())

    with Loopback() as server:
        server.routes["/geocodage/search"] = answer
        monkeypatch.setenv("QPV_GEO_GEOCODER_URL", f"{server.url}/geocodage")
        yield server


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize(
    ("plot", "answer"),
    [
        ("86194000AB0001", ("inside", "clear")),
        ("86194000AB0002", ("uncertain", "site_straddles")),
        ("86194000AB0003", ("outside", "clear")),
        (PLOT, ("uncertain", "imprecise_location")),
    ],
)
def test_online_a_plot_is_decided_as_the_site_that_it_is(service, plot, answer):
    verdict = check(plot, geocoder=geocoder_of(load_settings(), cached=False))
    assert words(verdict) == answer
    assert verdict.location.type == "parcel"
    if plot in PLOTS:
        as_site = qpv_geo.check(site=degrees(PLOTS[plot]), on=ON)
        assert (verdict.status, verdict.reason) == (as_site.status, as_site.reason)
        assert (verdict.share_inside, verdict.distance_m) == (as_site.share_inside, as_site.distance_m)
        assert verdict.location.point == as_site.location.point
        assert verdict.evidence.input["site"] == as_site.evidence.input["site"]
    assert [one.query["q"] for one in service.requests] == [plot]
    [told] = many([plot], offline=False)
    assert (told.outcome.status, told.outcome.reason, told.message) == (
        verdict.status,
        verdict.reason,
        verdict.message,
    )


@pytest.mark.usefixtures("indexed")
def test_a_service_that_fails_is_an_error(service):
    service.serve("/geocodage/search", Answer(status=503))
    with pytest.raises(RemoteError, match="503"):
        check(PLOT, geocoder=geocoder_of(load_settings()))
    with pytest.raises(RemoteError, match="503"):
        many([PLOT], offline=False)


@pytest.mark.usefixtures("indexed", "service")
def test_the_command_line_tells_a_failure_from_an_answer(qpv, service):
    assert qpv("check", "86194000AB0001", "--on", ON).code == 0
    service.serve("/geocodage/search", Answer(b"<html>"))
    assert qpv("check", "86194000AB0001", "--on", ON).code == 4


@pytest.mark.usefixtures("indexed")
def test_a_batch_of_plots_asks_each_once(service):
    told = many([*PLOTS, *PLOTS, PLOT, "1 rue des Carrés, 86000 Poitiers"], offline=False)
    statuses = [one.outcome.status.value for one in told]
    assert statuses == ["inside", "uncertain", "outside"] * 2 + ["uncertain", "inside"]
    assert len([one for one in service.requests if one.query.get("index") == "parcel"]) == len(PLOTS) + 1

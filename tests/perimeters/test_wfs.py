"""Layers of a WFS, against a real server that pages as the Géoplateforme does, or fails to."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace
from datetime import date

import pytest
import shapely
from loopback import Answer, Loopback, WfsLayer, corners, square

from qpv_geo.errors import RemoteError, UnknownEditionError
from qpv_geo.http import DOWNLOADS
from qpv_geo.perimeters.download import fetch
from qpv_geo.perimeters.registry import registry
from qpv_geo.settings import Settings

IMPATIENT = replace(DOWNLOADS, wait_initial_s=0.001, wait_max_s=0.002)
NEW_EDITION = {"accept_new": True, "today": date(2030, 5, 17)}
HTML = Answer(b"<!doctype html><title>Maintenance</title>", headers={"Content-Type": "text/html"})


@pytest.fixture
def server():
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", http_attempts=1, http_timeout_s=5.0)


def mercator(lon, lat):
    """Return web-Mercator metres, by its formula (EPSG:3857 is a sphere of 6,378,137 m)."""
    return 6378137 * math.radians(lon), 6378137 * math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))


def wfs_features(count=5):
    squares = []
    for k in range(count):
        lon0, lat0, lon1, lat1 = corners(k)
        properties = {"code_qp": f"QP08699{k}", "nom_qp": f"Carré d'essai {k + 1}", "commune_qp": "Essai", "gml_id": k}
        squares.append(square(properties, (*mercator(lon0, lat0), *mercator(lon1, lat1))))
    return squares


def fetch_wfs(server, settings, route, *, count=5, official=5, **options):
    server.routes["/wfs"] = route
    download = replace(registry().downloads["qpv-2015"], url=f"{server.url}/wfs", count=count, page=2)
    generation = replace(registry().generations["qpv-2015"], count=official)
    return fetch(download, generation, settings, **{"limits": IMPATIENT, **options})


class Steps(list):
    """A progress that keeps what it is told."""

    def __call__(self, done, total):
        self.append((done, total))


def test_a_layer_comes_page_by_page(server, settings):
    steps = Steps()
    perimeters = fetch_wfs(server, settings, WfsLayer(wfs_features()), progress=steps, **NEW_EDITION)
    assert perimeters.codes == tuple(f"QP08699{k}" for k in range(5))
    assert perimeters.names[0] == "Carré d'essai 1"
    assert perimeters.communes == ("Essai",) * 5
    assert perimeters.coverage.kind == "all"
    assert steps == [(0, 5), (2, 5), (4, 5), (5, 5)]
    hits, *pages = [request.query for request in server.requests]
    assert hits["resultType"] == "hits"
    assert [page["startIndex"] for page in pages] == ["0", "2", "4"]
    asked = {"service": "WFS", "version": "2.0.0", "request": "GetFeature", "count": "2", "sortBy": "code_qp"}
    assert all(asked.items() <= page.items() for page in pages)
    assert {page["typeNames"] for page in pages} == {registry().downloads["qpv-2015"].layer}


@pytest.mark.parametrize("layer", [WfsLayer(wfs_features()), WfsLayer(wfs_features(), crs=None)])
def test_web_mercator_becomes_longitude_and_latitude(server, settings, layer):
    perimeters = fetch_wfs(server, settings, layer, **NEW_EDITION)
    assert shapely.bounds(perimeters.geometry).ravel().tolist() == pytest.approx(
        [degrees for k in range(5) for degrees in corners(k)], abs=1e-9
    )


def test_the_hash_is_of_the_perimeters_not_of_the_pages(server, settings):
    first = fetch_wfs(server, settings, WfsLayer(wfs_features()), **NEW_EDITION)
    later = WfsLayer(list(reversed(wfs_features())), moment=30)
    again = fetch_wfs(server, settings, later, known_sha256=first.dataset.sha256)
    assert again.dataset.sha256 == first.dataset.sha256
    moved = wfs_features()
    moved[0]["geometry"]["coordinates"][0][1][0] += 1.0
    assert fetch_wfs(server, settings, WfsLayer(moved), **NEW_EDITION).dataset.sha256 != first.dataset.sha256


def test_the_hash_is_the_one_that_the_documentation_tells_how_to_compute(server, settings):
    features = [
        {**feature, "properties": {name: feature["properties"][name] for name in ("code_qp", "nom_qp", "commune_qp")}}
        for feature in wfs_features()
    ]
    canonical = json.dumps(features, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    perimeters = fetch_wfs(server, settings, WfsLayer(wfs_features()), **NEW_EDITION)
    assert perimeters.dataset.sha256 == hashlib.sha256(canonical).hexdigest()


def test_a_layer_without_a_known_hash_is_accepted_only_on_request(server, settings):
    with pytest.raises(UnknownEditionError, match=r"aucune empreinte numérique n’est connue.*--accept-new"):
        fetch_wfs(server, settings, WfsLayer(wfs_features()))


def test_a_layer_of_another_number_is_accepted_only_on_request(server, settings):
    with pytest.raises(UnknownEditionError, match="5 périmètres reçus, 6 attendus"):
        fetch_wfs(server, settings, WfsLayer(wfs_features()), count=6, official=6)
    perimeters = fetch_wfs(server, settings, WfsLayer(wfs_features()), count=6, official=6, **NEW_EDITION)
    assert (perimeters.dataset.count, perimeters.coverage.kind) == (5, "none")


@pytest.mark.parametrize("hits", [4, 6])
def test_fewer_or_more_perimeters_than_announced_is_an_error(server, settings, hits):
    with pytest.raises(RemoteError, match=f"annonce {hits} périmètres et en donne 5"):
        fetch_wfs(server, settings, WfsLayer(wfs_features(), hits=hits), **NEW_EDITION)


def without_total(answer):
    """Return a page that, as WFS allows, does not tell how many features the layer holds."""
    return replace(answer, body=answer.body.replace(b'"numberMatched": 5', b'"numberMatched": "unknown"'))


@pytest.mark.parametrize(("hits", "received"), [(3, 4), (7, 5)])
def test_perimeters_are_counted_where_pages_do_not_say(server, settings, hits, received):
    layer = WfsLayer(wfs_features(), hits=hits)
    with pytest.raises(RemoteError, match=f"annonce {hits} périmètres et en donne {received}"):
        fetch_wfs(server, settings, lambda query: without_total(layer(query)), **NEW_EDITION)


def second_page(layer, answer):
    """Return a route that answers as the layer does, but for its second page."""
    return lambda query: answer if query.get("startIndex") == "2" else layer(query)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda layer: layer.page([]), "annonce 5 périmètres et en donne 2"),
        (lambda layer: layer.page(layer.features[1:3]), "deux fois le code « QP086991 »"),
        (lambda layer: layer.page([square({}, corners(0))]), "périmètre n° 1 : code absent"),
        (lambda layer: layer.page([{"type": "Feature"}]), "n’est pas du GeoJSON ; relancez plus tard"),
        (
            lambda layer: replace(layer, crs=None).page(layer.features[2:4]),
            "plusieurs systèmes de coordonnées dans les pages reçues de http.* ; relancez plus tard",
        ),
        (
            lambda layer: replace(layer, crs={"type": "name"}).page(layer.features[2:4]),
            "plusieurs systèmes de coordonnées dans les pages reçues de http.* ; relancez plus tard",
        ),
        (lambda _: HTML, "n’est pas du GeoJSON ; relancez plus tard"),
        (lambda _: Answer(b"<ows:ExceptionReport/>"), "n’est pas du GeoJSON ; relancez plus tard"),
        (lambda _: Answer(b"[]"), "n’est pas du GeoJSON ; relancez plus tard"),
        (
            lambda _: Answer(b'{"type": "FeatureCollection", "features": null}'),
            "n’est pas du GeoJSON ; relancez plus tard",
        ),
        (lambda _: Answer(status=400, body=b"<ows:ExceptionReport/>"), "répond 400"),
    ],
)
def test_a_page_that_is_not_what_it_should_be_is_an_error(server, settings, make, why):
    layer = WfsLayer(wfs_features())
    with pytest.raises(RemoteError, match=why):
        fetch_wfs(server, settings, second_page(layer, make(layer)), **NEW_EDITION)


@pytest.mark.parametrize(
    "body", [HTML.body, b"<ows:ExceptionReport/>", b'<FeatureCollection numberMatched="unknown"/>']
)
def test_a_service_that_announces_no_number_is_an_error(server, settings, body):
    with pytest.raises(RemoteError, match="n’est pas du GeoJSON ; relancez plus tard"):
        fetch_wfs(server, settings, lambda _query: Answer(body), **NEW_EDITION)


def test_an_empty_layer_is_an_error(server, settings):
    with pytest.raises(RemoteError, match="aucun périmètre"):
        fetch_wfs(server, settings, WfsLayer([]), **NEW_EDITION)


def test_pages_that_are_too_large_together_are_given_up(server, settings):
    layer = WfsLayer(wfs_features())
    size = len(layer.page(layer.features[:2]).body) + 10
    with pytest.raises(RemoteError, match=r"envoie plus de \d+ Mo ; importez le fichier"):
        fetch_wfs(server, settings, layer, limits=replace(DOWNLOADS, size=size), **NEW_EDITION)


@pytest.mark.parametrize(
    "failure", [Answer(status=503), Answer(b"x" * 100_000, sent=99_999)], ids=["busy", "cut after more than a page"]
)
def test_a_page_that_fails_is_asked_again_and_nothing_of_the_failure_stays(server, settings, failure):
    layer, failures = WfsLayer(wfs_features()), iter([failure])
    patient = settings.model_copy(update={"http_attempts": 2})

    def fail_once(query):
        return (next(failures, None) if query.get("startIndex") == "2" else None) or layer(query)

    assert len(fetch_wfs(server, patient, fail_once, **NEW_EDITION)) == 5
    assert len(server.requests) == 5

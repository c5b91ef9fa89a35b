"""Every answer goes through every door: text, JSON, fiche, map, service, lists, workbooks; none ever fails."""

from __future__ import annotations

import csv
import io
import json
import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import openpyxl
import pypdf
import pytest
import shapely
from examples import examples
from fake_geocoder import row, write_ban
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from real_towns import LOOS, POITIERS, Commune
from serving import serving
from synthetic import LOOS_BOX

import qpv_geo
from qpv_geo import crs
from qpv_geo.cli import main
from qpv_geo.model import Reason, Status

if TYPE_CHECKING:
    from pathlib import Path

    import httpx2

BIARD = Commune("86027", "86580", "Biard")
SAINT_DENIS = Commune("97411", "97400", "Saint-Denis")
PLOT = "86194000AB0123"
NOTICE = "Résultat indicatif, ne vaut pas attestation réglementaire."
DAYS = ("2025-03-01", "2024-06-01", "2023-06-01")
"""Days on which: 2024 is in force everywhere; overseas is still of 2015; 2015 is in force everywhere, known in Loos."""

TEXTS = (
    *("1 rue des Essais, Loos", "20 rue des Essais, Loos", "rue des Essais, Loos", "3 à 9 rue des Essais, Loos"),
    *("99 rue des Essais, Loos", "1 rue Double", "rue Double", "rue Triple", "2 rue Triple", "rue Triple, Poitiers"),
    *("rue Sucre, Saint-Denis 97400", "2 rue Sucre, 97400", "1 rue Inconnue, Poitiers", "nulle part au monde"),
    *("rue Vivaldi, Lyon", "mairie de Poitiers", "Poitiers", "Saint-Denis", "Lyon", "Beaumont", "59120", "86580 Biard"),
    *("Acoua", "Bora-Bora", "Les Oliveaux, Loos", "Épi de Soil", "Centre Prévert, Loos", "Bel Air", "Centre"),
    *("Quartier Nord", "QN05975M", "QP059077", "QN97101M", "QN99999M", PLOT, "86194000ZZ0001", "59350000AB0123"),
    *("59120 AB 123", "5 rue du Lot, Poitiers", "Collège René Descartes, rue Édouard Herriot, 59120 Loos"),
)
"""Addresses, streets, communes, quartiers, local names and plots: found, doubtful, ambiguous, not found."""


def street(name, town, *lons, lat, first=1, **columns):
    numbers = enumerate(lons, first)
    return [row(0, 0, number, name, **town.columns() | {"lon": lon, "lat": lat} | columns) for number, lon in numbers]


ADDRESSES = (
    *street("Rue des Essais", LOOS, *(3.005 + 0.0002 * k for k in range(20)), lat=50.60889),
    *(
        one
        for town, lon, lat in ((LOOS, 3.00671, 50.60889), (POITIERS, 0.36, 46.59), (SAINT_DENIS, 55.45, -20.88))
        for one in street("Rue Double", town, lon, lat=lat)
    ),
    *street("Rue Triple", POITIERS, *(0.36 + 0.001 * k for k in range(8)), lat=46.59),
    *street("Rue Triple", BIARD, 0.30, 0.301, lat=46.58),
    *street("Rue Sucre", SAINT_DENIS, 55.45, 55.451, lat=-20.88),
    *street("Rue du Lot", POITIERS, 0.3745, lat=46.594, first=5, cad_parcelles=PLOT),
)


@pytest.fixture(scope="module")
def doors(shared, national_home, tmp_path_factory):
    """All perimeters of 2024, those of 2015 in Loos, a small address index, and the service on them."""
    home = tmp_path_factory.mktemp("every") / "home"
    shutil.copytree(national_home, home)
    with pytest.MonkeyPatch.context() as patch:
        set_home(patch, home)
        before = shared / "boundaries/qpv-2015-mel.geojson"
        box = ",".join(map(str, LOOS_BOX))
        zone = write_zone(home / "zones.geojson")
        addresses = write_ban(home / "a.csv", *ADDRESSES)
        for command in (
            ("perimeters", "import", before, "--generation", "qpv-2015", "--coverage", box),
            ("perimeters", "import", zone, "--id", "zones-essai", "--kind", "municipal_zone", "--coverage", box),
            ("addresses", "import", addresses, "--id", "99"),
        ):
            assert main([str(word) for word in command]) == 0
        corners = [shapely.get_coordinates(one)[0] for one in qpv_geo.load_perimeters("qpv-2024").geometry]
        lon, lat = np.array(corners).T
        of = crs.territory_index(lon=lon, lat=lat)
        first = [int(np.flatnonzero(of == k)[0]) for k in range(len(crs.TERRITORIES))]
        anchors = {one.id: (float(lon[k]), float(lat[k])) for one, k in zip(crs.TERRITORIES, first, strict=True)}
        with serving() as client:
            yield Doors(home, client, anchors)


def set_home(patch, home):
    patch.setenv("QPV_GEO_HOME", str(home))
    patch.setenv("QPV_GEO_GEOCODERS", '["offline", "published"]')


def write_zone(path):
    """Write a made-up municipal zone in Loos."""
    surface = json.loads(shapely.to_geojson(shapely.box(3.005, 50.608, 3.0065, 50.6095)))
    feature = {"type": "Feature", "properties": {"code": "ESSAI1", "nom": "Zone d'essai"}, "geometry": surface}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


@pytest.fixture
def every(doors, monkeypatch):
    set_home(monkeypatch, doors.home)
    return doors


class Doors(NamedTuple):
    """The home where perimeters and addresses are installed, the service on it, and a place by territory.

    Attributes
    ----------
    anchors
        A corner of a perimeter of each territory, degrees.
    """

    home: Path
    client: httpx2.Client
    anchors: dict[str, tuple[float, float]]


class Question(NamedTuple):
    """A question about a text, a point or a site, as each door takes it."""

    text: str | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float = 0.0
    site: Any = None
    options: tuple[tuple[str, str], ...] = ()

    def command(self, folder):
        return [*self.place(folder), *self.flags()]

    def flags(self):
        return [word for name, value in self.options for word in (f"--{name}", value)]

    def place(self, folder):
        if self.text is not None:
            return [self.text, "--offline"]
        if self.site is None:
            return ["--lon", self.lon, "--lat", self.lat, "--accuracy", self.accuracy_m]
        return ["--site", write_site(folder / "site.geojson", self.site)]

    def parameters(self, on):
        asked = {"on": on, **dict(self.options)}
        if self.text is not None:
            return {"q": self.text} | asked
        return (
            asked if self.site is not None else {"lon": self.lon, "lat": self.lat, "accuracy": self.accuracy_m} | asked
        )

    def list(self, folder):
        """Write a list of this one question; return its path, and its options."""
        if self.site is not None:
            return write_site(folder / "list.geojson", self.site), []
        path = folder / "list.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            rows = [["adresse"], [self.text]] if self.text is not None else [["lon", "lat"], [self.lon, self.lat]]
            csv.writer(stream).writerows(rows)
        return path, ["--offline"] if self.text is not None else ["--accuracy", self.accuracy_m]


def write_site(path, site):
    feature = {"type": "Feature", "properties": {"n": 1}, "geometry": json.loads(shapely.to_geojson(site))}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


def through_every_door(every, qpv, folder, question, on):
    """Return the verdict on a question, the same at every door; None if it is refused at every door."""
    command = ["check", *question.command(folder), "--on", on]
    told = qpv(*command, "--format", "json", "--pdf", folder / "fiche.pdf")
    if told.code != 0:
        refused(every, told, question, on)
        return None
    verdict = json.loads(told.out)
    assert opening(verdict) in spaced(qpv(*command).out)
    assert qpv_geo.verify(verdict).identical
    is_fiche((folder / "fiche.pdf").read_bytes(), verdict)
    by_service(every.client, question, on, verdict)
    by_list(qpv, folder, question, on, verdict)
    return verdict


def refused(every, told, question, on):
    lines = [line for line in told.err.splitlines() if not line.startswith("{")]  # the service logs there too
    assert (told.code in {2, 3}, len(lines)) == (True, 1), told
    if question.site is None:
        for route in ("/v1/check", "/v1/fiche"):
            answer = every.client.get(route, params=question.parameters(on))
            assert answer.status_code in {422, 503}, (answer.status_code, answer.text)


def is_fiche(pdf, verdict):
    [page] = pypdf.PdfReader(io.BytesIO(pdf)).pages
    text = spaced(page.extract_text())
    assert opening(verdict) in text
    assert NOTICE in text
    assert verdict["evidence"]["digest"] in text
    assert ("Pas de carte" in text) != bool(page.images)


def by_service(client, question, on, verdict):
    if question.site is not None:
        site = json.loads(shapely.to_geojson(question.site))
        answer = client.post(
            "/v1/check",
            params=question.parameters(on),
            content=json.dumps(site),
            headers={"content-type": "application/geo+json"},
        )
        assert (answer.status_code, without_moment(answer.json())) == (200, without_moment(verdict))
        return
    parameters = question.parameters(on)
    answer = client.get("/v1/check", params=parameters)
    assert (answer.status_code, without_moment(answer.json())) == (200, without_moment(verdict))
    fiche = client.get("/v1/fiche", params=parameters)
    assert fiche.status_code == 200, fiche.text
    is_fiche(fiche.content, verdict)


def by_list(qpv, folder, question, on, verdict):
    path, options = question.list(folder)
    (folder / "answers.xlsx").unlink(missing_ok=True)
    options = (*options, "--on", on, "--columns", "all", *question.flags())
    told = qpv("batch", path, "-o", folder / "answers.xlsx", *options)
    assert told.code == 0, told.err
    heading, answer = openpyxl.load_workbook(folder / "answers.xlsx").worksheets[0].iter_rows(values_only=True)
    row = dict(zip(heading, answer, strict=True))
    assert (row["qpv_status"], row["qpv_reason"]) == (verdict["status"], verdict["reason"])
    assert row["qpv_message"] == verdict["message"]


def without_moment(verdict):
    return verdict | {"evidence": {key: value for key, value in verdict["evidence"].items() if key != "checked_at"}}


def spaced(text):
    return " ".join(text.split())


def opening(verdict):
    """Return the first words of a sentence, which no layout cuts."""
    return spaced(verdict["message"])[:60].rsplit(" ", 1)[0]


# ── Every reason ─────────────────────────────────────────────────────────────────────────────────────────────

IN_LOOS = {"lon": 3.00671, "lat": 50.60889}
ACROSS = shapely.box(3.004, 50.607, 3.007, 50.609)
REASONS = {
    Question(**IN_LOOS): (DAYS[1], Status.INSIDE, Reason.CLEAR),
    Question(lon=0.30, lat=46.55): (DAYS[1], Status.OUTSIDE, Reason.CLEAR),
    Question(**IN_LOOS, accuracy_m=20.0): (DAYS[1], Status.UNCERTAIN, Reason.NEAR_BOUNDARY),
    Question(**IN_LOOS, accuracy_m=300.0): (DAYS[1], Status.UNCERTAIN, Reason.IMPRECISE_LOCATION),
    Question("rue Double"): (DAYS[1], Status.UNCERTAIN, Reason.WEAK_MATCH),
    Question("rue Triple"): (DAYS[1], Status.UNCERTAIN, Reason.WEAK_MATCH),
    Question(site=ACROSS): (DAYS[1], Status.UNCERTAIN, Reason.SITE_STRADDLES),
    Question(site=shapely.LineString([(3.004, 50.607), (3.007, 50.609)])): (
        *(DAYS[1], Status.UNCERTAIN, Reason.SITE_STRADDLES),
    ),
    Question("rue des Essais, Loos"): (DAYS[1], Status.UNCERTAIN, Reason.STREET_STRADDLES),
    Question(lon=0.30, lat=46.55, accuracy_m=1.0): (DAYS[2], Status.UNCERTAIN, Reason.NOT_COVERED),
    Question("nulle part au monde"): (DAYS[1], Status.NOT_LOCATED, Reason.NO_MATCH),
    Question("rue Vivaldi, Lyon"): (DAYS[1], Status.NOT_LOCATED, Reason.MISSING_ADDRESSES),
    Question("86580 Biard"): (DAYS[1], Status.OUTSIDE, Reason.COMMUNE_WITHOUT_PERIMETER),
    Question("Épi de Soil"): (DAYS[1], Status.UNCERTAIN, Reason.NAMED_AREA),
    Question("QN05975M"): (DAYS[1], Status.INSIDE, Reason.CLEAR),
    Question("QN00101M"): (DAYS[1], Status.INSIDE, Reason.CLEAR),  # crosses itself once projected
    Question("Bel Air"): (DAYS[1], Status.UNCERTAIN, Reason.WEAK_MATCH),
    Question(PLOT): (DAYS[1], Status.UNCERTAIN, Reason.IMPRECISE_LOCATION),
}


def test_every_reason_is_asked():
    assert {reason for _, _, reason in REASONS.values()} == set(Reason)
    assert {status for _, status, _ in REASONS.values()} == set(Status)


@pytest.mark.parametrize("question", REASONS, ids=lambda one: one.text or one[1:4])
def test_every_reason_goes_through_every_door(every, qpv, tmp_path, question):
    on, status, reason = REASONS[question]
    verdict = through_every_door(every, qpv, tmp_path, question, on)
    assert (verdict["status"], verdict["reason"]) == (status, reason)


# ── Whatever is asked ────────────────────────────────────────────────────────────────────────────────────────

shifts = st.sampled_from([0.0, 0.00005, -0.0004, 0.002, -0.02])
places = st.fixed_dictionaries(
    {
        "territory": st.sampled_from([one.id for one in crs.TERRITORIES]),
        "shape": st.sampled_from(["point", "box", "line", "points"]),
        "east": shifts,
        "north": shifts,
        "accuracy_m": st.sampled_from([0.0, 5.0, 300.0]),
    }
)
options = st.sampled_from(
    [(), (("generation", "qpv-2024"),), (("generation", "qpv-2015"),), (("kind", "municipal_zone"),)]
)
asked = st.tuples(st.sampled_from(DAYS), options)


def question_at(anchors, place, options):
    """Return a question about a point or a site near a corner of a perimeter."""
    lon, lat = anchors[place["territory"]]
    lon, lat = round(lon + place["east"], 6), round(lat + place["north"], 6)
    sites = {
        "box": shapely.box(lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001),
        "line": shapely.LineString([(lon - 0.001, lat), (lon + 0.001, lat + 0.0005)]),
        "points": shapely.MultiPoint([(lon - 0.001, lat), (lon + 0.001, lat + 0.0005)]),
    }
    if place["shape"] == "point":
        return Question(lon=lon, lat=lat, accuracy_m=place["accuracy_m"], options=options)
    return Question(site=sites[place["shape"]], options=options)


@examples(4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=places, asked=asked)
def test_a_place_anywhere_goes_through_every_door(every, qpv, tmp_path, place, asked):
    on, options = asked
    assert through_every_door(every, qpv, tmp_path, question_at(every.anchors, place, options), on) is not None


@examples(4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.sampled_from(TEXTS), asked=asked)
def test_a_text_goes_through_every_door(every, qpv, tmp_path, text, asked):
    on, options = asked
    through_every_door(every, qpv, tmp_path, Question(text, options=options), on)


def test_all_of_them_in_a_table_of_projects_make_a_workbook_and_a_map(every, qpv, tmp_path):
    table = tmp_path / "projets.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "title", "year", "amount", "address", "lon", "lat"])
        for number, text in enumerate(TEXTS):
            writer.writerow([number, f"Projet {number}", 2025, "100.00", text, "", ""])
        for number, (lon, lat) in enumerate(every.anchors.values(), len(TEXTS)):
            writer.writerow([number, f"Projet {number}", 2025, "100.00", "", lon, lat])
    told = qpv("projects", "check", table, "--offline", "-o", tmp_path / "rapport.xlsx")
    assert told.code == 0, told.err
    book = openpyxl.load_workbook(tmp_path / "rapport.xlsx")
    titles = {f"Projet {number}" for number in range(len(TEXTS) + len(every.anchors))}
    firm, doubtful = (
        titles & {cell for row in book[sheet].iter_rows(values_only=True) for cell in row}
        for sheet in ("Réponses", "À vérifier")
    )
    assert (firm | doubtful, firm & doubtful) == (titles, set())
    told = qpv("map", table, "--offline", "-o", tmp_path / "carte.html", "--png", tmp_path / "carte.png")
    assert told.code == 0, told.err
    page = (tmp_path / "carte.html").read_text(encoding="utf-8")
    assert all(title in page for title in titles)

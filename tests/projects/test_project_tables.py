"""A table of projects is read whole, or every bad cell of it is told."""

import json
from decimal import Decimal

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from qpv_geo.errors import FormatError
from qpv_geo.model import Location
from qpv_geo.projects import Precision, ProjectsError, ProjectTableOptions, locations, read_projects

HEADER = "id,title,amount,year,theme,lon,lat,code_qp,neighbourhood,parts,site"
ROWS = {
    "id": ["A1", "A2", "A3"],
    "title": ["Projet d'essai 1", "Projet d'essai 2", "Projet d'essai 3"],
    "amount": [1000.5, -20.0, None],
    "year": [2024, 2025, 2024],
    "theme": ["Pilotage", None, "COHESION SOCIALE"],
    "neighbourhood": ["Carré nord; Carré sud", "tous les QPV", None],
}


@pytest.fixture
def write(tmp_path):
    """Write a CSV and return its path."""

    def written(*lines, encoding="utf-8"):
        path = tmp_path / "projets.csv"
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    return written


def faults_of(path, **options):
    with pytest.raises(ProjectsError) as refused:
        read_projects(path, **options)
    return refused.value.faults


def test_a_table_with_documented_headings(write):
    found = read_projects(write(HEADER, "A,Essai,1234.56,2024,pilotage,0.34,46.58,QN08605M,Carré nord,2,"))
    (project,) = found.projects
    assert (project.id, project.title, project.amount, project.year) == ("A", "Essai", Decimal("1234.56"), 2024)
    assert project.themes == ("pilotage",)
    place = project.placement
    assert (place.lon, place.lat, place.codes, place.neighbourhoods) == (0.34, 46.58, ("QN08605M",), ("Carré nord",))
    assert place.precision is Precision.POINT
    assert found.total == Decimal("1234.56")


def test_a_table_with_french_headings(write):
    path = write(
        "N°;INTITULÉ;Porteur;Dispositif;Année;Montant (€);Thématique;Adresse;Longitude;Latitude;Code_QP;Quartier;Avis",
        "7;Essai;Association d'essai;FIQ;2024;1 234,56 €;Cadre de vie & renouvellement urbain;1 rue X;;;;Carré;oui",
        encoding="cp1252",
    )
    found = read_projects(path)
    (project,) = found.projects
    assert (project.id, project.lead, project.scheme) == ("7", "Association d'essai", "FIQ")
    assert (project.amount, project.themes) == (Decimal("1234.56"), ("cadre de vie et renouvellement urbain",))
    assert project.placement.address == "1 rue X"
    assert found.ignored == ("Avis",)


@pytest.mark.parametrize("theme", ["cohésion sociale", "pilotage", "un emploi accessible", "santé"])
@pytest.mark.parametrize("spelled", [str.upper, str.title, lambda name: name.replace("é", "e")])
def test_a_theme_is_read_whatever_its_spelling(write, theme, spelled):
    (project,) = read_projects(write("titre,montant,thème", f"Essai,1,{spelled(theme)}")).projects
    assert project.themes == (theme,)


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("title", "", "intitulé"),
        ("title", "Total sport", "un total égal à la somme"),
        ("id", "", "un identifiant"),
        ("amount", '"1,234"', "un montant sans ambiguïté"),
        ("amount", "12.345678", "deux décimales au plus"),
        ("amount", "beaucoup", "un montant en euros"),
        ("year", "1969", "une année entre 1970 et 2100"),
        ("year", "2101", "une année entre 1970 et 2100"),
        ("year", "24", "une année entre 1970 et 2100"),
        ("theme", "sport;Sports", "thèmes différents"),
        ("theme", "sport 60 %;culture 30 %", "la somme fait 100"),
        ("theme", "sport 60 %;culture", "la part de chaque thème"),
        ("lon", "est", "une longitude en degrés"),
        ("lat", "nan", "une latitude en degrés"),
        ("code_qp", "QN99999Z", "un code de quartier prioritaire"),
        ("code_qp", "86000", "un code de quartier prioritaire"),
        ("neighbourhood", "Carré;CARRE", "quartiers différents"),
        ("neighbourhood", "tous;Carré", "pas les deux"),
        ("parts", "2;-1", "des parts positives"),
        ("parts", "moitié", "des parts positives"),
        ("site", "POLYGON EMPTY", "une géométrie valide"),
        ("site", '"POLYGON((0.3 46.5, 0.4 46.6, 0.4 46.5, 0.3 46.6, 0.3 46.5))"', "une géométrie valide"),
        ("site", "POINT(48 2)", "territoire de la politique de la ville"),
        ("site", "ici", "une géométrie valide"),
    ],
)
def test_a_bad_cell_is_told_with_its_line_its_column_and_what_is_expected(write, column, value, expected):
    good = {"id": "A", "title": "Essai", "lon": "0.34", "lat": "46.58", "neighbourhood": "Carré", "parts": "1"}
    columns = HEADER.split(",")
    bad = {**good, "id": "B", column: value}
    path = write(HEADER, *(",".join(row.get(name, "") for name in columns) for row in (good, bad)))
    found = [(one.line, one.column, one.value) for one in faults_of(path) if expected in one.expected]
    assert (3, column, value.strip('"') or None) in found


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        ({"lon": "0.34"}, "lat", "ou aucune des deux"),
        ({"lat": "46.58"}, "lon", "ou aucune des deux"),
        ({"lon": "46.58", "lat": "0.34"}, "lon", "inversées"),
        ({"lon": "2.17", "lat": "41.0"}, "lon", "territoire de la politique de la ville"),
        ({"parts": "1;2", "neighbourhood": "Carré"}, "parts", "autant de parts"),
        ({"parts": "1"}, "parts", "autant de parts"),
        ({"neighbourhood": "tous", "code_qp": "QN08605M"}, "neighbourhood", "pas les deux"),
    ],
)
def test_cells_that_disagree_are_one_fault(write, cells, column, expected):
    row = {"id": "A", "title": "Essai", **cells}
    path = write(HEADER, ",".join(row.get(name, "") for name in HEADER.split(",")))
    (fault,) = faults_of(path)
    assert (fault.line, fault.column, fault.value) == (2, column, cells.get(column))
    assert expected in fault.expected


def test_everything_wrong_is_told_at_once_and_the_message_is_one_line(write):
    path = write("id,title,amount,year", "A,Essai,x,1", "A,,1,2024", "B,Essai,1,2024", "C,Essai,1.2.3,3000,trop")
    faults = faults_of(path)
    found = [(fault.line, fault.column) for fault in faults]
    cells = [(2, "id"), (2, "amount"), (2, "year"), (3, "id"), (3, "title"), (5, "amount"), (5, "year")]
    assert sorted(found) == sorted([*cells, (5, "")])
    message = str(ProjectsError("projets.csv", faults))
    assert "\n" not in message
    assert "projets.csv" in message
    assert f"{len(faults)} anomalies" in message


def test_a_column_that_is_missing_or_there_twice_is_told(write):
    (fault,) = faults_of(write("title", "Essai"))
    assert (fault.line, fault.column, fault.value) == (1, "amount", None)
    assert "montant" in fault.expected
    (fault,) = faults_of(write("title,montant,amount", "Essai,1,2"))
    assert (fault.line, fault.column) == (1, "amount")
    assert "montant" in fault.expected


def test_only_the_perimeters_that_are_known_are_accepted_where_they_are_told(write):
    path = write("title,amount,code_qp", "Essai,1,QN08609M")
    assert read_projects(path).projects[0].placement.codes == ("QN08609M",)
    (fault,) = faults_of(path, options=ProjectTableOptions(known_codes={"QN08605M"}))
    assert (fault.line, fault.column, fault.value) == (2, "code_qp", "QN08609M")


def test_without_ids_the_line_is_one_and_blank_lines_are_told(write):
    found = read_projects(write("title,amount", "Essai 1,1", ",", "Essai 2,2"))
    assert [(project.id, project.line) for project in found.projects] == [("2", 2), ("4", 4)]
    assert found.blank_lines == (3,)


def test_a_table_without_rows_has_no_project(write):
    assert read_projects(write("title,amount")).projects == ()


def test_an_amount_that_is_not_published_is_not_nought(write):
    found = read_projects(write("id,title,amount", "A,Essai,", "B,Essai,0"))
    assert [project.amount for project in found.projects] == [None, Decimal(0)]
    assert found.unpublished == ("A",)


def test_the_frame_has_a_row_a_project(write):
    frame = read_projects(write("id,title,amount,lon,lat", "A,Essai,0.10,0.34,46.58", "B,Essai,,,")).frame
    assert list(frame.index) == [2, 3]
    assert frame["amount"].tolist() == [Decimal("0.10"), None]
    assert frame["lon"].tolist()[0] == 0.34
    assert frame["precision"].tolist() == ["point", "not_stated"]


def _xlsx(path):
    pd.DataFrame(ROWS).to_excel(path, index=False)


def _csv(path):
    pd.DataFrame(ROWS).to_csv(path, index=False, sep=";", decimal=",")


def _parquet(path):
    lists = [["Carré nord", "Carré sud"], ["tous les QPV"], None]
    pd.DataFrame({**ROWS, "neighbourhood": lists}).to_parquet(path)


@pytest.mark.parametrize(("name", "write_table"), [("p.csv", _csv), ("p.xlsx", _xlsx), ("p.parquet", _parquet)])
def test_every_format_of_tables_says_the_same(tmp_path, name, write_table):
    path = tmp_path / name
    write_table(path)
    _assert_the_rows(read_projects(path))


def _geojson(frame, path):
    features = json.loads(frame.to_crs(4326).to_json(drop_id=True))
    for feature in features["features"]:
        names = feature["properties"]["neighbourhood"]
        feature["properties"]["neighbourhood"] = names.split("; ") if names else None
    path.write_text(json.dumps(features), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "write_layer"),
    [
        ("p.geojson", _geojson),
        ("p.gpkg", lambda frame, path: frame.to_file(path)),
        ("p.parquet", lambda frame, path: frame.to_parquet(path)),
    ],
)
def test_the_geometries_of_a_file_are_sites_and_points(tmp_path, name, write_layer):
    square = shapely.box(0.3, 46.5, 0.31, 46.51)
    geometry = gpd.GeoSeries([square, shapely.Point(0.34, 46.58), None], crs=4326)
    path = tmp_path / name
    write_layer(gpd.GeoDataFrame(ROWS, geometry=geometry).to_crs(2154), path)
    found = read_projects(path)
    _assert_the_rows(found)
    site, point, nothing = (project.placement for project in found.projects)
    assert site.precision is Precision.SITE
    assert site.site.hausdorff_distance(square) < 1e-6
    assert point.precision is Precision.POINT
    assert (point.lon, point.lat) == pytest.approx((0.34, 46.58))
    assert nothing.precision is Precision.NOT_STATED


def _assert_the_rows(found):
    assert [project.id for project in found.projects] == ["A1", "A2", "A3"]
    assert [project.amount for project in found.projects] == [Decimal("1000.50"), Decimal("-20.00"), None]
    assert [project.year for project in found.projects] == [2024, 2025, 2024]
    assert [project.themes for project in found.projects] == [("pilotage",), (), ("cohésion sociale",)]
    several, everywhere, nowhere = (project.placement for project in found.projects)
    assert several.neighbourhoods == ("Carré nord", "Carré sud")
    assert (everywhere.neighbourhoods, everywhere.everywhere) == ((), "tous les QPV")
    assert nowhere.neighbourhoods == ()


def test_locations_are_those_of_the_table_and_those_that_are_found(write):
    path = write(
        "id,title,amount,lon,lat,site,address,neighbourhood",
        "point,Essai,1,0.34,46.58,,1 rue X,Carré",
        'site,Essai,1,,,"POLYGON((0.3 46.5,0.31 46.5,0.31 46.51,0.3 46.5))",,',
        "adresse,Essai,1,,,,2 rue X,",
        "introuvable,Essai,1,,,,3 rue X,",
        "quartier,Essai,1,,,,,Couronneries",
    )
    projects = read_projects(path)
    asked = {"2 rue X": Location(0.35, 46.59, accuracy_m=15.0, type="housenumber")}
    found = locations(projects, asked.get)
    assert found["point"] == Location(0.34, 46.58)
    assert found["adresse"] == asked["2 rue X"]
    assert projects.projects[1].placement.site.contains(shapely.Point(found["site"].lon, found["site"].lat))
    assert set(found) == {"point", "site", "adresse"}
    assert set(locations(projects)) == {"point", "site"}


@pytest.mark.parametrize("name", ["absent.csv", "projets.odt"])
def test_what_is_no_table_is_refused_in_one_line(tmp_path, name):
    (tmp_path / "projets.odt").write_bytes(b"essai")
    with pytest.raises(FormatError) as refused:
        read_projects(tmp_path / name)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)

"""The readers of files that people bring, each as a function of bytes; anything but an answer or a clear error raises.

`test_mangled_files.py` feeds them mangled files; `guided.py` has atheris look for inputs that reach new code.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import openpyxl
import pandas as pd
import shapely
from fake_geocoder import offline_index, row, write_ban

import qpv_geo
from qpv_geo.eligibility.location import read_site
from qpv_geo.errors import QpvGeoError
from qpv_geo.geocoding.address_files import open_rows
from qpv_geo.geocoding.protocol import make_query
from qpv_geo.perimeters.catalogue import Catalogue
from qpv_geo.perimeters.importing import ImportOptions, read_file
from qpv_geo.projects import ProjectsError, read_projects
from qpv_geo.schemes.load import read_scheme
from qpv_geo.tables.opening import open_reader

if TYPE_CHECKING:
    from qpv_geo.geocoding.offline import OfflineIndex

ROWS = pd.DataFrame({"id": ["007", "é", None], "lon": [3.00671, 0.34, None], "lat": [50.60889, 46.58, 1e300]})
FRAME = gpd.GeoDataFrame(
    {"code_qp": ["QN99901N", "QN99902N"], "lib_qp": ["Essai", "Épreuve"], "insee_com": ["99999", "99999, 99998"]},
    geometry=[shapely.box(0.3, 46.5, 0.31, 46.51), shapely.Point(0.4, 46.5).buffer(0.01, quad_segs=2)],
    crs=4326,
)
SCHEME = Path(qpv_geo.__file__).parent / "schemes" / "data"


def _table(path: Path) -> None:
    reader = open_reader(path)
    for k, block in enumerate(reader.blocks(1_000)):
        len(block)
        if k > 5:
            break


def _addresses(path: Path) -> None:
    with open_rows(path) as rows:
        for _ in rows:
            pass


def _perimeters(path: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        read_file(path, ImportOptions(id="essai", kind="zone"), Catalogue(Path(home)).registry)


def _projects(path: Path) -> None:
    with contextlib.suppress(ProjectsError):
        read_projects(path)


def _record(path: Path) -> None:
    qpv_geo.verify(path)


@cache
def _index() -> OfflineIndex:
    with tempfile.TemporaryDirectory() as home:
        return offline_index(Path(home), *(row(k, k, k) for k in range(1, 60)), row(0, 9, 3, "Avenue du Général Essai"))


def _typed(path: Path) -> None:
    """Look for what was typed in a small index: the file's first 200 characters."""
    text = path.read_bytes().decode("utf-8", errors="replace")[:200]
    _index().search(make_query(text))


READERS = {
    "csv": (_table, ".csv"),
    "xlsx": (_table, ".xlsx"),
    "geojson": (_table, ".geojson"),
    "geopackage": (_table, ".gpkg"),
    "parquet": (_table, ".parquet"),
    "addresses": (_addresses, ".csv"),
    "addresses-gz": (_addresses, ".csv.gz"),
    "perimeters": (_perimeters, ".geojson"),
    "perimeters-zip": (_perimeters, ".zip"),
    "site": (read_site, ".geojson"),
    "projects": (_projects, ".csv"),
    "scheme": (lambda path: read_scheme(path, generations={"qpv-2015", "qpv-2024"}), ".toml"),
    "record": (_record, ".json"),
    "typed": (_typed, ".txt"),
}
"""The reader of a path, and the extension it goes by."""


def feed(name: str, content: bytes, folder: Path) -> bool:
    """Have a reader read some bytes; tell whether it refused them. Any other error than ours is a fault."""
    reader, extension = READERS[name]
    path = folder / f"essai{extension}"
    path.write_bytes(content)
    try:
        reader(path)
    except QpvGeoError as error:
        told = str(error)
    else:
        return False
    assert told.strip()
    return True


def seed(name: str, folder: Path) -> bytes:
    """Return a file that the reader accepts."""
    return _SEEDS[name](folder)


def _workbook(_folder: Path) -> bytes:
    book = openpyxl.Workbook()
    for cells in [("id", "lon", "lat"), ("007", 3.00671, 50.60889), ("é", "0,34", 46.58), (None, "=1+1", True)]:
        book.active.append(cells)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _vector(extension: str):
    def make(folder: Path) -> bytes:
        path = folder / f"modèle{extension}"
        FRAME.to_file(path, engine="pyogrio")
        return path.read_bytes()

    return make


def _parquet(_folder: Path) -> bytes:
    content = io.BytesIO()
    ROWS.to_parquet(content)
    return content.getvalue()


def _ban(folder: Path) -> bytes:
    return write_ban(folder / "modèle.csv", *(row(k, k, k) for k in range(1, 6))).read_bytes()


def _zipped_shapefile(folder: Path) -> bytes:
    (folder / "forme").mkdir(exist_ok=True)
    FRAME.to_file(folder / "forme" / "modele.shp", engine="pyogrio")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for part in sorted((folder / "forme").iterdir()):
            archive.write(part, part.name)
    return content.getvalue()


_PROJECTS = """id;intitulé;porteur;dispositif;année;montant;quartier
P1;Essai un;Ville d’Essai;fiq-poitiers;2024;12 000,50;Bel Air
P2;Essai deux;Association d’essai;;2023;;Trois Cités
"""
_SEEDS = {
    "csv": lambda _: ROWS.to_csv(index=False, sep=";").encode(),
    "xlsx": _workbook,
    "geojson": _vector(".geojson"),
    "geopackage": _vector(".gpkg"),
    "parquet": _parquet,
    "addresses": _ban,
    "addresses-gz": lambda folder: gzip.compress(_ban(folder), mtime=0),
    "perimeters": _vector(".geojson"),
    "perimeters-zip": _zipped_shapefile,
    "site": _vector(".geojson"),
    "projects": lambda _: _PROJECTS.encode(),
    "scheme": lambda _: (SCHEME / "pic-loos.toml").read_bytes().replace(b'"pic-loos"', b'"essai"', 1),
    "record": lambda _: json.dumps(qpv_geo.check(lon=3.00671, lat=50.60889, on="2024-06-01").to_dict()).encode(),
    "typed": lambda _: "10 à 14 bis, av. du Gal Essai Bât. B, 99990 Essai".encode(),
}

"""The official services on loopback: both layers of perimeters, the addresses and the lieux-dits of the Vienne."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from contextlib import contextmanager

from geocoding.written import LIEUX_DITS, ban, csv_text, lieu_dit
from loopback import Answer, Loopback, WfsLayer, corners, square

from qpv_geo.perimeters.registry import registry

ADDRESSES, LOCALITIES = "/ban/adresses-86.csv.gz", "/ban/lieux-dits-86-beta.csv.gz"
MEMBER = registry().downloads["qpv-2024"].member


def archive():
    features = [square({"code_qp": "QN08699A", "lib_qp": "Carré d'essai", "insee_com": "00000"}, corners(0))]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.writestr(MEMBER, json.dumps({"type": "FeatureCollection", "features": features}))
    return buffer.getvalue()


@contextmanager
def official_services():
    """Serve them; return the server and the variables of the environment that point there."""
    with Loopback() as loopback:
        former = {"code_qp": "QP086999", "nom_qp": "Carré d'essai", "commune_qp": "Essai"}
        loopback.routes["/wfs"] = WfsLayer([square(former, (33_400, 5_860_000, 33_900, 5_860_500))])
        urls = {"qpv-2024": loopback.serve("/qpv.zip", Answer(archive())), "qpv-2015": f"{loopback.url}/wfs"}
        loopback.serve(ADDRESSES, Answer(gzip.compress(csv_text([ban(1), ban(2, at=(0.34, 46.52))]).encode())))
        loopback.serve(LOCALITIES, Answer(gzip.compress(csv_text([lieu_dit("La Maquette")], LIEUX_DITS).encode())))
        environment = {"QPV_GEO_PERIMETERS_URLS": json.dumps(urls), "QPV_GEO_BAN_URL": f"{loopback.url}/ban"}
        yield loopback, environment

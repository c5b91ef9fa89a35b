"""What importing a large département costs: a million rows of the Base Adresse Nationale, invented."""

from __future__ import annotations

import json
import random
import subprocess
import sys

ROWS = 1_000_000
NUMBERS = 40
HEADER = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;"
    "nom_ancienne_commune;x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;source_position;"
    "source_nom_voie;certification_commune;cad_parcelles\n"
)
IMPORT = """
import json, resource, sys, time
from pathlib import Path
from qpv_geo.geocoding.store import AddressStore
start = time.perf_counter()
status = AddressStore(Path(sys.argv[2])).import_file(Path(sys.argv[1]), index_id="essai")
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"rows": status.rows, "seconds": seconds, "disk_mb": status.size / 1e6, "peak_mb": peak}))
"""


def write_rows(path):
    """Write streets of forty numbers, three hundred streets a commune, each with a name of its own; rows shuffled."""
    rows = list(range(ROWS))
    random.Random(1).shuffle(rows)
    with path.open("w", encoding="utf-8") as stream:
        stream.write(HEADER)
        for row in rows:
            street, number = row // NUMBERS, row % NUMBERS + 1
            commune = street // 300
            name, city = f"Rue de l'Essai {street:05d}", f"Essai-sur-Test-{commune}"
            lon, lat = 0.1 + street * 1e-5, 46.5 + number * 1e-4
            stream.write(
                f"99{commune:03d}_{street:05d}_{number:05d};;{number};;{name};99000;99{commune:03d};{city};;;;;"
                f"{lon:.6f};{lat:.6f};entrée;;;;;commune;commune;1;99{commune:03d}000AB{row % 10_000:04d}\n"
            )


def test_importing_a_million_addresses(tmp_path):
    path = tmp_path / "adresses-essai.csv"
    write_rows(path)
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, path, tmp_path / "home"], capture_output=True, text=True, check=True
    )
    figures = json.loads(done.stdout)
    print(
        f"\n{figures['rows']:,} addresses: {figures['seconds']:.1f} s, "
        f"{figures['disk_mb']:.0f} MB on disk, {figures['peak_mb']:.0f} MB of memory at most"
    )
    assert figures["rows"] == ROWS

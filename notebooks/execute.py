"""Run the notebooks again and keep their outputs: ``.venv/bin/python notebooks/execute.py``.

The outputs kept are those of a machine where nothing is installed, without times or versions: what changes in them is
what the project now says otherwise. The one on the redraw also needs the perimeters of 2015, which do not ship: they
are imported first from the folder of shared data, and it is left as it is where that folder is absent.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient

from qpv_geo.cli import main

_FOLDER = Path(__file__).parent
PERIMETERS_2015 = _FOLDER.resolve().parents[1] / "shared" / "boundaries" / "qpv-2015-mel.geojson"
_LOOS_BOX = "2.985,50.593,3.035,50.622"
"""Where that file is complete around Loos; degrees."""
WITH_2015 = "02-redecoupage-2024-loos.ipynb"
_FORMAT = 4


def install_2015() -> None:
    """Install the perimeters of 2015 of the shared data in ``QPV_GEO_HOME``."""
    options = ("--generation", "qpv-2015", "--coverage", _LOOS_BOX, "--replace")
    if main(["perimeters", "import", str(PERIMETERS_2015), *options]) != 0:
        raise SystemExit(1)


def execute(path: Path) -> None:
    """Run a notebook and write its outputs in it.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A cell fails; the file is left as it was.
    """
    notebook = nbformat.read(path, _FORMAT)
    NotebookClient(notebook, record_timing=False).execute(cwd=path.parent)
    notebook.metadata.language_info = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata = {}
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for path in sorted(_FOLDER.glob("*.ipynb")):
        with TemporaryDirectory() as home:
            os.environ["QPV_GEO_HOME"] = home
            if path.name == WITH_2015:
                if not PERIMETERS_2015.is_file():
                    print(f"{path.name} is left as it is: {PERIMETERS_2015} is absent")
                    continue
                install_2015()
            execute(path)

"""Run the notebooks again and keep their outputs: ``.venv/bin/python notebooks/execute.py``.

The outputs kept are those of a machine where nothing is installed, without times or versions: what changes in them is
what the project now says otherwise.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient

_FOLDER = Path(__file__).parent
_FORMAT = 4


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
    with TemporaryDirectory() as home:
        os.environ["QPV_GEO_HOME"] = home
        for path in sorted(_FOLDER.glob("*.ipynb")):
            execute(path)

"""The notebooks run on what ships, and what they show is what they say today."""

from __future__ import annotations

import re
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import nbformat
import pytest
from nbmake.nb_run import NotebookRun

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
REDRAW = FOLDER / "02-redecoupage-2024-loos.ipynb"
ON_WHAT_SHIPS = [path for path in NOTEBOOKS if path != REDRAW]
AGAIN = "outputs are out of date: .venv/bin/python notebooks/execute.py"


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run a notebook as ``pytest --nbmake`` does, where the network leads nowhere, and return it with its outputs."""
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):  # nothing of the person who runs the tests
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there

    def run_notebook(path):
        result = NotebookRun(path, default_timeout=300).execute()
        assert result.error is None, result.error.trace
        return result.nb

    return run_notebook


def read(path):
    return nbformat.read(path, nbformat.NO_CONVERT)


def outputs(notebook):
    """Return what each cell shows: its texts, and ``True`` in place of a picture, which fonts may change a little.

    What a cell prints is one text, in however many pieces the kernel sent it.
    """
    shown = []
    for cell in notebook.cells:
        for kind, some in groupby(cell.get("outputs", ()), itemgetter("output_type")):
            if kind == "stream":
                shown.append({"text/plain": "".join(one.text for one in some)})
            else:
                shown += [
                    {name: text if name.startswith("text/") else True for name, text in one.data.items()}
                    for one in some
                ]
    return shown


def texts(notebook):
    told = "\n".join(output.get("text/plain") or "" for output in outputs(notebook))
    return told.replace("\u202f", " ").replace("\u00a0", " ")


def pictures(notebook):
    return sum("image/png" in output for output in outputs(notebook))


def test_there_are_three():
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03"]


@pytest.mark.parametrize("path", ON_WHAT_SHIPS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_what_ships_and_shows_what_it_says(run, path):
    assert outputs(run(path)) == outputs(read(path)), AGAIN


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_stored_notebook_tells_nothing_of_the_machine(path):
    notebook = read(path)
    nbformat.validate(notebook)
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert {one["output_type"] for one in shown} <= {"stream", "display_data", "execute_result"}
    assert not [one for one in shown if one.get("name") == "stderr"]
    told = [cell.source for cell in notebook.cells] + [str(one) for one in outputs(notebook)]
    assert not [one for one in told if re.search(rf"/home/|/root|/tmp|/Users/| at 0x|{re.escape(str(ROOT))}", one)]
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert not any(cell.metadata for cell in notebook.cells)
    assert pictures(notebook)


def test_the_fund_of_poitiers_adds_up():
    told = texts(read(FOLDER / "03-fiq-2024-poitiers.ipynb"))
    for line in (
        r"Saint-Éloi +3 +450 000 €",
        r"Couronneries +1 +300 000 €",
        r"Bellejouanne +1 +95 000 €",
        r"Trois Cités +1 +68 000 €",
        r"sans lieu unique +2 +87 000 €",
        r"total +8 +1 000 000 €",
        r"QN08605M +4 +750 000 €",
        r"QN08604M +1 +68 000 €",
        r"hors QPV .* +1 +95 000 €",
    ):
        assert re.search(line, told), line


def test_the_fund_of_poitiers_is_what_was_announced():
    told = texts(read(FOLDER / "03-fiq-2024-poitiers.ipynb"))
    assert "1 000 000 € annoncés, 1 000 000 € détaillés ici. Le compte y est, au centime près." in told


@pytest.mark.usefixtures("with_2015")
def test_the_redraw_runs_with_both_generations_and_shows_what_it_says(run):
    assert outputs(run(REDRAW)) == outputs(read(REDRAW)), AGAIN


def test_the_redraw_is_stored_whole():
    notebook = read(REDRAW)
    told = texts(notebook)
    assert re.search(r"Les Oliveaux +QP059077 +QN05975M +21,2 ha +23,7 ha", told)
    for area in ("19 973 m²", "6 460 m²"):
        assert re.search(f"ajoutée +{area}", told)
    assert re.search(r"Point du collège\. Au 1er juin 2023, .* est (entièrement )?en QPV", told)
    assert re.search(r"Surface d'exemple\. Au 1er juin 2023, .* est hors QPV", told)
    assert re.search(r"Surface d'exemple\. Au 1er juin 2024, .* est (entièrement )?en QPV", told)
    assert "nombre d’habitants de QN05975M inconnu (qpv-2024)" in told
    assert "57 actions annoncées, 0 détaillées ici" in told
    assert pictures(notebook) == 3


def test_the_redraw_says_how_to_get_what_it_needs_and_holds_no_coordinate_of_2015():
    notebook = read(REDRAW)
    assert "qpv perimeters fetch qpv-2015" in notebook.cells[0].source
    assert not re.search(r"\b(?:2\.9|3\.0|50\.[56])[0-9]{3,}", texts(notebook))

"""Every command that writes a file writes it whole or not at all: full disk, killed process, unwritable folder."""

from __future__ import annotations

import json
import os
import signal
from itertools import product

import pytest
from examples import LONG
from fake_geocoder import row, write_ban

POINT = ("check", "--lon", "3.00671", "--lat", "50.60889", "--on", "2024-06-01")
DIFF = ("diff", "qpv-2024", "qpv-2024", "--offline")
WRITERS = {
    "fiche": ((*POINT, "--pdf"), "fiche.pdf"),
    "map": (("map", "fiq-2024", "--offline", "-o"), "carte.html"),
    "picture": (("map", "fiq-2024", "--offline", "-o", "{folder}/autre.html", "--png"), "carte.png"),
    "map of a redraw": ((*DIFF, "-o"), "carte.html"),
    "picture of a redraw": ((*DIFF, "--png"), "carte.png"),
    "sums": (("projects", "summary", "fiq-2024", "--offline", "-o"), "sommes.xlsx"),
    "checks": (("projects", "check", "fiq-2024", "--offline", "-o"), "contrôles.xlsx"),
    "batch": (("batch", "{folder}/in.csv", "--on", "2024-06-01", "--overwrite", "-o"), "out.csv"),
}
INSTALLERS = {
    "perimeters": (("perimeters", "import", "{folder}/zones.geojson", "--id", "zones", "--kind", "zone"), "perimeters"),
    "addresses": (("addresses", "import", "{folder}/adresses-99.csv"), "addresses"),
}
FORMER = b"ce qui se trouvait ici"


def zones(count):
    """Squares beside one another, each with a name of its own."""
    corners = [(0.0, 0.0), (0.001, 0.0), (0.001, 0.001), (0.0, 0.001), (0.0, 0.0)]
    return [
        {
            "type": "Feature",
            "properties": {"code_qp": f"ZONE-{k}", "lib_qp": f"Zone {k}", "insee_com": "86194"},
            "geometry": {"type": "Polygon", "coordinates": [[[0.3 + 0.002 * k + x, 46.5 + y] for x, y in corners]]},
        }
        for k in range(count)
    ]


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def inputs(tmp_path):
    """What the commands read, in a folder of its own."""
    folder = tmp_path / "entrées"
    folder.mkdir()
    rows = "".join(f"{k};3.00671;50.60889\n" for k in range(500))
    (folder / "in.csv").write_text(f"dossier;lon;lat\n{rows}", encoding="utf-8")
    (folder / "zones.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": zones(60)}))
    write_ban(folder / "adresses-99.csv", *(row(k, k, k) for k in range(1, 400)))
    return folder


def arguments(command, inputs):
    return [part.format(folder=inputs) for part in command]


def one_line(done):
    assert done.code == 2, done
    told = [line for line in done.err.splitlines() if line.startswith("qpv : ")]
    assert len(told) == 1, done.err
    assert "Traceback" not in done.err
    return told[0]


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_what_was_there(name, inputs, tmp_path, forked):
    command, file = WRITERS[name]
    (tmp_path / "sorties").mkdir()
    output = tmp_path / "sorties" / file
    output.write_bytes(FORMER)
    line = one_line(forked.run(*arguments(command, inputs), output, most_bytes=1_500))
    assert "écriture impossible" in line
    assert str(tmp_path) in line
    assert files(tmp_path / "sorties").pop(file) == FORMER
    assert "partiel" not in str(sorted(files(tmp_path / "sorties")))


@pytest.mark.more
@pytest.mark.parametrize("name", WRITERS if LONG else ["fiche", "map", "picture", "sums", "batch"])
def test_a_killed_run_leaves_what_was_there_and_the_next_one_tidies_up(name, inputs, tmp_path, forked, qpv):
    command, file = WRITERS[name]
    (tmp_path / "sorties").mkdir()
    output = tmp_path / "sorties" / file
    output.write_bytes(FORMER)
    done = forked.run(*arguments(command, inputs), output, most_bytes=1_500, killed_beyond=True)
    assert done.code == -signal.SIGXFSZ
    assert output.read_bytes() == FORMER
    assert qpv(*arguments(command, inputs), output).code == 0
    assert output.read_bytes() != FORMER
    assert list(files(tmp_path / "sorties")) == [file]


@pytest.mark.parametrize("case", list(product(INSTALLERS, ["full", "killed"])), ids=" ".join)
def test_an_install_that_fails_leaves_what_was_installed(case, inputs, home, forked, qpv):
    name, how = case
    command, folder = INSTALLERS[name]
    assert qpv(*arguments(command, inputs)).code == 0
    before = files(home)
    again = [*arguments(command, inputs), *(["--replace"] if name == "perimeters" else [])]
    done = forked.run(*again, most_bytes=3_000, killed_beyond=how == "killed")
    if how == "full":
        assert folder in one_line(done)
    else:
        assert done.code == -signal.SIGXFSZ
    kept = files(home)
    assert {path: kept[path] for path in before} == before
    assert qpv(*again).code == 0
    assert len(files(home)) == len(before)


@pytest.mark.parametrize("name", [name for name in WRITERS if name != "batch"])
def test_a_folder_where_nothing_can_be_written(name, inputs, qpv):
    """Nobody, not even root, creates a file under /sys."""
    command, file = WRITERS[name]
    line = one_line(qpv(*arguments(command, inputs), f"/sys/{file}"))
    assert f"/sys/{file}" in line
    assert "accès refusé" in line


def test_a_link_stays_a_link_and_permissions_stay_as_they_were(qpv, tmp_path):
    real = tmp_path / "réel.pdf"
    real.write_bytes(FORMER)
    real.chmod(0o640)
    link = tmp_path / "lien.pdf"
    link.symlink_to(real)
    assert qpv(*POINT, "--pdf", link).code == 0
    assert link.is_symlink()
    assert real.read_bytes().startswith(b"%PDF")
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_usual_permissions(qpv, tmp_path):
    former = os.umask(0o027)
    try:
        assert qpv(*POINT, "--pdf", tmp_path / "fiche.pdf").code == 0
    finally:
        os.umask(former)
    assert (tmp_path / "fiche.pdf").stat().st_mode & 0o777 == 0o640


def test_a_device_is_written_directly(qpv):
    assert qpv(*POINT, "--pdf", "/dev/null").code == 0


def test_a_folder_is_no_file(qpv, tmp_path):
    answer = qpv(*POINT, "--pdf", tmp_path)
    assert answer.code == 2
    assert "c’est un dossier" in answer.err

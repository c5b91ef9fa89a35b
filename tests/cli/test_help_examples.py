"""The examples in the help of every command: each is on a line of its own to copy, and runs as it is written."""

from __future__ import annotations

import json
import shlex

import pytest
from geocoding.written import Commune, ban, write

from qpv_geo import crs
from qpv_geo.cli.app import qpv as every_command
from qpv_geo.geocoding.store import AddressStore

ONLINE = ("addresses fetch", "perimeters fetch", "setup", "serve")
"""These reach the network or wait for it: their examples are only read."""
FIRST = ("addresses import", "perimeters import", "indicators import", "perimeters", "check", "register decide")
LAST = ("register import", "register purge")
INSIDE = (3.0100, 50.60685)
LOOS, POITIERS = Commune("59360", "59120", "Loos"), Commune("86194", "86000", "Poitiers")


def commands(command=every_command, path=()):
    """Yield each command that has no subcommand, after the words that call it."""
    children = getattr(command, "commands", {})
    if not children:
        yield " ".join(path), command
    for name, one in children.items():
        yield from commands(one, (*path, name))


def examples(command):
    """Return the examples of a help: what is indented under its title."""
    text = command.help.replace("\u00a0", " ")
    _, found, listed = text.partition("Exemple")
    assert found, "no example"
    title, *lines = listed.splitlines()
    assert title.strip() in {":", "s :"}
    return [line.strip() for line in lines if line.strip()]


HELPS = dict(commands())
EXAMPLES = [(name, line) for name, command in HELPS.items() for line in examples(command)]


def rank(example):
    name, _ = example
    kinds = [*FIRST, *(one for one in HELPS if one not in LAST), *LAST]
    return next(k for k, kind in enumerate(kinds) if name.startswith(kind))


@pytest.mark.parametrize("name", HELPS)
def test_every_command_has_examples_that_call_it(name):
    for line in examples(HELPS[name]):
        words = shlex.split(line)
        assert words[: 1 + len(name.split())] == ["qpv", *name.split()]
        if name in ONLINE:
            HELPS[name].make_context(name, words[1 + len(name.split()) :])


def polygon(west, south, size=0.001):
    east, north = west + size, south + size
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def collection(**properties):
    features = [{"type": "Feature", "properties": properties, "geometry": polygon(3.0, 50.6)}]
    return json.dumps({"type": "FeatureCollection", "features": features})


@pytest.fixture
def folder(tmp_path, home, qpv, monkeypatch):
    """A folder with the files that the examples name, and a home with the addresses that they ask for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QPV_GEO_GEOCODERS", '["offline", "published"]')
    x, y = crs.project_point(lon=INSIDE[0], lat=INSIDE[1], territory=crs.TERRITORIES[0])
    texts = {
        "beneficiaires.csv": f"id;longitude;latitude;x;y\n1;{INSIDE[0]};{INSIDE[1]};{x:.1f};{y:.1f}\n",
        "quartiers-2015.geojson": collection(CODE_QP="QP059077", NOM_QP="Essai", COMMUNE_QP="Loos"),
        "zones.geojson": collection(code="ZONE1", nom="Zone d’essai"),
        "conventions.csv": "code_qp,level,convention,source\nQN05975M,national,2019-12,essai\n",
        "correspondance.csv": "QP2024;Label_QP2024;Statut;QP2015_1\nQN05975M;Essai;MODIFIE;QP059077\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    workbook(tmp_path / "population-qpv.xlsx", ("CODGEO", "POP_MUN"), ("QN05975M", 100))
    write(tmp_path / "adresses-86.csv.gz", [ban(1, "Rue des Essais", POITIERS, at=(0.3404, 46.5802))])
    AddressStore(home).import_file(
        write(tmp_path / "adresses-59.csv", [ban(1, "Rue Édouard Herriot", LOOS, at=INSIDE)])
    )
    verdict = qpv("check", "--lon", INSIDE[0], "--lat", INSIDE[1], "--format", "json").out
    (tmp_path / "verdict.json").write_text(verdict, encoding="utf-8")
    former = (("import", tmp_path / "quartiers-2015.geojson", "--generation", "qpv-2015"), ("remove", "qpv-2015"))
    assert qpv("perimeters", *former[0]).code == 0  # where nothing is known: a later generation changes the answer
    for _ in range(12):
        assert qpv("check", "--lon", INSIDE[0], "--lat", INSIDE[1], "--on", "2023-06-01", "--save").code == 0
    assert qpv("perimeters", *former[1]).code == 0
    return tmp_path


@pytest.mark.usefixtures("folder", "socket_disabled")
def test_every_example_runs_as_it_is_written(qpv):
    failed = {}
    for name, line in sorted(EXAMPLES, key=rank):
        if name not in ONLINE:
            _, *words = shlex.split(line)
            answer = qpv(*words)
            if answer.code != 0:
                failed[line] = answer.err
    assert failed == {}


def workbook(path, *rows):
    import openpyxl  # noqa: PLC0415

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)

"""What the package promises as a whole: its public names, its layers, its start, its texts."""

from __future__ import annotations

import doctest
import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

import qpv_geo
from qpv_geo import errors
from qpv_geo.cli.app import addresses, perimeters, projects, qpv, schemes
from qpv_geo.resources import data_folder

ROOT = Path(__file__).resolve().parents[1]
MODULES = [module.name for module in pkgutil.walk_packages(qpv_geo.__path__, "qpv_geo.")]


def python(code: str, *, where: Path = ROOT, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=where,
        env={"PATH": "/usr/bin:/bin", "QPV_GEO_HOME": "/nonexistent", **environment},
    )
    return done.stdout


def test_the_public_names_are_there_and_documented():
    for name in qpv_geo.__all__:
        if name != "__version__":
            assert inspect.getdoc(getattr(qpv_geo, name)), name
    assert set(qpv_geo.__all__) == set(dir(qpv_geo))
    assert {"check", "check_many", "check_table", "load_perimeters", "PerimeterIndex", "diff", "verify"} <= set(
        qpv_geo.__all__
    )


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'chek'"):
        qpv_geo.chek  # noqa: B018


def test_every_module_says_what_it_is_for():
    assert len(MODULES) > 100
    assert [module for module in MODULES if not inspect.getdoc(importlib.import_module(module))] == []


def test_the_example_of_the_package_is_true():
    assert doctest.testmod(qpv_geo).failed == 0


def test_longitude_and_latitude_are_always_by_keyword():
    for function in (qpv_geo.check, qpv_geo.check_many, qpv_geo.PerimeterIndex.locate):
        kinds = {name: parameter.kind for name, parameter in inspect.signature(function).parameters.items()}
        assert kinds["lon"] is kinds["lat"] is inspect.Parameter.KEYWORD_ONLY


def test_every_error_is_drawn_in_the_tree_and_is_a_builtin_too():
    named = [thing for thing in vars(errors).values() if inspect.isclass(thing)]
    for error in named:
        assert error.__name__ in inspect.getdoc(errors), error
        if error is not errors.QpvGeoError:
            builtin = [base for base in error.__mro__ if base.__module__ == "builtins"]
            assert {ValueError, LookupError, OSError} & set(builtin), error


def test_help_does_not_wait_for_geometry():
    loaded = python("import sys; from qpv_geo.cli import main; main(['check', '--help']); print(*sys.modules)")
    assert not {"numpy", "shapely", "pyproj", "pandas", "geopandas"} & set(loaded.split())


def test_every_command_runs_a_function_with_its_parameters():
    """Options are declared apart from the functions that take them."""
    commands = [one for group in (qpv, addresses, perimeters, projects, schemes) for one in group.commands.values()]
    leaves = [one for one in commands if not hasattr(one, "commands")]
    assert len(leaves) > 15
    for command in leaves:
        module, name = command.runs.split(":")
        signature = inspect.signature(getattr(importlib.import_module(module), name))
        signature.bind(**{param.name: None for param in command.params})


def test_a_check_does_not_wait_for_tables():
    check = "main(['check', '--lon', '3.00671', '--lat', '50.60889'])"
    loaded = python(f"import sys; from qpv_geo.cli import main; {check}; print(*sys.modules)")
    assert "EN QPV" in loaded
    assert not {"pandas", "geopandas", "pyogrio", "pyarrow", "rich", "httpx2"} & set(loaded.split())


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_batch_of_coordinates_does_not_wait_for_pandas(kind, tmp_path):
    source, output = tmp_path / f"points.{kind}", tmp_path / f"sortie.{kind}"
    table = pa.table({"lon": ["3.00671", ""], "lat": ["50.60889", ""]})
    (pyarrow.csv.write_csv if kind == "csv" else pyarrow.parquet.write_table)(table, source)
    command = ["qpv", "batch", str(source), "-o", str(output), "--on", "2024-06-01"]
    loaded = python(f"import sys; from qpv_geo.cli import main; sys.argv = {command}; main(); print(*sys.modules)")
    assert "1  en QPV" in loaded
    assert not {"pandas", "geopandas"} & set(loaded.split())


def test_an_address_found_at_hand_does_not_wait_for_the_network():
    """The national service is among the geocoders, and not needed."""
    check = "main(['check', 'collège René Descartes, rue Édouard Herriot, 59120 Loos'])"
    loaded = python(f"import sys; from qpv_geo.cli import main; {check}; print(*sys.modules)")
    assert "Les Oliveaux" in loaded
    assert not {"httpx2", "stamina"} & set(loaded.split())


def test_epsg_codes_live_in_one_module():
    from qpv_geo import crs  # noqa: PLC0415

    codes = {str(territory.epsg) for territory in crs.TERRITORIES} | {"4326", "3857"}
    for path in (ROOT / "qpv_geo").rglob("*.py"):
        if path.name != "crs.py":
            source = path.read_text(encoding="utf-8")
            code = [line for line in source.splitlines() if '"""' not in line]
            assert not [line for line in code if any(f'"EPSG:{one}"' in line or f"({one})" in line for one in codes)], (
                path
            )


def commands(group, path):
    context = group.context_class(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield f"{path} {name}", command, group.context_class(command, info_name=name, parent=context)


@pytest.mark.parametrize(
    ("path", "command", "context"),
    [
        *commands(qpv, "qpv"),
        *(
            found
            for group in (addresses, perimeters, projects, schemes)
            for found in commands(group, f"qpv {group.name}")
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_command_and_option_is_explained_in_french(path, command, context):
    page = command.get_help(context)
    assert page.startswith("Usage : "), path
    for english in ("Options:", "Usage:", "Commands:", "Show this message", "[default", "[required", "COMMAND "):
        assert english not in page, path
    for parameter in command.get_params(context):
        if parameter.param_type_name == "option":
            assert parameter.help, f"{path} {parameter.name}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built as it would be published."""
    from hatchling.builders.wheel import WheelBuilder  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("dist")
    [built] = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(built)


def test_an_installed_wheel_finds_its_perimeters(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        "import json, qpv_geo; "
        "print(qpv_geo.__file__); "
        "print(json.dumps(qpv_geo.check(lon=3.00671, lat=50.60889, on='2024-06-01').to_dict()))"
    )
    where, document = python(code, where=tmp_path, PYTHONPATH=str(tmp_path)).splitlines()
    assert where.startswith(str(tmp_path))
    assert json.loads(document)["perimeters"][0]["code"] == "QN05975M"
    assert (tmp_path / "qpv_geo/py.typed").is_file()


def test_the_version_is_that_of_the_changelog():
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {qpv_geo.__version__}" in log


def test_the_licences_are_said_beside_the_data():
    readme = (data_folder() / "README.md").read_text(encoding="utf-8")
    assert "Licence Ouverte 2.0" in readme
    assert "ANCT" in readme
    with (ROOT / "pyproject.toml").open("rb") as stream:
        assert tomllib.load(stream)["project"]["license"] == "MIT"


def test_no_two_classes_share_a_name():
    """A name says one thing: who reads it need not look where it comes from."""
    where: dict[str, list[str]] = {}
    for folder in (ROOT / "qpv_geo", ROOT / "service"):
        for path in folder.rglob("*.py"):
            for name in re.findall(r"^ *class (\w+)[(:]", path.read_text(encoding="utf-8"), re.MULTILINE):
                where.setdefault(name, []).append(str(path.relative_to(ROOT)))
    assert len(where) > 200
    assert {name: paths for name, paths in where.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("name", ["qpv_geo", "qpv_geo.maps"])
def test_no_function_of_a_package_is_hidden_by_a_module_of_the_same_name(name):
    package = importlib.import_module(name)
    folder = Path(package.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")}
    assert {one for one in package.__all__ if one in modules and not inspect.ismodule(getattr(package, one))} == set()

"""Each promise of tests/README.md names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROWS = [line for line in (TESTS / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
PROMISES = [row for row in ROWS if row != "| promise | held by |"]


def named(row):
    """Return the file and the name of each test that a row names."""
    return re.findall(r"`([\w/]+\.py)::(\w+)`", row)


def test_there_are_promises_and_none_is_made_twice():
    said = [row.split("|")[1].strip() for row in PROMISES]
    assert len(said) > 40
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("row", PROMISES, ids=lambda row: row.split("|")[1].strip())
def test_a_promise_is_held_by_tests_that_exist(row):
    assert named(row)
    for file, name in named(row):
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert name in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}, f"{file}::{name}"

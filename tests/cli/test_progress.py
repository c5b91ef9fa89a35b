"""What a whole list shows while it is being answered: on a terminal, and where there is nobody to see it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import pytest

QPV = (sys.executable, "-m", "qpv_geo")


@pytest.fixture
def command(home, tmp_path):  # noqa: ARG001 - nothing but what is embedded
    """A run over 2,000 rows, enough for a rate on the slowest machine."""
    source = tmp_path / "a.csv"
    source.write_text("lon;lat\n" + "3.00671;50.60889\n0.3;46.55\n" * 1_000, encoding="utf-8")
    return ["batch", str(source), "-o", str(tmp_path / "b.csv"), "--on", "2024-06-01", "--offline"]


def test_a_terminal_shows_rows_their_rate_and_the_time_left(command, forked):
    shown, theirs = pty.openpty()
    reader = ThreadPoolExecutor(1)
    said = reader.submit(_read_all, shown)
    done = forked.run(*command, terminal=os.ttyname(theirs))
    os.close(theirs)
    text = said.result()
    reader.shutdown()
    os.close(shown)
    assert done.code == 0
    assert re.search(r"2\s000 lignes, [\d\s]+ par seconde, encore 0 s", text.decode())


def _read_all(terminal):
    text = b""
    while part := _read(terminal):
        text += part
    return text


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux tells that the other side is closed
        return b""


def test_a_run_whose_standard_error_is_closed_ends_well(command, tmp_path):
    done = subprocess.run(["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", *QPV, *command], stdout=subprocess.PIPE, check=True)
    assert re.search(r"2\s000 lignes", done.stdout.decode())
    assert (tmp_path / "b.csv").is_file()


def test_sheets_that_are_left_out_are_told(qpv, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["lon", "lat"])
    book.active.append([3.00671, 50.60889])
    book.create_sheet("Annexe").append(["x"])
    book.save(tmp_path / "a.xlsx")
    answer = qpv("batch", tmp_path / "a.xlsx", "-o", tmp_path / "b.xlsx", "--on", "2024-06-01")
    assert answer.code == 0
    assert "Annexe" in answer.err

"""Killed, on a full disk, read-only, or written by several processes at once: what was acknowledged is there, whole."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from qpv_geo.register.audit import audit
from qpv_geo.register.database import Database
from qpv_geo.register.drafts import Labels
from qpv_geo.register.filters import Filters
from qpv_geo.register.store import Register

POINT = ("check", "--lon", "3.00671", "--lat", "50.60889", "--on", "2024-06-01", "--save")
DECIDE = ("register", "decide", "1", "--status", "outside", "--reason", "Plan vu", "--by", "Mme Essai")
WRITER = Path(__file__).with_name("writer.py")


def writer(record, who, count, **options):
    """Start a process that keeps a verdict so many times."""
    command = [sys.executable, str(WRITER), json.dumps(record), who, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def cases(home):
    with Register(Database(url=None, path=home / "register.sqlite")) as register:
        assert audit(register).fault is None
        return [one.check.document.get("case") for one in register.cases(Filters())]


def every_step(forked, home, command, every):
    """Kill a command at every so many of its steps; each time, the register is whole, with one entry more or not."""
    step, kills = 1, 0
    while (ended := forked.run(*command, killed_at=step)).code != 0:
        assert ended.code == -signal.SIGKILL, ended.err
        if (home / "register.sqlite").exists():
            cases(home)
        step += every
        kills += 1
    return kills


def test_a_check_killed_at_any_step_leaves_a_whole_register(forked, home):
    """The first ones while the register is created."""
    assert every_step(forked, home, (*POINT, "--case", "A"), 9) > 3
    assert set(cases(home)) == {"A"}
    assert not list(home.glob("*.partiel*"))


def test_a_decision_killed_at_any_step_is_kept_whole_or_not_at_all(forked, home, qpv):
    assert qpv(*POINT, "--case", "A").code == 0
    assert every_step(forked, home, DECIDE, 5) > 1
    assert cases(home) == ["A"]
    assert "hors QPV (décidé)" in qpv("register", "list").out


@pytest.mark.long
def test_killed_at_every_step(forked, home):
    assert every_step(forked, home, (*POINT, "--case", "A"), 1) > 20
    assert every_step(forked, home, DECIDE, 1) > 5


def kill_writers(record, home, kills, chance):
    """Kill a process that writes after a random number of records: none that it acknowledged is lost."""
    acknowledged = []
    for k in range(kills):
        process = writer(record, f"P{k}", 10_000)
        told = [process.stdout.readline() for _ in range(chance.randrange(1, 40))]
        process.kill()
        told += process.stdout.readlines()  # not `communicate`, which leaves out what the stream has read ahead
        process.communicate()
        told = [line for line in told if line.endswith("\n")]
        acknowledged += [int(one) for one in told]
    found = cases(home)
    assert len(set(acknowledged)) == len(acknowledged)
    assert len(acknowledged) <= len(found) <= len(acknowledged) + kills  # the last one of each may not have been told
    return acknowledged


def test_killed_while_it_writes_nothing_acknowledged_is_lost(records, home):
    kill_writers(records[0], home, 2, random.Random(30))


@pytest.mark.long
def test_killed_fifty_times_while_it_writes_nothing_acknowledged_is_lost(records, home):
    kill_writers(records[0], home, 50, random.Random(31))


def write_at_once(record, home, count):
    writers = [writer(record, who, count) for who in ("P", "Q")]
    told = [int(line) for one in writers for line in one.communicate()[0].splitlines()]
    assert [one.returncode for one in writers] == [0, 0]
    assert sorted(told) == list(range(1, 2 * count + 1))
    assert sorted(cases(home)) == sorted(f"{who}-{k}" for who in ("P", "Q") for k in range(count))


def test_two_processes_write_at_once(records, home):
    write_at_once(records[0], home, 50)


@pytest.mark.long
def test_two_processes_write_very_many_records_at_once(records, home):
    write_at_once(records[0], home, 10_000)


def test_a_full_disk_is_one_line_and_loses_nothing(records, home, qpv):
    for _ in range(3):
        assert qpv(*POINT).code == 0
    most = (home / "register.sqlite").stat().st_size + 40_000
    process = writer(
        records[0], "P", 10_000, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    )
    out, err = process.communicate()
    assert process.returncode != 0
    assert "register.sqlite" in err.splitlines()[-1]
    assert "OSError" in err.splitlines()[-1]
    assert len(cases(home)) == 3 + len(out.splitlines())
    assert qpv(*POINT).code == 0
    assert len(cases(home)) == 4 + len(out.splitlines())


def test_a_command_on_a_full_disk_says_so_in_one_line(forked, home, qpv):
    assert qpv(*POINT).code == 0
    done = forked.run(*POINT, most_bytes=8_192)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "register.sqlite" in done.err
    assert len(cases(home)) == 1


COMMANDS = """
import json, sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from qpv_geo.cli import main
done = []
for words in json.loads(sys.argv[1]):
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = main(words)
    done.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(done))
"""


class Done(NamedTuple):
    code: int
    out: str
    err: str


@contextmanager
def nobody_may_write(home):
    """Yield what runs commands in a process that loses the right of root to write where nobody may."""
    drop = ["setpriv", "--bounding-set", "-dac_override,-fowner", "--inh-caps", "-dac_override,-fowner"]
    command = [*(drop if os.geteuid() == 0 else []), sys.executable, "-c", COMMANDS]

    def run(*commands):
        done = subprocess.run([*command, json.dumps(commands)], capture_output=True, text=True, check=True)
        return [Done(*one) for one in json.loads(done.stdout)]

    for path in home.iterdir():
        path.chmod(0o400)
    home.chmod(0o500)
    try:
        yield run
    finally:
        home.chmod(0o700)


def test_what_others_write_is_read_where_one_may_only_read(home, register, records):
    """As on a volume mounted to be read only: what is in their journal, and not in the file yet, is there."""
    register.keep([(records[0], Labels(case="A"))])
    with nobody_may_write(home) as run:
        register.keep([(records[0], Labels(case="B"))])
        assert (home / "register.sqlite-wal").stat().st_size > 0
        listed, verified = run(("register", "list"), ("register", "verify"))
    assert (listed.code, listed.err) == (0, "")
    assert "dossier B" in listed.out
    assert verified.out.startswith("INTACT")


def test_a_register_that_cannot_be_written(qpv, home):
    """It can still be read."""
    assert qpv(*POINT, "--case", "A").code == 0
    with nobody_may_write(home) as run:
        kept, listed = run(POINT, ("register", "list"))
    assert kept.code == 2
    assert kept.err.count("\n") == 1
    assert "register.sqlite" in kept.err
    assert "disque en lecture seule" in kept.err
    assert (listed.code, listed.err) == (0, "")
    assert "dossier A" in listed.out
    assert cases(home) == ["A"]

"""Whatever is done to the file behind the register's back, the walk names the first broken link."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing

import pytest

from qpv_geo.errors import QpvGeoError
from qpv_geo.register.audit import audit
from qpv_geo.register.database import Database
from qpv_geo.register.decisions import decide
from qpv_geo.register.drafts import Labels
from qpv_geo.register.store import Head, Register

COUNT = 9


@pytest.fixture
def path(register, records, home):
    """The file of a register of nine checks and one decision, closed."""
    register.keep([(records[k % 3], Labels(case=f"A-{k}", by="Mme Essai")) for k in range(COUNT)])
    decide(register, "3", status="inside", reason="Plan vu", by="Mme Essai")
    register.database.close()
    return home / "register.sqlite"


def opened(path):
    return Register(Database(url=None, path=path))


def altered(path, *statements):
    """Change the file as its owner can: without the triggers, which are then put back."""
    with closing(sqlite3.connect(path)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()
    with opened(path) as register:
        return audit(register).fault


def test_a_whole_register_is_told_whole(path):
    with opened(path) as register:
        found = audit(register)
        assert (found.entries, found.purged, found.fault) == (COUNT + 1, 0, None)
        assert found.head == register.head()


ATTACKS = {
    "status": (["UPDATE register_entry SET status = 'outside' WHERE sequence = 4"], ("altered", 4)),
    "moment": (["UPDATE register_entry SET created_at = '2025-01-01' WHERE sequence = 4"], ("altered", 4)),
    "reason of a decision": (
        ["UPDATE register_content SET content = replace(content, 'Plan vu', 'Plan nu') WHERE sequence = 10"],
        ("content_altered", 10),
    ),
    "searched by another case": (
        ["UPDATE register_content SET case_number = 'A-0' WHERE sequence = 5"],
        ("content_altered", 5),
    ),
    "removed": (
        ["DELETE FROM register_content WHERE sequence = 4", "DELETE FROM register_entry WHERE sequence = 4"],
        ("missing", 4),
    ),
    "content removed": (["DELETE FROM register_content WHERE sequence = 4"], ("content_missing", 4)),
    "removed, the others moved up": (
        [
            "DELETE FROM register_content WHERE sequence = 4",
            "DELETE FROM register_entry WHERE sequence = 4",
            "UPDATE register_entry SET sequence = sequence - 1 WHERE sequence > 4",
            "UPDATE register_content SET sequence = sequence - 1 WHERE sequence > 4",
        ],
        ("altered", 4),
    ),
    "inserted": (
        [
            "UPDATE register_entry SET sequence = -sequence - 1 WHERE sequence > 4",
            "UPDATE register_entry SET sequence = -sequence WHERE sequence < 0",
            "UPDATE register_content SET sequence = -sequence - 1 WHERE sequence > 4",
            "UPDATE register_content SET sequence = -sequence WHERE sequence < 0",
            (
                "INSERT INTO register_entry SELECT 5, 'x', created_at, kind, 5, supersedes, day, status, code, name, "
                "generation, outcomes, content_hash, chain_hash FROM register_entry WHERE sequence = 4"
            ),
        ],
        ("altered", 5),
    ),
    "added at the end": (
        [
            (
                "INSERT INTO register_entry SELECT 11, 'x', created_at, kind, 11, supersedes, day, status, code, name, "
                "generation, outcomes, NULL, chain_hash FROM register_entry WHERE sequence = 10"
            )
        ],
        ("altered", 11),
    ),
    "swapped": (
        [
            "UPDATE register_entry SET sequence = -1 WHERE sequence = 4",
            "UPDATE register_entry SET sequence = 4 WHERE sequence = 5",
            "UPDATE register_entry SET sequence = 5 WHERE sequence = -1",
        ],
        ("altered", 4),
    ),
    "contents swapped": (
        [
            "UPDATE register_content SET sequence = -1 WHERE sequence = 4",
            "UPDATE register_content SET sequence = 4 WHERE sequence = 5",
            "UPDATE register_content SET sequence = 5 WHERE sequence = -1",
        ],
        ("content_altered", 4),
    ),
    "a content without an entry": (
        ["INSERT INTO register_content (sequence, salt, content) VALUES (99, '', '{}')"],
        ("content_added", 99),
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_done_is_found_and_where(path, attack):
    statements, (what, sequence) = ATTACKS[attack]
    fault = altered(path, *statements)
    assert (fault.what, fault.sequence) == (what, sequence)


def test_a_trigger_that_is_gone_is_told(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER register_entry_no_update")
    with opened(path) as register:
        fault = audit(register).fault
    assert (fault.what, fault.detail) == ("structure", "register_entry_no_update")


CUT = [
    "DELETE FROM register_content WHERE sequence > 7",
    "DELETE FROM register_entry WHERE sequence > 7",
]


def test_the_chain_alone_does_not_tell_that_its_end_was_cut_and_a_head_kept_elsewhere_does(path):
    with opened(path) as register:
        head = register.head()
    assert altered(path, *CUT) is None
    with opened(path) as register:
        fault = audit(register, head).fault
        assert (fault.what, fault.sequence) == ("head", 8)
        assert audit(register, register.head()).fault is None


def test_a_head_is_that_of_this_chain_and_no_other(path):
    with opened(path) as register:
        head = register.head()
        assert audit(register, head).fault is None
        for other in (Head("x", 10, head.chain_hash), Head(head.register, 9, head.chain_hash)):
            assert audit(register, other).fault.what == "head"


def flip_anywhere(path, tmp_path, count, chance):
    """Flip a bit of a copy, so many times: what is read is the same, or what is wrong is told; count what is told."""
    whole, copy, told = path.read_bytes(), tmp_path / "copie.sqlite", 0
    with opened(path) as register:
        expected = list(register.entries())
    for _ in range(count):
        place = chance.randrange(len(whole))
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        copy.write_bytes(flipped)
        with opened(copy) as register:
            try:
                fault = audit(register).fault
                same = fault is None and list(register.entries()) == expected
            except QpvGeoError:
                fault, same = "refused", False
        assert fault or same, place
        told += fault is not None
    return told


def test_a_bit_flipped_anywhere_is_found_or_changes_nothing(path, tmp_path):
    assert flip_anywhere(path, tmp_path, 30, random.Random(20)) > 5


def test_a_bit_flipped_in_each_part_of_the_structure_is_found(path, tmp_path):
    """SQLite repeats in its errors what it cannot read, even where that is no longer text."""
    whole, copy = path.read_bytes(), tmp_path / "copie.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        parts = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    for (sql,) in parts:
        for word in (b"CREATE", b"ON register", b"SELECT RAISE", b"PRIMARY KEY"):
            within = sql.encode().find(word)
            if within < 0:
                continue
            flipped = bytearray(whole)
            flipped[whole.find(sql.encode()) + within] ^= 0x80
            copy.write_bytes(flipped)
            with opened(copy) as register:
                try:
                    assert audit(register).fault.what == "structure"
                except QpvGeoError as error:
                    assert "endommagé" in str(error)  # noqa: PT017 - either way, it is found


@pytest.mark.long
def test_a_bit_flipped_anywhere_is_found_or_changes_nothing_many_times(path, tmp_path):
    assert flip_anywhere(path, tmp_path, 5_000, random.Random()) > 1_000


def test_a_bit_flipped_in_any_record_is_found(path, tmp_path):
    """In the text of every content, and in the fields of every entry."""
    whole, copy, chance = path.read_bytes(), tmp_path / "copie.sqlite", random.Random(21)
    with opened(path) as register:
        texts = [one.content.text.encode() for one in register.entries()] + [
            one.chain_hash.encode() for one in register.entries()
        ]
    found = 0
    for text in texts:
        place = whole.find(text[:200]) + chance.randrange(min(200, len(text)))
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        copy.write_bytes(flipped)
        shutil.copymode(path, copy)
        with opened(copy) as register:
            found += audit(register).fault is not None
    assert found == len(texts)

"""A purge leaves nothing of an address in any byte of the disk, and a chain that still verifies."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import pytest

from qpv_geo.errors import InputError
from qpv_geo.register.audit import audit
from qpv_geo.register.chain import Content
from qpv_geo.register.database import Database
from qpv_geo.register.decisions import decide
from qpv_geo.register.drafts import Labels
from qpv_geo.register.filters import Filters
from qpv_geo.register.store import Register

ADDRESS = "12 Rue de l'Essai Mauve, 59120 Loos"
WORDS = [b"Essai Mauve", b"essai mauve", b"50.60889", b"3.00671", b"M. Secret", b"dossier-S"]
"""Parts of what is personal, as it is written and as it is searched by."""


@pytest.fixture
def asked(records):
    """A record of a point, in which an address was asked."""
    record = records[0] | {"location": records[0]["location"] | {"asked": ADDRESS, "label": ADDRESS}}
    return record | {"evidence": record["evidence"] | {"input": record["evidence"]["input"] | {"address": ADDRESS}}}


@pytest.fixture
def filled(register, asked, records, clock):
    """A register with 40 checks of 2025, decided in 2026, and three of 2026."""
    clock.now = datetime(2025, 6, 1, tzinfo=UTC)
    labels = Labels(case="dossier-S", by="M. Secret")
    register.keep([(asked, labels)] * 40)
    clock.now = datetime(2026, 3, 1, tzinfo=UTC)
    register.keep([(records[1], Labels(case=f"A-{k}")) for k in range(3)])
    decide(register, "1", status="outside", reason="M. Secret habite ailleurs", by="M. Secret")
    return register


def bytes_on_disk(home):
    return {path.name: path.read_bytes() for path in home.iterdir()}


def found(home):
    return {word for word in WORDS for content in bytes_on_disk(home).values() if word in content}


def test_nothing_personal_is_left_in_any_byte(filled, home):
    assert found(home) == set(WORDS)
    assert filled.purge(date(2026, 1, 1)) == 40
    assert found(home) == set()
    filled.database.close()
    assert found(home) == set()


def test_what_survives_is_the_answer_and_the_chain(filled):
    before = [(one.day, one.status, one.code, one.name, one.chain_hash) for one in filled.entries()]
    filled.purge(date(2026, 1, 1))
    result = audit(filled)
    assert (result.fault, result.entries, result.purged) == (None, 45, 41)
    kept = list(filled.entries())
    assert [(one.day, one.status, one.code, one.name, one.chain_hash) for one in kept][:-1] == before
    assert [one.sequence for one in kept if one.purged] == [*range(1, 41), 44]
    assert (kept[-1].kind, kept[-1].day) == ("purge", "2026-01-01")
    assert filled.count(Filters(status="outside")) == 4
    assert filled.count(Filters(case="dossier-S")) == 0
    assert filled.count(Filters(address="essai mauve")) == 0


def test_an_address_is_not_found_back_by_trying_all(filled):
    """The hash that stays is salted, and the salt is gone: the very content does not give it again."""
    entry = filled.find("1")
    filled.purge(date(2026, 1, 1))
    left = filled.find("1")
    assert left.content is None
    assert left.content_hash == entry.content_hash == entry.content.hash
    assert Content("0" * 64, entry.content.text).hash != left.content_hash


def test_a_purged_check_is_decided_no_more(filled):
    filled.purge(date(2026, 1, 1))
    with pytest.raises(InputError, match="purgée"):
        decide(filled, "2", status="outside", reason="Plan vu", by="Mme Essai")


def test_a_purge_of_nothing_writes_nothing(filled):
    head = filled.head()
    assert filled.purge(date(2025, 1, 1)) == 0
    assert filled.head() == head
    with pytest.raises(InputError, match="futur"):
        filled.purge(date(2999, 1, 1))


def test_what_a_purge_does_not_cover_cannot_be_deleted(filled, home):
    filled.purge(date(2026, 1, 1))
    with closing(sqlite3.connect(home / "register.sqlite")) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute("DELETE FROM register_content WHERE sequence = 41")
        assert connection.execute("SELECT count(*) FROM register_content").fetchone() == (3,)


def test_a_reader_that_keeps_the_file_open_is_told_of(filled, home):
    with closing(sqlite3.connect(home / "register.sqlite", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM register_entry").fetchone() == (44,)
        hasty = Database(url=None, path=home / "register.sqlite", busy_ms=100)
        with Register(hasty) as register, pytest.raises(InputError, match="relancez la même commande"):
            register.purge(date(2026, 1, 1))
    assert found(home) != set()
    assert filled.purge(date(2026, 1, 1)) == 0
    assert found(home) == set()

"""The register on a real PostgreSQL does what it does on a file, and a server that goes away is told."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from register.postgres import Relay, database, server_of_its_own
from register.test_audit import ATTACKS
from register.test_durability import writer

from qpv_geo.eligibility.check import default_checker
from qpv_geo.errors import InputError, MissingError, QpvGeoError, RemoteError
from qpv_geo.register.audit import audit
from qpv_geo.register.database import database_of
from qpv_geo.register.decisions import decide
from qpv_geo.register.drafts import Draft, Labels
from qpv_geo.register.exports import write_export
from qpv_geo.register.filters import Filters
from qpv_geo.register.importing import import_export
from qpv_geo.register.recheck import RecheckOptions, recheck
from qpv_geo.register.store import Register
from qpv_geo.settings import Settings, load_settings

pytestmark = pytest.mark.postgres
COUNT = 9


@pytest.fixture
def url(monkeypatch):
    """The URL of an empty database, that of the register in the environment too."""
    with database() as found:
        monkeypatch.setenv("QPV_GEO_REGISTER_URL", found)
        yield found


@pytest.fixture
def server(url, clock):  # noqa: ARG001 - in the environment
    with Register(database_of(load_settings()), clock=clock) as found:
        yield found


@pytest.fixture
def filled(server, records):
    """Nine checks and one decision, as in the tests of the audit."""
    server.keep([(records[k % 3], Labels(case=f"A-{k}", by="Mme Essai")) for k in range(COUNT)])
    decide(server, "3", status="inside", reason="Plan vu", by="Mme Essai")
    return server


def test_there_is_no_register_before_something_is_kept(server):
    with pytest.raises(MissingError, match="aucun registre"):
        server.head()


def test_the_commands_are_those_of_a_file(url, qpv, home):  # noqa: ARG001 - in the environment
    point = ("check", "--lon", "3.00671", "--lat", "50.60889", "--on", "2024-06-01", "--save", "--case", "A-1")
    assert qpv(*point).code == 0
    assert qpv("register", "decide", "1", "--status", "outside", "--reason", "Plan vu", "--by", "M. Essai").code == 0
    assert "dossier A-1" in qpv("register", "list", "--status", "outside").out
    assert qpv("register", "verify").out.startswith("INTACT")
    assert not (home / "register.sqlite").exists()


def test_what_is_kept_is_found_by_every_filter(filled):
    assert audit(filled).fault is None
    for filters, count in (
        ({"status": "inside"}, 4),
        ({"quartier": "oliveaux"}, 6),
        ({"case": "A-2"}, 1),
        ({"address": "3.00671 50.60889"}, 6),
        ({"since": "2026-03-02"}, 0),
        ({"current": True}, 9),
    ):
        assert filled.count(Filters(**filters)) == len(list(filled.cases(Filters(**filters)))) == count, filters


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register_entry SET status = 'inside'",
        "UPDATE register_content SET content = '{}'",
        "UPDATE register_about SET value = '9'",
        "DELETE FROM register_content WHERE sequence = 3",
        "DELETE FROM register_about",
        "TRUNCATE register_content",
        "TRUNCATE register_entry CASCADE",
    ],
)
def test_nothing_is_edited_or_deleted(filled, url, statement):
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        connection.execute(statement)
    assert audit(filled).fault is None


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_done_is_found_and_where(filled, url, attack):
    """As its administrator can: without the triggers and the keys."""
    statements, (what, sequence) = ATTACKS[attack]
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)
    fault = audit(filled).fault
    assert (fault.what, fault.sequence) == (what, sequence)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE register_entry DISABLE TRIGGER register_entry_no_update",
        "DROP TRIGGER register_entry_no_update ON register_entry",
    ],
)
def test_a_trigger_that_is_gone_or_disabled_is_told(filled, url, statement):
    with psycopg.connect(url) as connection:
        connection.execute(statement)
    fault = audit(filled).fault
    assert (fault.what, fault.detail) == ("structure", "register_entry_no_update")


def test_a_purge_leaves_the_chain_and_no_content(filled, url, clock):
    clock.now += timedelta(days=40)
    assert filled.purge(date(2026, 3, 20)) == COUNT
    result = audit(filled)
    assert (result.fault, result.purged) == (None, COUNT + 1)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM register_content").fetchone() == (0,)


def test_an_account_that_cannot_erase_what_was_purged_from_the_disk_is_told(filled, url, clock):
    """VACUUM FULL passes over the tables of others without an error."""
    clock.now += timedelta(days=40)
    account, password = f"essai_{uuid4().hex}", uuid4().hex
    limited = sa.make_url(url).set(username=account, password=password).render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {account} LOGIN PASSWORD '{password}'")
        connection.execute(f"GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA public TO {account}")
        try:
            with Register(database_of(Settings(register_url=limited)), clock=clock) as register:
                register.keep([])
                with pytest.raises(InputError, match="VACUUM FULL register_content"):
                    register.purge(date(2026, 3, 20))
            assert audit(filled).purged == COUNT + 1
        finally:
            connection.execute(f"DROP OWNED BY {account}")
            connection.execute(f"DROP ROLE {account}")


def test_the_statistics_of_the_server_hold_nothing_personal(filled, url):
    """They are samples of the columns, that no purge would reach."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")
        known = connection.execute("SELECT attname FROM pg_stats WHERE tablename = 'register_content'").fetchall()
    assert known == [("sequence",)]
    assert filled.count(Filters(case="A-1")) == 1


def test_a_reader_sees_one_state(filled, records):
    """A chain that is walked while others write, or purge, is not told broken."""
    with filled.database.reading() as connection:
        before = connection.scalar(sa.text("SELECT count(*) FROM register_entry"))
        filled.keep([(records[0], Labels())])
        assert connection.scalar(sa.text("SELECT count(*) FROM register_entry")) == before
    assert filled.head().sequence == before + 1


@pytest.mark.parametrize("text", ["a\x00b", "%", "_", "\\", "'", "\u202e", "é", "\ud800", "x" * 200])
def test_odd_texts_are_kept_and_found_again(server, records, text):
    server.keep([(records[0], Labels(case=text, service=text, by=text)), (records[0], Labels(case="autre"))])
    assert server.count(Filters(case="autre")) == 1
    for name in ("quartier", "case", "address", "scheme", "since"):
        with contextlib.suppress(InputError):
            assert server.count(Filters(**{name: text})) == len(list(server.cases(Filters(**{name: text}))))
    with pytest.raises(InputError):
        server.find(text)
    assert audit(server).fault is None


def test_a_register_moves_from_a_file_to_a_server_and_goes_on(register, server, records, tmp_path, monkeypatch):
    register.keep([(one, Labels()) for one in records])
    write_export(tmp_path / "e.jsonl", register, Filters())
    assert import_export(server, (tmp_path / "e.jsonl").read_bytes(), name="e") == 3
    assert list(server.entries()) == list(register.entries())
    server.keep([(records[0], Labels())])
    assert audit(server).fault is None
    monkeypatch.delenv("QPV_GEO_REGISTER_URL")
    with Register(database_of(Settings(home=tmp_path / "autre"))) as other:
        other.keep([(records[0], Labels())])
        write_export(tmp_path / "f.jsonl", other, Filters())
    with pytest.raises(QpvGeoError, match="autre registre"):
        import_export(server, (tmp_path / "f.jsonl").read_bytes(), name="f")


def test_a_recheck_on_a_server(filled):
    first = recheck(filled, default_checker(), RecheckOptions())
    assert first.counts == {"unchanged": COUNT}
    assert recheck(filled, default_checker(), RecheckOptions()) == first


def test_another_version_is_refused(filled, url):
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE register_about SET value = '99' WHERE name = 'version'")
    with pytest.raises(InputError, match="version"):
        filled.head()


def write_at_once(record, register, count):
    writers = [writer(record, who, count) for who in ("P", "Q")]
    told = [int(line) for one in writers for line in one.communicate()[0].splitlines()]
    assert [one.returncode for one in writers] == [0, 0]
    assert sorted(told) == list(range(1, 2 * count + 1))
    assert audit(register).fault is None
    assert register.count(Filters()) == 2 * count


def test_two_processes_write_at_once(records, server):
    """The tables too are made by one of them."""
    write_at_once(records[0], server, 50)


@pytest.mark.long
def test_two_processes_write_very_many_records_at_once(records, server):
    write_at_once(records[0], server, 10_000)


def test_a_server_that_goes_away_and_comes_back(url, records, clock):
    """Told while it is away; what was being written is not there by half; then everything goes on."""
    own = sa.make_url(url)
    relay = Relay(own.host, own.port)
    through = own.set(host="127.0.0.1", port=relay.port).render_as_string(hide_password=False)
    draft = Draft("check", document={"record": records[0]}, day="2024-06-01", status="inside")

    def cut_while_it_writes(register):
        with register.database.writing() as connection:
            register.append(connection, [draft] * 5)
            relay.cut()
            register.append(connection, [draft])

    try:
        with Register(database_of(Settings(register_url=through)), clock=clock) as register:
            register.keep([(one, Labels()) for one in records])
            with pytest.raises(RemoteError, match="ne répond pas"):
                cut_while_it_writes(register)
            with pytest.raises(RemoteError, match="ne répond pas") as told:
                register.keep([(records[0], Labels())])
            assert own.password not in str(told.value)
            relay.restore()
            assert audit(register).entries == 3
            register.keep([(records[0], Labels())])
            assert (audit(register).entries, audit(register).fault) == (4, None)
    finally:
        relay.close()


@pytest.mark.long
def test_a_server_stopped_at_once_and_started_again_loses_nothing_acknowledged(records, monkeypatch):
    acknowledged = []
    with server_of_its_own() as (url, restart):
        monkeypatch.setenv("QPV_GEO_REGISTER_URL", url)
        with Register(database_of(load_settings())) as register:
            for k in range(4):
                process = writer(records[0], f"P{k}", 10_000)
                told = [process.stdout.readline() for _ in range(5 + 20 * k)]
                restart()
                told += process.stdout.readlines()  # `communicate` leaves out what the stream has read ahead
                _, error = process.communicate()
                assert process.returncode != 0
                assert "RemoteError" in error.splitlines()[-1]
                acknowledged += map(int, told)
                found = audit(register)
                assert found.fault is None
                assert (
                    max(acknowledged) <= found.entries <= len(acknowledged) + k + 1
                )  # the last may not have been told
            assert len(set(acknowledged)) == len(acknowledged)


def test_a_server_that_is_not_there_is_one_line_with_exit_code_4(url, qpv, monkeypatch):
    gone = sa.make_url(url).set(host="127.0.0.1", port=9)
    monkeypatch.setenv("QPV_GEO_REGISTER_URL", gone.render_as_string(hide_password=False))
    answer = qpv("register", "list")
    assert (answer.code, answer.err.count("\n")) == (4, 1)
    assert "127.0.0.1:9" in answer.err
    assert gone.password not in answer.err

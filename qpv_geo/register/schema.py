"""The tables of the register, and the triggers that make them append-only, on SQLite and on PostgreSQL.

``register_entry`` holds what survives a purge and is never changed. ``register_content`` holds what is personal, with
its salt: its rows are never changed either, and can be deleted only once a purge that covers them is in the chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import Connection

VERSION = 1
"""Version of these tables; increase it when they change."""

METADATA = sa.MetaData()

ABOUT = sa.Table(
    "register_about",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
"""The version of the schema and the id of the register."""

ENTRY = sa.Table(
    "register_entry",
    METADATA,
    sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, index=True),
    sa.Column("root", sa.BigInteger, index=True),
    sa.Column("supersedes", sa.BigInteger, index=True),
    sa.Column("day", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("code", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("generation", sa.Text),
    sa.Column("outcomes", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text),
    sa.Column("chain_hash", sa.Text, nullable=False),
)
"""One row an entry. `root` is the sequence of the check that it is about; `outcomes` a JSON object by scheme."""

CONTENT = sa.Table(
    "register_content",
    METADATA,
    sa.Column("sequence", sa.ForeignKey(ENTRY.c.sequence), primary_key=True, autoincrement=False),
    sa.Column("salt", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("case_number", sa.Text, index=True),
    sa.Column("asked", sa.Text, index=True),
    sa.Column("found", sa.Text, index=True),
    sa.Column("origin", sa.Text, unique=True),
)
"""What a purge deletes. All columns but the first three are copied from the content, to search by them."""

_PURGED = """
    SELECT 1 FROM register_entry AS own
    JOIN register_entry AS checked ON checked.sequence = own.root
    JOIN register_entry AS purge ON purge.kind = 'purge' AND substr(checked.created_at, 1, 10) < purge.day
    WHERE own.sequence = OLD.sequence
"""
_ABORT = "BEGIN SELECT RAISE(ABORT, 'the register is append-only'); END"
_KEYS = {"register_about": "name", "register_entry": "sequence", "register_content": "sequence"}
_SQLITE = (
    *(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {_ABORT}" for table in _KEYS),
    *(  # INSERT OR REPLACE fires no trigger of what it deletes
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - our own names
        f"WHEN NEW.{key} IN (SELECT {key} FROM {table}) {_ABORT}"
        for table, key in _KEYS.items()
    ),
    f"CREATE TRIGGER register_about_no_delete BEFORE DELETE ON register_about {_ABORT}",
    f"CREATE TRIGGER register_entry_no_delete BEFORE DELETE ON register_entry {_ABORT}",
    f"CREATE TRIGGER register_content_no_delete BEFORE DELETE ON register_content WHEN NOT EXISTS ({_PURGED}) {_ABORT}",
)
_POSTGRESQL = (
    (
        "CREATE FUNCTION register_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the register is append-only'; END $$"
    ),
    (
        "CREATE FUNCTION register_refuse_unpurged() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF NOT EXISTS ({_PURGED}) THEN RAISE EXCEPTION 'the register is append-only'; END IF; "
        "RETURN OLD; END $$"
    ),
    *(
        f"CREATE TRIGGER {table}_no_{events.split()[0].lower()} BEFORE {events} ON {table} "
        f"FOR EACH {each} EXECUTE FUNCTION {function}()"
        for table, events, each, function in (
            ("register_about", "UPDATE OR DELETE", "ROW", "register_refuse"),
            ("register_entry", "UPDATE OR DELETE", "ROW", "register_refuse"),
            ("register_content", "UPDATE", "ROW", "register_refuse"),
            ("register_content", "DELETE", "ROW", "register_refuse_unpurged"),
        )
    ),
    *(  # samples of these columns, in the statistics of the server, would survive a purge
        f"ALTER TABLE register_content ALTER COLUMN {column.name} SET STATISTICS 0"
        for column in CONTENT.columns
        if column.name != "sequence"
    ),
    *(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION register_refuse()"
        for table in ("register_about", "register_entry", "register_content")
    ),
)
_IS_THERE = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'register_about'",
    "postgresql": "SELECT to_regclass('register_about') IS NOT NULL",
}


def create(connection: Connection, register_id: str) -> dict[str, str]:
    """Create the tables and the triggers, record the version and the id of the register, and return both."""
    METADATA.create_all(connection)
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)
    known = {"version": str(VERSION), "register": register_id}
    connection.execute(ABOUT.insert(), [{"name": name, "value": value} for name, value in known.items()])
    return known


def about(connection: Connection) -> dict[str, str]:
    """Return the version and the id of the register; empty where there is none."""
    if not connection.exec_driver_sql(_IS_THERE[connection.dialect.name]).scalar():
        return {}
    return {row.name: row.value for row in connection.execute(sa.select(ABOUT))}


def is_owned(connection: Connection) -> bool:
    """Tell whether the account of a server may rewrite the contents: ``VACUUM FULL`` passes over those of others."""
    asked = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('register_content')"
    return bool(connection.exec_driver_sql(asked).scalar())


def absent_triggers(connection: Connection) -> list[str]:
    """Return the names of the triggers that are gone, or disabled, or, in a SQLite file, not ours."""
    if connection.dialect.name != "sqlite":
        enabled = "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass('{}') AND tgenabled IN ('O', 'A')"
        there = {row[0] for table in _KEYS for row in connection.exec_driver_sql(enabled.format(table))}
        ours = (one.split()[2] for one in _POSTGRESQL if one.startswith("CREATE TRIGGER"))
        return [name for name in ours if name not in there]
    known = {row[0] for row in connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'trigger'")}
    return [one.split()[2] for one in _SQLITE if one not in known]

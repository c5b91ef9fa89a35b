"""A database of its own on a real PostgreSQL, and a relay before it that can be cut."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import threading
from pathlib import Path
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from absent import absent

_SCRIPT = Path(__file__).resolve().parents[2] / "scripts/postgres"


@contextlib.contextmanager
def database():
    """Yield the URL of an empty database, dropped in the end."""
    url = os.environ.get("POSTGRES_URL")
    if not url:
        absent("no PostgreSQL: POSTGRES_URL is not set (scripts/postgres starts one)")
    name = f"essai_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield sa.make_url(url).set(database=name).render_as_string(hide_password=False)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def server_of_its_own():
    """Yield the URL of a server that no other test uses, and what stops it at once and starts it again."""
    if not os.environ.get("POSTGRES_URL"):
        absent("no PostgreSQL: POSTGRES_URL is not set (scripts/postgres starts one)")
    with tempfile.TemporaryDirectory(prefix="qpv-geo-essai-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        environment = os.environ | {"POSTGRES_RUN": f"{folder}/postgres"}

        def command(word):
            done = subprocess.run([_SCRIPT, word], env=environment, check=True, capture_output=True, text=True)
            return done.stdout.strip().removeprefix("POSTGRES_URL=")

        url = command("start")
        try:
            yield url, lambda: command("restart")
        finally:
            command("stop")


class Relay:
    """Passes bytes between a port of 127.0.0.1 and a server, until it is cut."""

    def __init__(self, host, port):
        self._to = (host, port)
        self._open, self._pairs = True, []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Close every connection, and refuse new ones."""
        self._open = False
        for one in self._pairs:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._pairs.clear()

    def restore(self):
        self._open = True

    def close(self):
        self.cut()
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self._open:
                client.close()
                continue
            server = socket.create_connection(self._to)
            self._pairs += [client, server]
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source, target):
        with contextlib.suppress(OSError):
            while content := source.recv(65_536):
                target.sendall(content)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

"""A real Addok to compare with: started on the file of a data set, asked in a process of its own or over HTTP."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import click
import httpx2
from truth import Answer

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 60


@contextmanager
def started(addresses, run):
    """Start an Addok of its own, in the folder `run`, on a BAN file; yield its address, and stop it."""
    environment = os.environ | {"ADDOK_ADDRESSES": str(addresses), "ADDOK_RUN": str(run)}
    command = [str(ROOT / "scripts/addok")]
    process = subprocess.run(
        [*command, "start"], env=environment, stdout=subprocess.PIPE, encoding="utf-8", check=False
    )
    if process.returncode:
        message = "scripts/addok did not start"
        raise click.ClickException(message)
    try:
        yield process.stdout.strip().removeprefix("ADDOK_URL=")
    finally:
        subprocess.run([*command, "stop"], env=environment, check=False)


class OverHttp:
    """Addok as it is, without the limits that the national service imposes."""

    name = "addok over HTTP"

    def __init__(self, url, limit):
        self._client = httpx2.Client(base_url=url, timeout=WAIT_S, trust_env=False)
        self._limit = limit

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._client.close()

    def ask(self, text):
        before = time.perf_counter()
        try:
            answer = self._client.get("/search/", params={"q": text, "limit": self._limit, "autocomplete": 0})
            if answer.status_code == httpx2.codes.BAD_REQUEST:  # such as a query that it finds too long
                return Answer(None, None, (time.perf_counter() - before) * 1000)
            answer.raise_for_status()
        except httpx2.HTTPError as error:
            message = f"Addok does not answer: {error}"
            raise click.ClickException(message) from error
        features = answer.json()["features"]
        ms = (time.perf_counter() - before) * 1000
        best = features[0]["properties"] if features else {"id": None, "label": None}
        return Answer(best["id"], best["label"], ms)


class InProcess:
    """Addok asked in a process of its own, which tells the time that Addok took: no HTTP in it."""

    name = "addok"

    def __init__(self, run, limit):
        python, settings = ROOT / ".venv-addok/bin/python", run / "addok.conf"
        if not settings.exists():
            message = "Addok does not run: scripts/addok start"
            raise click.ClickException(message)
        self._limit = limit
        self._process = subprocess.Popen(
            [python, "-W", "ignore", Path(__file__).with_name("addok_worker.py")],
            env=os.environ | {"ADDOK_CONFIG_MODULE": str(settings)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._process.terminate()
        self._process.communicate(timeout=WAIT_S)

    def ask(self, text):
        self._process.stdin.write(json.dumps({"q": text, "limit": self._limit}) + "\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], WAIT_S)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            message = f"Addok gave no answer to: {text}"
            raise click.ClickException(message)
        return Answer(**json.loads(line))

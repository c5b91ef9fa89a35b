"""Logs hold no address and no coordinates, whatever becomes of the request."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

from fake_geocoder import offline_index, row
from loopback import Answer, Loopback
from serving import POINTS, ended, process, send, serving

WORDS = ("Marqueurs", "3.00671", "50.60889", "Zanzibar")


def ask_everything(client):
    address = {"q": "12 rue des Marqueurs 99990 Zanzibar", "on": "2024-06-01"}
    point = {"lon": "3.00671", "lat": "50.60889", "on": "2024-06-01"}
    site = {"type": "Point", "coordinates": [3.00671, 50.60889]}
    for query in (address, point, point | {"on": "Marqueurs"}, point | {"kind": "Marqueurs"}):
        client.get("/v1/check", params=query)
        client.get("/v1/fiche", params=query)
    client.get("/v1/suggest", params={"q": address["q"]})
    client.post("/v1/check", json=site)
    client.post("/v1/check", json={"type": "Point", "coordinates": ["Marqueurs"]})
    client.get("/v1/check/12 rue des Marqueurs")
    client.get("/v1/perimeters", params={"bbox": "3.00671,50.60889,3.1,50.7", "commune": "Marqueurs"})
    client.get(
        "/v1/perimeters/Marqueurs", headers={"Referer": "http://127.0.0.1/?q=Marqueurs", "User-Agent": "Marqueurs"}
    )
    client.request("Marqueurs", "/v1/check")
    send(client, b"adresse\n12 rue des Marqueurs 99990 Zanzibar\n")
    send(client, POINTS, "Marqueurs.csv")
    send(client, b"Marqueurs", "Marqueurs.csv", lon_column="Marqueurs")
    for content in (POINTS, b"adresse\n12 rue des Marqueurs 99990 Zanzibar\n", b"\x00Marqueurs"):
        accepted = send(client, content, "Marqueurs.csv", job="true")
        if accepted.status_code == 202:
            ended(client, accepted.headers["location"])


def test_no_log_holds_what_was_asked(home):
    offline_index(home, row(0, 0, 1))
    answers = (Answer(status=500), Answer(b"Marqueurs"), Answer(b"{}", sent=1))
    with Loopback() as geocoder:
        turns = itertools.cycle(answers)
        for path in ("/search", "/search/csv"):
            geocoder.routes[path] = lambda _query: next(turns)
        told = {"QPV_GEO_GEOCODER_URL": geocoder.url, "QPV_GEO_SERVICE_LOG_LEVEL": "DEBUG"}
        with process(home, warm=True, **told) as service:
            with service.client() as client:
                ask_everything(client)
            service.stop()
    log = service.log()
    lines = [json.loads(line) for line in log.splitlines()]
    requests = [line for line in lines if line.get("message") == "request"]
    assert {"/v1/check", "/v1/batch", "/v1/fiche", "-"} <= {line["route"] for line in requests}
    assert {200, 202, 404, 422, 502} <= {line["status"] for line in requests}
    assert not [word for word in WORDS if word.lower() in log.lower()]
    assert "127.0.0.1" not in json.dumps(requests)


def test_a_client_has_the_same_hash_with_the_same_key_only(capsys):
    seen = []
    for key in ("premier", "premier", "second"):
        with serving(log_hash_key=key) as client:
            client.get("/v1/schemes")
        [line] = [json.loads(one) for one in capsys.readouterr().err.splitlines() if '"request"' in one]
        seen.append(line["client"])
    assert seen[0] == seen[1] != seen[2]


WATCHED = """
from opentelemetry import trace

class Watching(trace.NoOpTracer):
    def start_span(self, *args, **kwargs):
        print("span", args, kwargs)
        return super().start_span(*args, **kwargs)

class Watcher(trace.TracerProvider):
    def get_tracer(self, *args, **kwargs):
        return Watching()

trace.set_tracer_provider(Watcher())
from serving import serving
with serving() as client:
    print(client.get("/v1/check", params={"lon": "3.00671", "lat": "50.60889"}).status_code)
"""


def test_no_trace_holds_what_was_asked(home):
    """FastAPI gives the query of each request to OpenTelemetry where the process has a provider of traces."""
    environment = os.environ | {"QPV_GEO_HOME": str(home)}
    told = subprocess.run(
        [sys.executable, "-c", WATCHED],
        cwd=Path(__file__).parent,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout == "200\n"

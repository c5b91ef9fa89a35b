"""Recall at 1 and time per query of geocoders, on the cases of ../shared/addresses as written and with noise.

Run as scripts/recall. Every geocoder is asked every query, one after the other: the text as it is, and nothing else.
"""

from __future__ import annotations

import csv
import json
import os
import select
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

import click
import httpx2
from noise import NOISES, noisy

from qpv_geo.errors import QpvGeoError
from qpv_geo.geocoding.accuracy import accuracy_m
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import Candidate, MatchType, Query
from qpv_geo.geocoding.store import AddressStore

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT.parent / "shared/addresses/cases-sample.csv"
SAMPLE = ROOT.parent / "shared/addresses/ban-sample.csv.gz"
AS_WRITTEN, EVERY_KIND = "as written", "all"
WARM_UP = 20
WAIT_S = 60


class Case(NamedTuple):
    kind: str
    noise: str
    query: str
    expected_id: str


class Answer(NamedTuple):
    id: str | None
    label: str | None
    ms: float


@dataclass
class Tally:
    """What a geocoder did on the cases of one line of the table."""

    times: list[float] = field(default_factory=list)
    found: int = 0

    def add(self, case, answer):
        self.times.append(answer.ms)
        self.found += answer.id == case.expected_id

    @property
    def recall(self):
        return 100 * self.found / len(self.times)

    @property
    def median_ms(self):
        return median(self.times)

    @property
    def p99_ms(self):
        return sorted(self.times)[int(0.99 * len(self.times))]


class Timed:
    """Any `Geocoder`, with the time it takes."""

    def __init__(self, geocoder, name, limit):
        self.name = name
        self._geocoder = geocoder
        self._limit = limit

    def ask(self, text):
        started = time.perf_counter()
        candidates = self._geocoder.search(Query(text), limit=self._limit)
        ms = (time.perf_counter() - started) * 1000
        return Answer(candidates[0].id, candidates[0].label, ms) if candidates else Answer(None, None, ms)


class AddokOverHttp:
    """A `Geocoder`: Addok as it is, without the limits that the national service imposes."""

    name = "addok"

    def __init__(self, url):
        self._client = httpx2.Client(base_url=url, timeout=WAIT_S, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error):
        self._client.close()

    def search(self, query, *, limit=5):
        filters = {"postcode": query.postcode, "citycode": query.citycode}
        wanted = {"q": query.text, "limit": limit, "autocomplete": 0}
        return self._get("/search/", wanted | {key: value for key, value in filters.items() if value})

    def reverse(self, *, lon, lat, limit=1):
        return self._get("/reverse/", {"lon": lon, "lat": lat, "limit": limit})

    def _get(self, path, parameters):
        try:
            answer = self._client.get(path, params=parameters)
            answer.raise_for_status()
        except httpx2.HTTPError as error:
            message = f"Addok does not answer: {error}"
            raise click.ClickException(message) from error
        return [self._candidate(feature) for feature in answer.json()["features"]]

    def _candidate(self, feature):
        found = feature["properties"]
        kind = MatchType(found["type"])
        lon, lat = feature["geometry"]["coordinates"]
        return Candidate(
            label=found["label"],
            score=found["score"],
            type=kind,
            id=found["id"],
            housenumber=found.get("housenumber"),
            street=found.get("street"),
            postcode=found.get("postcode"),
            citycode=found.get("citycode"),
            city=found.get("city"),
            lon=lon,
            lat=lat,
            position=None,
            accuracy_m=accuracy_m(kind),
            source=self.name,
            edition=None,
        )


class AddokInProcess:
    """Addok asked in a process of its own, which tells the time that Addok took: no HTTP in it."""

    name = "addok in process"

    def __init__(self, limit):
        python, settings = ROOT / ".venv-addok/bin/python", ROOT / ".addok/addok.conf"
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

    def __enter__(self) -> Self:
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


def offline_index(path):
    try:
        return OfflineIndex(path)
    except QpvGeoError as error:
        raise click.ClickException(str(error)) from error


def read_cases(path, seed):
    """Read the cases; after each, the same with each noise that changes it."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Case(row["kind"], AS_WRITTEN, row["query"], row["expected_id"])
            for noise, query in noisy(row["query"], seed):
                yield Case(row["kind"], noise, query, row["expected_id"])


def measure(geocoders, cases):
    """Ask every geocoder every query, in turn: what slows the machine down slows them all.

    Return the tallies, by kind and noise then by geocoder, and what each failed on.
    """
    for geocoder in geocoders:
        for case in cases[:WARM_UP]:
            geocoder.ask(case.query)
    tallies = defaultdict(lambda: [Tally() for _ in geocoders])
    failures = [[] for _ in geocoders]
    for case in cases:
        for at, geocoder in enumerate(geocoders):
            answer = geocoder.ask(case.query)
            for kind in (case.kind, EVERY_KIND):
                tallies[kind, case.noise][at].add(case, answer)
            if answer.id != case.expected_id:
                failures[at].append((case, answer))
    return tallies, failures


def print_table(headings, rows):
    """Print words to the left and figures to the right."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        cells = [
            f"{cell:<{width}}" if at < 2 else f"{cell:>{width}}"
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())


def in_order(tallies):
    """Order the lines by kind, all of them last, then by noise."""
    kinds = [*dict.fromkeys(kind for kind, _ in tallies if kind != EVERY_KIND), EVERY_KIND]
    noises = [AS_WRITTEN, *NOISES]
    return sorted(tallies.items(), key=lambda line: (kinds.index(line[0][0]), noises.index(line[0][1])))


def print_alone(name, at, tallies):
    click.echo(f"\n{name}")
    rows = [
        (
            kind,
            noise,
            str(len(each[at].times)),
            f"{each[at].recall:.2f} %",
            f"{each[at].median_ms:.2f}",
            f"{each[at].p99_ms:.2f}",
        )
        for (kind, noise), each in in_order(tallies)
    ]
    print_table(("kind", "noise", "queries", "recall at 1", "median ms", "p99 ms"), rows)


def print_side_by_side(names, tallies):
    """Print all of them, and how many times as long as the first the others take."""
    first, *others = names
    headings = ["kind", "noise", "queries"]
    headings += [f"{name}: recall" for name in names] + [f"{name}: median ms" for name in names]
    headings += [f"{name} / {first}" for name in others]
    rows = []
    for (kind, noise), each in in_order(tallies):
        recalls = [f"{tally.recall:.2f} %" for tally in each]
        medians = [f"{tally.median_ms:.2f}" for tally in each]
        ratios = [f"{tally.median_ms / each[0].median_ms:.1f}" for tally in each[1:]]
        rows.append((kind, noise, str(len(each[0].times)), *recalls, *medians, *ratios))
    click.echo()
    print_table(headings, rows)


def print_failures(name, failures):
    click.echo(f"\n{name}: {len(failures)} failures")
    for case, answer in failures:
        got = f"{answer.label} ({answer.id})" if answer.id else "nothing"
        click.echo(f"  {case.kind}, {case.noise}: {case.query}\n    expected {case.expected_id}, got {got}")


@contextmanager
def sample_index():
    """Make an index of the shared sample, for the time of a run."""
    with TemporaryDirectory() as folder:
        yield AddressStore(Path(folder)).import_file(SAMPLE).path


@click.command()
@click.option(
    "--index",
    type=click.Path(exists=True, path_type=Path),
    help="Our offline index: its file; by default, one made of ../shared/addresses.",
)
@click.option("--in-process", is_flag=True, help="Addok without HTTP; scripts/addok must have started it.")
@click.option("--addok", "url", help="Addok over HTTP: its address, as in ADDOK_URL.")
@click.option(
    "--side-by-side", is_flag=True, help="One table for all, with the ratios of their medians to the first's."
)
@click.option("--failures", "with_failures", is_flag=True, help="List what each got wrong.")
@click.option(
    "--cases",
    default=CASES,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Other cases: kind, query, expected_id.",
)
@click.option("--seed", default=1, show_default=True, help="Of the noise.")
@click.option("--limit", default=1, show_default=True, help="Candidates asked for; only the first counts.")
def main(index, in_process, url, side_by_side, with_failures, cases, seed, limit):  # noqa: PLR0913, PLR0917 - its options
    """Print how often geocoders find the right house number first, and how long they take."""
    with ExitStack() as stack:
        geocoders = []
        if index is None and (side_by_side or not (in_process or url)):
            index = stack.enter_context(sample_index())
        if index:
            geocoders.append(Timed(offline_index(index), "index", limit))
        if in_process:
            geocoders.append(stack.enter_context(AddokInProcess(limit)))
        if url:
            geocoders.append(Timed(stack.enter_context(AddokOverHttp(url)), "addok over HTTP", limit))
        tallies, failures = measure(geocoders, list(read_cases(cases, seed)))
    names = [geocoder.name for geocoder in geocoders]
    click.echo(f"{cases.name}, noise of seed {seed}, limit {limit}; noise counts where it changes the query")
    if side_by_side:
        print_side_by_side(names, tallies)
    else:
        for at, name in enumerate(names):
            print_alone(name, at, tallies)
    if with_failures:
        for name, missed in zip(names, failures, strict=True):
            print_failures(name, missed)


if __name__ == "__main__":
    sys.exit(main())

"""How often an address is found, how long it takes, and whether a firm answer is ever about another place.

Run as scripts/recall. Data sets are shuffled, with streets and towns taken out, which are then asked for. Every
geocoder is asked every query, one after the other: the text as it is, and nothing else.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.append(str(Path(__file__).parents[1]))  # as pytest does: what tests share

import addok_clients
import click
import questions
import report
import sets
from classes import CLASSES
from report import Measured
from truth import Ours

WARM_UP = 20
FULL, QUICK = (300, 3000), (10, 350)
"""Queries a class and a data set, and queries about what is left out a data set."""


def measure(geocoders, held, others, *, verdicts=True):
    """Ask every geocoder every query about what is held, in turn; judge our verdicts about everything, if wanted."""
    found, (ours, *_) = Measured(), geocoders
    for geocoder in geocoders:
        for question in held[:WARM_UP]:
            geocoder.ask(question.text)
    for question in held:
        for geocoder in geocoders:
            found.add(geocoder, question, geocoder.ask(question.text), is_ours=geocoder is ours)
    for question in [*held, *others] if verdicts else ():
        found.judge(question, ours.tell(question))
    return found


# ── The command ──────────────────────────────────────────────────────────────────────────────────────────────


def run(name, folder, options):
    """Measure a data set and print what came of it; return how many firm answers are about another place."""
    per_class, not_held = QUICK if options["quick"] else FULL
    before = time.perf_counter()
    data = sets.make(name, folder, options["seed"], quick=options["quick"])
    held, ambiguous = questions.held(data, per_class, options["seed"], options["classes"])
    verdicts = not options["recall_only"]
    left_out = [] if options["classes"] or not verdicts else questions.left_out(data, not_held, options["seed"])
    rows = sum(len(some) for street in data.held.streets for some in street.numbers.values())
    click.echo(
        f"\n{name}, seed {options['seed']}: {rows} addresses held, {len(held)} queries about them, "
        f"{len(left_out)} about others; made in {time.perf_counter() - before:.0f} s"
    )
    with ExitStack() as stack:
        geocoders = [Ours(data, options["limit"])]
        if options["addok"]:
            url = stack.enter_context(addok_clients.started(data.path, folder / "addok"))
            in_process = options["addok"] == "process"
            addok = addok_clients.InProcess(folder / "addok", options["limit"]) if in_process else None
            geocoders.append(stack.enter_context(addok or addok_clients.OverHttp(url, options["limit"])))
        found = measure(geocoders, held, [*ambiguous, *left_out], verdicts=verdicts)
    report.held([geocoder.name for geocoder in geocoders], found)
    if left_out:
        report.left_out(found)
    report.crashes(found)
    if options["failures"]:
        report.failures(found)
    return len(found.wrong)


@click.command()
@click.option("--quick", is_flag=True, help="Some 1,500 queries on smaller sets, instead of some 30,000.")
@click.option(
    "--set", "names", multiple=True, type=click.Choice([*sets.SETS]), help="Which data sets; by default all of them."
)
@click.option(
    "--class", "classes", multiple=True, type=click.Choice([one.name for one in CLASSES]), help="Only these classes."
)
@click.option(
    "--addok",
    type=click.Choice(["process", "http"]),
    help="Beside a real Addok, started on the same file: asked in a process of its own, or over HTTP.",
)
@click.option("--failures", is_flag=True, help="List what is missed, and every firm answer about another place.")
@click.option("--recall-only", is_flag=True, help="No verdicts, and nothing about what is left out.")
@click.option("--seed", default=1, show_default=True, help="Of the data sets and of the queries.")
@click.option("--limit", default=5, show_default=True, help="Candidates asked for; only the first counts.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Folder where data and indexes stay.")
def main(names, keep, **options):
    """Print how often addresses are found first, and which firm answers are about another place.

    Exit code 1 if any is, or crashes.
    """
    wrong = 0
    for name in names or sets.SETS:
        with TemporaryDirectory() as temporary:
            folder = keep / name if keep else Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            wrong += run(name, folder, options)
    click.echo(f"\n{wrong} firm answers about another place, or crashes")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()

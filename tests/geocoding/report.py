"""What came of the questions asked of a data set, and the tables that tell it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from statistics import median

import click
import questions
from truth import Judged

EVERY, SINGLE_TYPOS = "all classes", "single typing errors"
GROUPS = {
    SINGLE_TYPOS: {"typo", "typo in long word", "typo in street", "typo in town"},
    EVERY: {*questions.BY_NAME},
}
DOUBTS = (Judged.COMMUNE, Judged.WEAK, Judged.OTHER, Judged.NOT_LOCATED)


@dataclass
class Tally:
    """What a geocoder did on the queries of one line of the table."""

    times: list[float] = field(default_factory=list)
    found: int = 0

    def add(self, question, answer):
        self.times.append(answer.ms)
        self.found += answer.id in question.expected

    @property
    def recall(self):
        return self.found / len(self.times)

    @property
    def median_ms(self):
        return median(self.times)

    @property
    def p99_ms(self):
        return sorted(self.times)[int(0.99 * len(self.times))]


@dataclass
class Measured:
    """Tallies by line and geocoder, how many verdicts of each line are worth what, and what failed."""

    tallies: dict = field(default_factory=lambda: defaultdict(lambda: defaultdict(Tally)))
    verdicts: dict = field(default_factory=lambda: defaultdict(Counter))
    missed: list = field(default_factory=list)
    wrong: list = field(default_factory=list)

    def add(self, geocoder, question, answer, *, is_ours):
        for line in lines_of(question):
            self.tallies[line][geocoder.name].add(question, answer)
        if is_ours and answer.id not in question.expected:
            self.missed.append((question, answer))

    def judge(self, question, told):
        for line in lines_of(question):
            self.verdicts[line][told.judged] += 1
        if told.judged in {Judged.WRONG, Judged.CRASHED}:
            self.wrong.append((question, told))


def lines_of(question):
    """Return the lines that a question counts in: that of its class, then those of several classes."""
    return [question.line, *(group for group, classes in GROUPS.items() if question.line in classes)]


def held(names, found):
    """Print a line a class: how many are found, how many verdicts are firm and right, and about another place."""
    recalls, times = [f"{name}: recall" for name in names], [f"{name}: ms" for name in names]
    headings = ["class", "queries", *recalls, "firm, right", "firm, wrong", *times]
    lines = [
        *(line for line in found.tallies if line not in GROUPS),
        *(line for line in GROUPS if line in found.tallies),
    ]
    rows = [held_row(line, names, found) for line in lines]
    p99 = [f"{found.tallies[EVERY][name].p99_ms:.2f}" for name in names]
    print_table(headings, [*rows, [f"{EVERY}: p99", *[""] * (3 + len(names)), *p99]])
    for other in names[1:]:
        gaps = {line: found.tallies[line][names[0]].recall - found.tallies[line][other].recall for line in lines}
        behind = [f"{line} ({gap:+.3f})" for line, gap in gaps.items() if gap < -0.01]
        click.echo(f"more than 0.01 below {other}: {', '.join(behind) or 'none'}")


def held_row(line, names, found):
    tallies = [found.tallies[line][name] for name in names]
    verdicts = found.verdicts.get(line)
    return [
        line,
        str(len(tallies[0].times)),
        *(f"{tally.recall:.3f}" for tally in tallies),
        f"{100 * verdicts[Judged.RIGHT] / verdicts.total():.1f} %" if verdicts else "",
        str(verdicts[Judged.WRONG]) if verdicts else "",
        *(f"{tally.median_ms:.2f}" for tally in tallies),
    ]


def left_out(found):
    """Print a line for each way to ask for what is not held, then what several addresses suit."""
    every = sum((found.verdicts[line] for line in questions.LINES), Counter())
    rows = [left_out_row(line, found.verdicts[line]) for line in questions.LINES]
    click.echo()
    print_table(["not held", "asked", "firm", *DOUBTS], [*rows, left_out_row("all that is not held", every)])
    verdicts = found.verdicts[questions.AMBIGUOUS]
    click.echo(
        f"{questions.AMBIGUOUS} (the words suit several addresses): {verdicts.total()} asked, {verdicts[Judged.WRONG]} "
        f"firm about another or though these disagree, {verdicts[Judged.RIGHT]} firm where all agree"
    )


def left_out_row(line, verdicts):
    firm = verdicts[Judged.WRONG] + verdicts[Judged.RIGHT]
    return [line, str(verdicts.total()), str(firm), *(str(verdicts[one]) for one in DOUBTS)]


def crashes(found):
    """Tell how many questions have no answer but an error that should not be."""
    crashed = [question.text for question, told in found.wrong if told.judged is Judged.CRASHED]
    if crashed:
        click.echo(f"{len(crashed)} crashed, the first of them about: {crashed[0]}")


def failures(found):
    click.echo(f"\n{len(found.wrong)} firm about another place, or without an answer")
    for question, told in found.wrong:
        click.echo(f"  {question.line}: {question.text}\n    {meant(question)}\n    {told.words}")
    click.echo(f"\n{len(found.missed)} not found first")
    for question, answer in found.missed:
        click.echo(f"  {question.line}: {question.text}\n    {meant(question)}\n    got {answer.label} ({answer.id})")


def meant(question):
    one = question.asked.address
    is_held = "held" if question.expected else "not held"
    return f"meant {one.number} {one.street}, {one.postcode} {one.town} ({one.citycode}), {is_held}"


def print_table(headings, rows):
    """Print words to the left and figures to the right."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        cells = [
            f"{cell:<{width}}" if at == 0 else f"{cell:>{width}}"
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())

"""Compare qpv-geo with geopandas, SedonaDB and DuckDB spatial on this machine, in one run: ``scripts/bench engines``.

Prints the machine, the versions and a table, and draws the curves. Each measure is the median of several processes of
`peers.py`, the engines taking turns so that whatever else the machine does disturbs them alike.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from peers import ENGINES

PACKAGES = ("qpv-geo", "numpy", "shapely", "geopandas", "sedonadb", "duckdb", "duckdb-extension-spatial")
ONE = Path(__file__).with_name("peers.py")
COLOURS = {"qpv-geo": "#000091", "numpy": "#6a6af4", "geopandas": "#b34000", "sedonadb": "#447049", "duckdb": "#8a7a00"}
NAMES = {"numpy": "qpv-geo, numpy alone", "sedonadb": "SedonaDB", "duckdb": "DuckDB spatial"}
NATION, MILLION = 1_584, 1_000_000
AROUND, ANYWHERE = "around", "anywhere"
MEASURES = ("seconds", "cpu", "ready", "loaded_mb", "peak_mb")
BEGIN, END = "<!-- written by scripts/bench engines -->", "<!-- end of what it writes -->"


class Size(NamedTuple):
    """What is measured: how many points, against how many perimeters, and where the points are."""

    points: int
    perimeters: int
    where: str


def measured(engine, size):
    arguments = [sys.executable, str(ONE), engine, *map(str, size)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{engine}, {size}: {done.stderr.strip().splitlines()[-1]}")
        return None
    return json.loads(done.stdout.splitlines()[-1])


def taken(sizes, engines_of, runs, seconds):
    """Measure each size with each of its engines, `runs` times as long as there is time; the first time in any case."""
    began, found = time.monotonic(), {size: {} for size in sizes}
    for run in range(runs):
        for size in sizes:
            if run and time.monotonic() - began > seconds:
                return found
            for engine in engines_of(size):
                one = measured(engine, size)
                if one is not None:
                    found[size].setdefault(engine, []).append(one)
        print(f"run {run + 1} of {runs} done after {time.monotonic() - began:.0f} s", flush=True)
    return found


def medians(runs):
    return runs[0] | {name: statistics.median(one[name] for one in runs) for name in MEASURES}


def table(found):
    """Return the table in Markdown: the time of each engine, how many times longer than ours it is, and the memory."""
    engines = list(dict.fromkeys(engine for some in found.values() for engine in some))
    lines = [
        f"| points | perimeters | {' | '.join(NAMES.get(one, one) for one in engines)} | memory, MB, in this order |",
        f"|---|---|{'---|' * len(engines)}---|",
    ]
    for size, some in found.items():
        ours = some.get("qpv-geo")
        cells = [cell(some.get(engine), ours) for engine in engines]
        memory = " · ".join(f"{some[engine]['peak_mb']:,.0f}" if engine in some else "–" for engine in engines)
        where = f"{size.points:,} {size.where}"
        lines.append(f"| {where} | {size.perimeters:,} | {' | '.join(cells)} | {memory} |")
    return "\n".join(lines)


def cell(one, ours):
    if one is None:
        return "–"
    times = f" (× {one['seconds'] / ours['seconds']:.1f})" if ours and one is not ours else ""
    return f"{one['seconds']:.2f} s{times}, CPU {one['cpu']:.2f} s"


def disagreements(found):
    """Yield a line for each engine that does not find the points that qpv-geo finds."""
    for size, by in found.items():
        ours = by.get("qpv-geo")
        for engine, one in by.items():
            if ours and (one["held"], one["near"]) != (ours["held"], ours["near"]):
                found_of = [f"held {some['held']:,}, near {some['near']:,}" for some in (one, ours)]
                yield f"{engine}, {size}: {', but ours '.join(found_of)}"


def written(page, told):
    """Put the text between the two marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        sys.exit(f"{page} lacks {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n{told}\n{END}{after}", encoding="utf-8")


def machine():
    with Path("/proc/cpuinfo").open(encoding="utf-8") as info:
        model = next((line.partition(":")[2].strip() for line in info if line.startswith("model name")), "?")
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    busy = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, {memory_gb:.0f} GB; Python {platform.python_version()}; load {busy:.1f}"


def draw(by_points, by_perimeters, path, title, at):
    """Draw three panels: time by points, time by perimeters, memory by points."""
    import matplotlib as mpl  # noqa: PLC0415 - not for a run that draws nothing

    mpl.use("agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
    panels = (
        (by_points, "seconds", "points", "seconds, 1,584 perimeters"),
        (by_perimeters, "seconds", "perimeters", f"seconds, {at:,} points"),
        (by_points, "peak_mb", "points", "peak memory of the process, MB"),
    )
    for axis, (curves, measure, across, label) in zip(axes, panels, strict=True):
        for engine, colour in COLOURS.items():
            marks = sorted((one["x"], one[measure]) for one in curves if one["engine"] == engine)
            if marks:
                name = NAMES.get(engine, engine)
                axis.plot(*zip(*marks, strict=True), marker="o", color=colour, label=name, linewidth=2, markersize=5)
        axis.set(xscale="log", yscale="log", xlabel=across, title=label)
        axis.grid(visible=True, alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False)
    figure.suptitle(title, fontsize=9, color="#555555")
    figure.savefig(path, dpi=110)


def counts(text):
    return [int(float(one)) for one in text.split(",")]


def curves(found, sizes, across):
    """Return the measures of some sizes, each with its place on the axis."""
    return [
        {"engine": engine, "x": getattr(size, across), **one} for size in sizes for engine, one in found[size].items()
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=counts, default=[10**k for k in range(4, 8)], help="comma-separated")
    parser.add_argument("--peer-points", type=float, default=MILLION, help="most points given to the peers")
    parser.add_argument("--perimeters", type=counts, default=[7, NATION, 10 * NATION], help="comma-separated")
    parser.add_argument("--at", type=float, default=MILLION, help="points at which the perimeters vary")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--runs", type=int, default=3, help="at most; each number is their median")
    parser.add_argument("--minutes", type=float, default=8.0, help="no other run begins after that")
    parser.add_argument("--figure", type=Path, help="PNG of the curves")
    parser.add_argument("--page", type=Path, help=f"Markdown page that gets the table, between {BEGIN} and {END}")
    parser.add_argument("--json", type=Path, help="the measures")
    asked = parser.parse_args()
    told = f"{machine()}; " + ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    print(told, flush=True)
    by_points = [Size(points, NATION, AROUND) for points in asked.points]
    by_perimeters = [Size(int(asked.at), perimeters, AROUND) for perimeters in asked.perimeters]
    sizes = list(dict.fromkeys([*by_points, *by_perimeters, Size(int(asked.at), NATION, ANYWHERE)]))
    engines = asked.engines.split(",")
    runs = taken(
        sizes,
        lambda size: [one for one in engines if one == "qpv-geo" or size.points <= asked.peer_points],
        asked.runs,
        asked.minutes * 60,
    )
    found = {size: {engine: medians(some) for engine, some in by.items()} for size, by in runs.items()}
    fewest, most = (pick(len(some) for by in runs.values() for some in by.values()) for pick in (min, max))
    text = f"{told}. Medians of {fewest if fewest == most else f'{fewest} to {most}'} runs.\n\n{table(found)}"
    print(f"\n{text}\n", *disagreements(found), sep="\n")
    if asked.page is not None:
        written(asked.page, text)
    if asked.json is not None:
        rows = [size._asdict() | one for size, some in found.items() for one in some.values()]
        asked.json.write_text(json.dumps({"machine": told, "measures": rows}, indent=1))
    if asked.figure is not None:
        both = curves(found, by_points, "points"), curves(found, by_perimeters, "perimeters")
        draw(*both, asked.figure, told, int(asked.at))


if __name__ == "__main__":
    main()

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
from importlib.metadata import version
from pathlib import Path

from peers import ENGINES

PACKAGES = ("qpv-geo", "numpy", "shapely", "geopandas", "sedonadb", "duckdb", "duckdb-extension-spatial")
ONE = Path(__file__).with_name("peers.py")
COLOURS = {"qpv-geo": "#000091", "geopandas": "#b34000", "sedonadb": "#447049", "duckdb": "#8a7a00"}
NATION, MILLION = 1_584, 1_000_000
MEASURES = ("seconds", "cpu", "ready", "loaded_mb", "peak_mb")


def measured(engine, points, perimeters):
    arguments = [sys.executable, str(ONE), engine, str(points), str(perimeters)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{engine}, {points:,} points: {done.stderr.strip().splitlines()[-1]}")
        return None
    return json.loads(done.stdout.splitlines()[-1])


def medians(engines, points, perimeters, runs):
    """Return the medians of each engine."""
    taken = {engine: [] for engine in engines}
    for _ in range(runs):
        for engine in engines:
            one = measured(engine, points, perimeters)
            if one is not None:
                taken[engine].append(one)
    return {
        engine: some[0] | {name: statistics.median(one[name] for one in some) for name in MEASURES}
        for engine, some in taken.items()
        if some
    }


def show(points, found):
    """Print a line an engine: times, memory, and how many times longer than qpv-geo it takes."""
    ours = found.get("qpv-geo")
    for engine, one in found.items():
        ratio = one["seconds"] / ours["seconds"] if ours else float("nan")
        speed, ours_mb = points / one["seconds"], one["peak_mb"] - one["loaded_mb"]
        print(
            f"{points:>12,} {one['perimeters']:>7,}  {engine:<10} {one['seconds']:>8.2f} s  {one['cpu']:>8.2f} s of CPU"
            f"  {speed:>12,.0f}/s  x{ratio:<6.2f} {one['peak_mb']:>7,.0f} MB ({ours_mb:,.0f} for the job)"
            f"   held {one['held']:,}, near {one['near']:,}"
        )
        if ours and (one["held"], one["near"]) != (ours["held"], ours["near"]):
            print(f"{'':>21}  {engine} does not find what qpv-geo finds")


def machine():
    with Path("/proc/cpuinfo").open(encoding="utf-8") as info:
        model = next((line.partition(":")[2].strip() for line in info if line.startswith("model name")), "?")
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    busy = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, {memory_gb:.0f} GB; Python {platform.python_version()}; load {busy:.1f}"


def draw(by_points, by_perimeters, path, title):
    """Draw three panels: time by points, time by perimeters, memory by points."""
    import matplotlib as mpl  # noqa: PLC0415 - not for a run that draws nothing

    mpl.use("agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
    panels = (
        (by_points, "seconds", "points", "seconds, 1,584 perimeters"),
        (by_perimeters, "seconds", "perimeters", f"seconds, {max_points(by_perimeters):,} points"),
        (by_points, "peak_mb", "points", "peak memory of the process, MB"),
    )
    for axis, (curves, measure, across, label) in zip(axes, panels, strict=True):
        for engine, colour in COLOURS.items():
            marks = sorted((one["x"], one[measure]) for one in curves if one["engine"] == engine)
            if marks:
                axis.plot(*zip(*marks, strict=True), marker="o", color=colour, label=engine, linewidth=2, markersize=5)
        axis.set(xscale="log", yscale="log", xlabel=across, title=label)
        axis.grid(visible=True, alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False)
    figure.suptitle(title, fontsize=9, color="#555555")
    figure.savefig(path, dpi=110)


def max_points(curves):
    return max((one["points"] for one in curves), default=0)


def counts(text):
    return [int(float(one)) for one in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=counts, default=[10**k for k in range(4, 8)], help="comma-separated")
    parser.add_argument("--peer-points", type=float, default=MILLION, help="most points given to the peers")
    parser.add_argument("--perimeters", type=counts, default=[7, NATION, 10 * NATION], help="comma-separated")
    parser.add_argument("--at", type=float, default=MILLION, help="points at which the perimeters vary")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--figure", type=Path, help="PNG of the curves")
    parser.add_argument("--json", type=Path, help="the measures")
    asked = parser.parse_args()
    told = f"{machine()}; " + ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    print(told)
    known, curves = {}, ([], [])
    sizes = [(points, NATION, 0) for points in asked.points]
    sizes += [(int(asked.at), perimeters, 1) for perimeters in asked.perimeters]
    for points, perimeters, panel in sizes:
        engines = [one for one in asked.engines.split(",") if one == "qpv-geo" or points <= asked.peer_points]
        if (points, perimeters) not in known:
            known[points, perimeters] = medians(engines, points, perimeters, asked.runs)
            show(points, known[points, perimeters])
        for engine, one in known[points, perimeters].items():
            x = one["perimeters"] if panel else points
            curves[panel].append({"engine": engine, "x": x, "points": points, **one})
    if asked.json is not None:
        asked.json.write_text(json.dumps({"machine": told, "points": curves[0], "perimeters": curves[1]}, indent=1))
    if asked.figure is not None:
        draw(*curves, asked.figure, told)


if __name__ == "__main__":
    main()

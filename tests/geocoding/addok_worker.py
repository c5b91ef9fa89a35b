"""Addok without HTTP: a query a line on stdin, its best answer and the time Addok took on stdout, all as JSON.

Run by recall.py with the Python of .venv-addok, and the configuration that scripts/addok wrote.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time


def main():
    with contextlib.redirect_stdout(io.StringIO()):  # it tells what it loads
        from addok.config import config  # noqa: PLC0415

        config.load()
    from addok.core import search  # noqa: PLC0415 - reads the configuration

    for line in sys.stdin:
        asked = json.loads(line)
        started = time.perf_counter()
        results = search(asked["q"], limit=asked["limit"], autocomplete=False)
        took = time.perf_counter() - started
        best = {"id": results[0].id, "label": str(results[0])} if results else {"id": None, "label": None}
        sys.stdout.write(json.dumps({**best, "ms": took * 1000}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Have atheris look for inputs that reach new code in a reader: ``python tests/fuzz/guided.py READER [SECONDS]``.

atheris is installed by `scripts/fuzz` where it runs (Linux, CPython 3.11 to 3.13). The number of inputs tried is
libFuzzer's last line; an input that makes a reader fail is written to ``build/``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))
with atheris.instrument_imports(include=["qpv_geo"]):
    from fuzz.mangling import mangled
    from fuzz.readers import READERS, feed, seed


def main() -> None:
    name, seconds = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "60"
    if name not in READERS:
        sys.exit(f"{name} is no reader; those are: {', '.join(READERS)}")
    with tempfile.TemporaryDirectory() as told:
        folder = Path(told)
        corpus = folder / "corpus"
        corpus.mkdir()
        content = seed(name, folder)
        for number in range(50):
            (corpus / str(number)).write_bytes(mangled(content, number) if number else content)
        options = [
            f"-max_total_time={seconds}",
            f"-max_len={max(4_096, 2 * len(content))}",
            "-timeout=20",
            "-artifact_prefix=build/",
            "-rss_limit_mb=4096",
        ]
        atheris.Setup(
            [sys.argv[0], *options, "-print_final_stats=1", str(corpus)], lambda data: feed(name, data, folder)
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()

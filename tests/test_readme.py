"""What the README and the documentation show is what the commands print."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = [page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md"))]


def examples():
    """Yield each command shown with its output, and that output's lines up to an ellipsis."""
    for block in re.findall(r"```console\n(.*?)```", "\n".join([README, *DOCS]), flags=re.DOTALL):
        for command, output in re.findall(
            r"^\$ (qpv (?:check|diff|projects) [^\n]*)\n((?:(?!\$ ).*\n)*)", block, flags=re.MULTILINE
        ):
            if output.strip():
                yield pytest.param(command.partition(";")[0], output.splitlines(), id=command)


def segments(lines):
    """The lines shown, cut at each ellipsis."""
    found = [[]]
    for line in lines:
        if line.strip() == "…":
            found.append([])
        else:
            found[-1].append(line)
    return found


@pytest.mark.parametrize(("command", "lines"), [one for one in examples() if "diff" not in one.id])
def test_an_answer_shown(qpv, command, lines):
    answer = qpv(*shlex.split(command, comments=True)[1:])
    printed = (answer.out + answer.err).replace("\u202f", " ").replace("\u00a0", " ").splitlines()
    shown = segments([line for line in lines if not line.isdigit()])
    assert printed[: len(shown[0])] == shown[0]
    rest = printed[len(shown[0]) :]
    for some in shown[1:]:
        start = rest.index(some[0]) if some else 0
        assert rest[start : start + len(some)] == some
        rest = rest[start + len(some) :]
    assert len(shown) > 1 or not rest


@pytest.mark.usefixtures("with_2015")
@pytest.mark.parametrize(("command", "lines"), [one for one in examples() if "diff" in one.id])
def test_the_diff_shown(qpv, command, lines):
    printed = qpv(*shlex.split(command)[1:]).out.replace("\u202f", " ").replace("\u00a0", " ").splitlines()
    shown = [line for line in lines if line.strip() != "…"]
    assert len(shown) == 4
    start = printed.index(shown[0])
    assert printed[start : start + len(shown)] == shown


def test_every_example_was_found():
    assert len(list(examples())) == 10


def test_the_two_commands_are_there_and_run():
    for script in ("demo", "test"):
        assert f"$ scripts/{script}" in README
        assert (ROOT / "scripts" / script).stat().st_mode & 0o111


@pytest.mark.usefixtures("home")
def test_the_python_shown_in_the_readme():
    (shown,) = re.findall(r"```pycon\n(.*?)```", README, flags=re.DOTALL)
    example = doctest.DocTestParser().get_doctest(shown, {}, "README.md", None, None)
    assert len(example.examples) == 5
    assert doctest.DocTestRunner(verbose=False).run(example).failed == 0


def test_the_readme_stays_what_a_newcomer_needs():
    assert README.count("\n") <= 160
    assert "résultat indicatif, ne vaut pas attestation réglementaire" in README


def test_the_picture_of_the_readme_is_light():
    (picture,) = re.findall(r"!\[[^\]]{80,}\]\(([^)]+)\)", README)
    assert (ROOT / picture).stat().st_size < 200_000

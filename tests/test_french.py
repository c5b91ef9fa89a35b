"""What people read is plain French: no banned word or turn, and its typography, wherever a text stands."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import click
import pytest

from qpv_geo.cli.app import qpv

ROOT = Path(__file__).resolve().parents[1]
SERVICE = ROOT / "service/qpv_geo_service"
MODULES = sorted([*(ROOT / "qpv_geo/messages").glob("*.py"), *SERVICE.glob("messages*.py")])
PAGE = [*sorted((SERVICE / "page").glob("*.*s")), *sorted((SERVICE / "page").glob("*.html"))]
SCRIPTS = sorted([*(SERVICE / "page").glob("*.js"), *(ROOT / "qpv_geo/maps/assets").glob("*.js")])
SCHEMES = sorted((ROOT / "qpv_geo/schemes/data").glob("*.toml"))
GUIDES = [path for path in (ROOT / "docs/guide.md",) if path.exists()]

TURNS = (
    r"\bfranche?s?\b(?! urbaine)",
    r"emplacement possible",
    r"connue?s? à \d+ m",
    r"\ben zone(?! municipale)\b",
    r"\bdedans\b",
    r"\bau dehors\b",
    r"\bmorceaux?\b",
    r"\bqui en tient\b",
    r"partage la voie",
    r"reconnue que faiblement",
    r"peut désigner \d+ lieux et",
    r"périmètres présents",
    r"personne ne peut dire",
    r"nul ne peut dire",
    r"mises bout à bout",
    r"une date à elles",
    r"gardé un temps limité",
    r"le même fichier vous revient",
    r"des quartiers peuvent manquer",
    r"Ce n.est pas établi",
    r"périmètres lus au",
    r"rien n.a été vérifié",
    r"d.un périmètre en vigueur en",
    r"n.est pas inventée",
    r"sans qu.on puisse dire",
    r"De combien de mètres",
    r"Ce par quoi",
    r"Faire l.index",
    r"répond pour sa génération",
    r"rien trouvé",
    r"la sortie serait",
    r"Interface pour les programmes",
    r"pour ce qui est tapé",
    r"dont on veut l.avis",
    r"à quel point elle est sûre",
    r"en panne",
    r"sans tenir compte de la date",
    r"peut désigner … lieux",
    r"Assurez-vous de",
    r"\brépond encore",
    r"(?:qui|a) (?:a )?répondu (?:alors|maintenant)",
    r"\brépétable",
    r"(?:type|fichier|identifiant) à vous\b",
    r"au-delà des bords",
    r"se recouvriraient",
    r"(?:lignes|questions) fautives",
    r"ce qui fut",
    r"dispositifs qui le remplacent",
    r"serait dans plusieurs communes",
    r"\bReste(?:nt)? la\b",
    r"\blancez :",
    r"suit le montant",
)
"""The left columns of the house's list of words."""
BANNED = re.compile("|".join(TURNS), re.IGNORECASE)
COMMAND = re.compile(rf"\bqpv (?:{'|'.join(qpv.commands)})\b|\bpip install\b")
"""A command: shown apart (``messages.remedies``), or in the examples of a help page."""
WITH_COMMANDS = {"remedies", "usage", "register_usage", "messages_installed"}
STRAIGHT = re.compile(r"(?<=[a-zéèêàçA-Z])'(?=[a-zéèêàâœôh])")
LOOSE = re.compile(r"[^\s(] (?=[:;!?%€»](?:\s|$|[.,)]))|« ")
TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"')
QUOTES = re.compile(r"(?<=[ (])'[^' ]+'(?=[ ,;.)])")
FINGERPRINT = re.compile(r"\b[Ee]mpreintes?\b(?! numérique| enregistrée)")
"""``empreinte`` alone."""


def literals(path):
    """Yield the texts of a module with their lines, but its docstrings; what fills an f-string is an ellipsis."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in ast.walk(node) if part is not node}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (one.value if isinstance(one, ast.Constant) else "…" for one in node.values)
            yield node.lineno, "".join(map(str, parts))


def script_literals(path):
    """Yield the texts of a script, those within the expressions of templates too; … stands for an expression."""
    code = re.sub(r"/\*.*?\*/|(?<![:\w\"'`])//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = []

    def without(text):
        return found.append(text[1:-1]) or "''"

    inner = re.compile(r"\$\{((?:[^{}`\n]|\{[^{}`\n]*\})*)\}|`(?:[^`\\$\n]|\\.)*`")
    while one := inner.search(code):
        if one[1] is None:
            put = without(one[0])
        else:
            put = "…"
            TEXT.sub(lambda text: without(text[0]), one[1])
        code = code[: one.start()] + put + code[one.end() :]
    TEXT.sub(lambda text: without(text[0]), code)
    return found


def texts_of(tables):
    """Yield every text of a TOML document."""
    if isinstance(tables, str):
        yield tables
    elif isinstance(tables, dict | list):
        for one in tables.values() if isinstance(tables, dict) else tables:
            yield from texts_of(one)


def pages(command, path=("qpv",)):
    """Yield the help of every command and option."""
    yield " ".join(path), command.help or ""
    for option in command.params:
        yield f"{' '.join(path)} {option.name}", getattr(option, "help", None) or ""
    for name, one in getattr(command, "commands", {}).items():
        yield from pages(one, (*path, name))


def faults(text):
    """Return what is wrong with a text, as pairs of what and where."""
    without_code = re.sub(r"`[^`]*`|https?://\S+|pip install '[^']*'", "", text)
    rules = {"banned": BANNED, "apostrophe": STRAIGHT, "no-break space": LOOSE, "quotes": QUOTES}
    return [
        (name, without_code[max(0, found.start() - 30) : found.end() + 20])
        for name, rule in rules.items()
        for found in rule.finditer(without_code)
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_messages(path):
    assert [(line, fault) for line, text in literals(path) for fault in faults(text)] == []


@pytest.mark.parametrize("path", [one for one in MODULES if one.stem not in WITH_COMMANDS], ids=lambda path: path.stem)
def test_no_sentence_holds_a_command(path):
    told = [(line, text) for line, text in literals(path) if COMMAND.search(text)]
    assert [one for one in told if "Exemple" not in one[1]] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_lists_are_parted_in_one_way(path):
    source = path.read_text(encoding="utf-8")
    assert path.stem == "typography" or not re.search(
        r"""["'][ \u00a0]?; ["']\.join|["'], ["']\.join\(map\(quoted""", source
    )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_fingerprint_is_said_in_two_words(path):
    assert [(line, text) for line, text in literals(path) if FINGERPRINT.search(text)] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_spaces_of_scripts_do_not_break(path):
    found = [fault for text in script_literals(path) for fault in faults(text) if fault[0] == "no-break space"]
    assert found == []


@pytest.mark.parametrize("path", [one for one in PAGE if one.suffix == ".html"], ids=lambda path: path.name)
def test_spaces_of_pages_do_not_break(path):
    text = re.sub(r"<[^>]*>", "", path.read_text(encoding="utf-8"))
    assert [fault for fault in faults(text) if fault[0] == "no-break space"] == []


@pytest.mark.parametrize("path", SCHEMES, ids=lambda path: path.stem)
def test_scheme_files(path):
    assert [fault for text in texts_of(tomllib.loads(path.read_text(encoding="utf-8"))) for fault in faults(text)] == []


def test_help():
    assert isinstance(qpv, click.Group)
    assert [(where, fault) for where, text in pages(qpv) for fault in faults(text)] == []


@pytest.mark.parametrize("path", [*PAGE, *GUIDES], ids=lambda path: path.name)
def test_no_banned_word_on_the_page_or_in_the_guide(path):
    assert BANNED.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("la limite partage la voie", "banned"),
        ("l'adresse", "apostrophe"),
        ("une réponse : oui", "no-break space"),
        ("« oui »", "no-break space"),
        ("la valeur 'oui' est refusée", "quotes"),
    ],
)
def test_a_fault_is_seen(text, what):
    assert what in {name for name, _ in faults(text)}

"""What is said of indicators of quartiers: population, income, poverty, employment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages import verdicts as tell
from qpv_geo.messages.typography import enumerated, joined, plural, quoted, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from decimal import Decimal

INDICATORS_HELP = """Les indicateurs des quartiers : population, revenus, pauvreté, emploi.

Chaque chiffre garde sa génération de quartiers, son millésime et sa source."""
INDICATORS_COMMANDS = {
    "import": "Enregistrer une base d’indicateurs de l’Insee, ou votre propre fichier.",
    "list": "Les bases présentes : génération, millésime, source.",
    "show": "Les indicateurs d’un quartier.",
}
IMPORT = """Enregistrer une base d’indicateurs de quartiers (CSV ou XLSX), telle que l’Insee la publie.

Les titres au-dessus des en-têtes, les feuilles de documentation et les lignes d’ensemble sont reconnus. Les valeurs
secrètes (s, ns, nd) sont gardées telles quelles.

\b
Exemple :
  qpv indicators import population-qpv.xlsx --generation qpv-2024 --vintage 2020"""
IMPORT_GENERATION = "Génération des quartiers de la base : qpv-2015 ou qpv-2024."
IMPORT_MAPPING = (
    "Fichier TOML : nom de l’indicateur = en-tête de la colonne (code, name, population, median_income, poverty_rate, "
    "employment_rate ; vintage = 2021)."
)
IMPORT_VINTAGE = "Année des chiffres, si les en-têtes ne la donnent pas."
IMPORT_ID = "Nom de la base ; sans lui, d’après la génération et le nom du fichier."
IMPORT_REPLACE = "Remplacer la base du même nom."
LIST = """Lister les bases présentes : celles qui sont livrées et les vôtres.

\b
Exemple :
  qpv indicators list"""
SHOW = """Montrer les indicateurs d’un quartier, avec leur millésime et leur source.

\b
Exemple :
  qpv indicators show QP059077"""

NAMES = {
    "population": "habitants",
    "median_income": "revenu disponible médian par unité de consommation (€)",
    "poverty_rate": "taux de pauvreté à 60 % (%)",
    "employment_rate": "taux d’emploi des 15-64 ans (%)",
}
MARKS = {
    "s": "secret statistique",
    "ns": "non significatif",
    "nd": "non disponible",
    "so": "sans objet",
    "c": "confidentiel",
    "non sommable": "non sommable",
}
_CODES = ("CODGEO", "codeQPV", "code_qp")
NO_VINTAGE = "millésime non précisé"

# ── Errors ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def already_shipped(name: str) -> str:
    return f"une base livrée s’appelle déjà {quoted(name)} ; donnez un autre nom avec --id"


def already_imported(name: str) -> str:
    return f"la base {quoted(name)} est déjà enregistrée ; ajoutez --replace pour la remplacer"


def bad_id(name: str) -> str:
    return (
        f"nom de base invalide : {quoted(name)} ; donnez des minuscules, chiffres et tirets, par exemple revenus-2021"
    )


def unreadable_set(path: str) -> str:
    return (
        f"base d’indicateurs illisible ou modifiée depuis son enregistrement : {quoted(path)} ; importez-la de nouveau"
    )


def no_code_column(name: str, wanted: str | None, found: Sequence[str]) -> str:
    expected = quoted(wanted) if wanted else enumerated([quoted(one) for one in _CODES], "ou")
    return (
        f"{quoted(name)} n’a pas de colonne de codes de quartiers ({expected}) ; indiquez-la avec --mapping, parmi : "
        f"{values(filter(None, found))}"
    )


def no_such_heading(name: str, missing: Sequence[str], found: Sequence[str]) -> str:
    return f"{quoted(name)} : en-tête absent : {values(missing)} ; en-têtes présents : {values(found, 'aucun')}"


def no_indicator(name: str) -> str:
    return f"{quoted(name)} ne contient aucune colonne de chiffres ; vérifiez le fichier"


def indicator_twice(name: str, first: str, second: str) -> str:
    return (
        f"{quoted(name)} : {quoted(first)} et {quoted(second)} donnent le même indicateur ; choisissez avec --mapping"
    )


def no_quartier(name: str, generation: str) -> str:
    return f"{quoted(name)} ne contient aucun chiffre d’un quartier de {generation} ; vérifiez le fichier"


def other_generation(name: str, line: int, code: str, of: str, wanted: str) -> str:
    return (
        f"{quoted(name)}, ligne {line} : le code {quoted(code)} est de {of}, et non de {wanted} ; vérifiez --generation"
    )


def code_twice(name: str, line: int, code: str, first: int) -> str:
    return f"{quoted(name)}, ligne {line} : le code {quoted(code)} est déjà à la ligne {first} ; retirez l’une des deux"


def bad_value(name: str, line: int, heading: str, value: str) -> str:
    return (
        f"{quoted(name)}, ligne {line}, colonne {quoted(heading)} : {quoted(value)} n’est ni un nombre ni s, "
        "ns, nd ou so"
    )


# ── Sets and values ────────────────────────────────────────────────────────────────────────────────────────────────


def kept(name: str, quartiers: int, generation: str, indicators: Sequence[str], vintages: Sequence[str]) -> str:
    told = ", ".join(NAMES.get(one, one) for one in indicators[:_MOST])
    more = f" et {len(indicators) - _MOST} autres colonnes" if len(indicators) > _MOST else ""
    return (
        f"{quoted(name)} enregistré : {tell.number(quartiers)} quartier{plural(quartiers)} ({generation}), "
        f"{', '.join(vintages) or NO_VINTAGE} : {told}{more}"
    )


_MOST = 4


def not_given(count: int) -> str:
    s = plural(count)
    return f"{tell.number(count)} valeur{s} non publiée{s} (s, ns, nd, so), gardée{s} telle{s} quelle{s}"


def aggregates(count: int) -> str:
    return f"{tell.number(count)} ligne{plural(count)} sans code de quartier, laissée{plural(count)} de côté"


def dropped(headings: Sequence[str]) -> str:
    return f"colonnes sans chiffres, laissées de côté : {values(headings)}"


def add_vintage() -> str:
    return "millésime non précisé : ajoutez --vintage ANNÉE (avec --replace) pour l’enregistrer"


def set_line(quartiers: int, generation: str, vintages: Sequence[str], indicators: int) -> str:
    return (
        f"{generation}, {', '.join(vintages) or NO_VINTAGE}, {tell.number(quartiers)} quartier{plural(quartiers)}, "
        f"{tell.number(indicators)} indicateur{plural(indicators)}"
    )


def origin(source: str, url: str | None, read_on: date, *, shipped: bool) -> str:
    done = "lu" if shipped else "importé"
    return f"{source}{f', {url}' if url else ''} ({done} le {tell.day(read_on)})"


def value(number: Decimal | None, text: str, *, rounded: bool) -> str:
    """Say a value: 5 000, environ 5 000, or what its mark means."""
    if number is None:
        return f"{MARKS.get(text, text)} ({text})" if text in MARKS and MARKS[text] != text else text
    digits = len(text.partition(".")[2])
    return f"{'environ ' if rounded else ''}{tell.number(float(number), digits)}"


def value_line(indicator: str, told: str, vintage: str | None, part: str | None) -> str:
    where = f"{part}, une partie de ce quartier, " if part else ""
    return f"{NAMES.get(indicator, indicator)} : {told} ({where}{vintage or NO_VINTAGE})"


def none_of(code: str, generation: str) -> str:
    return f"Aucun indicateur pour {code} ({generation})."


def not_a_code(value: str) -> str:
    return f"{quoted(value)} n’est pas un code de quartier ; donnez par exemple QN05975M ou QP059077"


def of_another_generation(codes: Sequence[str]) -> str:
    return (
        f"Dans l’autre génération, ce quartier est {', '.join(codes)}. Son périmètre est différent : ses chiffres ne "
        "remplacent pas ceux-ci."
    )


# ── Euros per inhabitant ───────────────────────────────────────────────────────────────────────────────────────────

PER_INHABITANT = "Par habitant"
LEGEND_PER = "Euros par habitant"
PER_HELP = (
    "Diviser aussi par le nombre d’habitants (--by qpv, quartier-suivi ou quartier), chaque génération par ses propres "
    "habitants."
)
PER_MAP_HELP = "Colorer les quartiers par euros par habitant, chaque génération avec ses propres habitants."
PER_COLUMN = "euros par habitant"
"""Column of euros per inhabitant in a file."""
ROUNDED = "habitants arrondis par la source"
NO_SINGLE_PERIMETER = "plusieurs périmètres, nombre d’habitants inconnu"
NOBODY = "aucun habitant"


def inhabitants_column(generation: str) -> str:
    return f"habitants {generation}"


def divided_columns(generations: Iterable[str]) -> dict[str, str]:
    """Return the columns of euros per inhabitant in a file, each with what it means."""
    found: dict[str, str] = {}
    for one in generations:
        found[inhabitants_column(one)] = f"habitants des périmètres {one} ; vide s’ils sont inconnus ou sans projet"
        found[f"millésime {one}"] = "année de ces habitants"
    found[PER_COLUMN] = "chaque génération est divisée par ses propres habitants ; vide si l’un d’eux est inconnu"
    return found | {
        "source des habitants": "qui publie ces habitants",
        "remarque": "pourquoi il n’y a pas de chiffre, ou ce qu’il faut savoir de celui-ci",
    }


def not_per_inhabitant(by: str, known: Sequence[str]) -> str:
    keys = enumerated([quoted(one) for one in known], "ou")
    return f"{quoted(by)} n’a pas d’habitants ; avec --per inhabitant, choisissez le critère {keys}"


def not_of_a_generation(perimeters: str) -> str:
    return f"{quoted(perimeters)} n’est pas une génération de QPV ; sans elle, pas d’euros par habitant : retirez --per"


def no_population(codes: Sequence[str], generation: str, marks: Sequence[str]) -> str:
    if marks:
        told = ", ".join(f"{one} : {MARKS.get(one, one)}" for one in marks)
        return f"nombre d’habitants de {', '.join(codes)} non publié ({generation}, {told})"
    return f"nombre d’habitants de {', '.join(codes)} inconnu ({generation})"


NO_FIGURE = "pas de chiffre"


def without_figure(names: Sequence[str]) -> str:
    return f"Sans euros par habitant (population inconnue) : {', '.join(names)}."


def per_note(sources: Sequence[str]) -> str:
    return f"Euros par habitant : chaque génération est divisée par ses propres habitants. {joined(sources)}."


def per_inhabitant(amount: Decimal) -> str:
    text = f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",").replace("-", "−")
    return f"{text} €/hab."


def both(amount: str, per: Decimal) -> str:
    return f"{amount} ({per_inhabitant(per)})"


def inhabitants(count: Decimal, vintages: Sequence[str], generation: str, *, rounded: bool) -> str:
    when = ", ".join(vintages) or NO_VINTAGE
    return f"{'environ ' if rounded else ''}{tell.number(float(count))} habitants ({generation}, {when})"

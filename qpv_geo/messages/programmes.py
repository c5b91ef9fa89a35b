"""What is said of programmes: the envelopes that towns publish, and what a table details of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from qpv_geo.messages import verdicts as tell
from qpv_geo.messages.maps import euros
from qpv_geo.messages.typography import plural, quoted, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from qpv_geo.untyped import AnyValue

UNITS = {"projet": ("projet", "projets"), "action": ("action", "actions")}
_FEMININE = {"action"}

PROGRAMMES_HELP = """Les programmes : ce qu’une ville annonce (enveloppe, nombre d’actions, plafonds), avec sa source.

check compare un tableau de projets avec son programme, au centime près, et dit l’écart."""
PROGRAMMES_COMMANDS = {
    "list": "Les programmes présents et ce qu’ils annoncent.",
    "show": "Un programme : chiffres, faits, quartiers, sources.",
    "check": "Comparer un tableau de projets avec son programme.",
}
LIST = """Lister les programmes présents : ceux qui sont livrés et les vôtres (QPV_GEO_HOME/programmes).

\b
Exemple :
  qpv programmes list"""
SHOW = """Montrer un programme : ses chiffres, ses faits et ses quartiers, chacun avec sa source et sa date de lecture.

\b
Exemple :
  qpv programmes show contrat-de-ville-loos-2014-2023"""
CHECK = """Comparer un tableau de projets avec son programme, au centime près, et dire l’écart.

SOURCE : un tableau de projets, un tableau livré (fiq-2024, loos-2024) ou l’identifiant d’un programme, que détaille un
tableau livré. Sans --programme, les programmes sont ceux de la colonne du dispositif.

\b
Exemple :
  qpv programmes check fiq-2024"""
CHECK_PROGRAMME = (
    "Programme à comparer ; peut être répété. Les lignes qui n’indiquent ni dispositif ni commune lui sont rattachées."
)

# ── Errors ─────────────────────────────────────────────────────────────────────────────────────────────────────────

NO_FUNDERS = 'funders ne vaut que pour measure = "funder" ; retirez-le'
YEARS_REVERSED = "la dernière année (to_year) précède la première (from_year) ; corrigez l’une des deux"


def unknown(value: str, known: Sequence[str]) -> str:
    return f"programme inconnu : {quoted(value)} ; programmes présents : {values(known, 'aucun')}"


def unreadable(name: str, why: str) -> str:
    return f"programme illisible : {quoted(name)} ({why}) ; vérifiez le fichier et ses droits"


def already_shipped(name: str) -> str:
    return f"un programme livré s’appelle déjà {quoted(name)} ; renommez le fichier"


# ── A programme ────────────────────────────────────────────────────────────────────────────────────────────────────

TOWN, YEARS, QUARTIERS, SOURCE, TABLE, FILE = "Commune", "Période", "Quartiers", "Source", "Tableau livré", "Fichier"
NOTHING_ANNOUNCED = "aucun montant publié"


def town(name: str, insee: str) -> str:
    return f"{name} (code INSEE {insee})"


def years(first: int | None, last: int | None) -> str:
    if first is None or last is None:
        return "non précisée" if first is last else f"depuis {first}" if last is None else f"jusqu’en {last}"
    return str(first) if first == last else f"de {first} à {last}"


def announced(figure: AnyValue) -> str:
    """Say a `Figure` as published: 1 000 000 €, 57 actions."""
    return _count(figure.value, figure.unit) if figure.unit in UNITS else euros(Decimal(figure.value))


def quartier(name: str, codes: Sequence[str], note: str | None) -> str:
    return f"{name} ({', '.join(codes)}){f' : {note}' if note else ''}"


def source(title: str, url: str | None, read_on: date) -> str:
    return f"{title}{f', {url}' if url else ''} (lu le {tell.day(read_on)})"


# ── What a table details ───────────────────────────────────────────────────────────────────────────────────────────

NO_TABLE = "Aucun tableau ne détaille ce programme ici."


def nothing_compared(known: Sequence[str]) -> str:
    return f"Aucun programme connu ne correspond à ce tableau. Programmes connus : {values(known, 'aucun')}."


def compared_with(table: str, count: int) -> str:
    return f"D’après {table} : {_count(count, 'projet')} de ce programme."


def gap(one: AnyValue) -> str:
    """Say what was announced, what is detailed and what is missing, from a `Gap`."""
    figure = one.figure
    if figure.measure == "count":
        return _count_gap(figure.value, one.found, figure.unit)
    if figure.measure == "cap":
        return _cap_gap(one)
    head = f"{figure.label} : {euros(Decimal(figure.value))} annoncés"
    if one.found is None:
        return f"{head}. Le tableau n’indique pas le financeur : on ne peut pas comparer."
    detailed = f"{euros(one.found)} détaillés ici"
    return f"{head}, {detailed}. {_euro_gap(one.gap)}{_unpublished(one.unpublished)}"


def _count_gap(announced: int, found: int, unit: str) -> str:
    e, many = "e" if unit in _FEMININE else "", plural(max(found, announced))
    head = f"{_count(announced, unit)} annoncé{e}{plural(announced)}, {tell.number(found)} détaillé{e}{many} ici."
    if announced == found:
        return f"{head} Le compte y est."
    missing = announced - found
    return f"{head} Il en manque {missing}." if missing > 0 else f"{head} Il y en a {-missing} de plus."


def _cap_gap(one: AnyValue) -> str:
    head = f"{one.figure.label} : {euros(Decimal(one.figure.value))}"
    if one.found is None:
        return f"{head}. Aucun montant à comparer.{_unpublished(one.unpublished)}"
    if one.gap < 0:
        return f"{head}, dépassé de {euros(-one.gap)} par au moins un projet.{_unpublished(one.unpublished)}"
    return f"{head}, respecté : le plus élevé est de {euros(one.found)}.{_unpublished(one.unpublished)}"


def _euro_gap(amount: Decimal) -> str:
    if not amount:
        return "Le compte y est, au centime près."
    return f"Il manque {euros(amount)}." if amount > 0 else f"Il y a {euros(-amount)} de plus."


def _unpublished(count: int) -> str:
    if not count:
        return ""
    return f" {_count(count, 'projet')} sans montant publié, non compté{plural(count)}."


LEFT_OUT = {
    "scheme": "d’un autre dispositif",
    "scheme_not_stated": "sans dispositif indiqué (--programme les rattache)",
    "year": "d’une autre année",
    "commune": "d’une autre commune",
    "commune_not_stated": "sans commune connue (--programme les rattache)",
}


def left_out(reasons: Iterable[tuple[str, int]]) -> str:
    parts = [f"{tell.number(count)} {LEFT_OUT[reason]}" for reason, count in reasons]
    return f"Lignes non comptées : {', '.join(parts)}." if parts else ""


def undated(count: int) -> str:
    return f"{_count(count, 'projet')} sans année, compté{plural(count)} dans ce programme." if count else ""


def _count(count: int, unit: str) -> str:
    return f"{tell.number(count)} {UNITS[unit][count > 1]}"

"""What is said of a table over years: how each year was judged, and what became of quartiers at the redraw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages import reports
from qpv_geo.messages import verdicts as tell
from qpv_geo.messages.typography import enumerated, plural, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

CODE_NOT_IN_FORCE = "code de quartier inconnu, ou pas en vigueur cette année-là"
QPV_NOT_KNOWN = "quartier dont le QPV n’est pas connu cette année-là"


def perimeters_missing(generation: str) -> str:
    return f"périmètres {generation} non installés"


def judged_by_year(years: Sequence[tuple[str, int, int]], undated: int) -> str:
    """Say by which perimeters each year is judged."""
    parts = [f"{_years(first, last)} d’après {generation}" for generation, first, last in years]
    head = "Chaque projet est vérifié avec les périmètres en vigueur cette année-là"
    told = f"{head} : {', '.join(parts)}." if parts else ""
    dated = f"{reports.projects_count(undated)} sans année, vérifié{plural(undated)} avec ceux d’aujourd’hui."
    return " ".join(part for part in (told, dated if undated else "") if part)


def _years(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} à {last}"


def why_to_review(reasons: Sequence[tuple[str, int]]) -> str:
    parts = [f"{tell.number(count)} ({reason})" for reason, count in reasons]
    return f"À vérifier : {', '.join(parts)}."


JUDGED, TO_INSTALL = "Vérification", "À installer"
FOLLOWED = "Quartiers suivis à travers le redécoupage de 2024"


def followed(name: str, before: Sequence[str], after: Sequence[str], *, known: bool) -> str:
    """Say what became of a quartier: same, merged, split, entered or left."""
    if not known:
        return f"{name} : correspondance entre 2015 et 2024 inconnue, ce quartier est compté seul."
    if not before:
        return f"{name} : entré en 2024 ({', '.join(after)})."
    if not after:
        return f"{name} : sorti en 2024 ({', '.join(before)})."
    text = f"{name} : {enumerated(before)} jusqu’en 2023, {enumerated(after)} depuis 2024"
    if len(after) > 1 and len(before) == 1:
        text += ", quartier partagé"
    if len(before) > 1:
        text += ", quartiers réunis"
    return f"{text}."


def redrawn(before: str, after: str, added: str | None, removed: str | None, source: str | None) -> str:
    changes = f", {added} ajoutés, {removed} retirés" if added and removed else ""
    return f"Surface : {before} → {after}{changes}{f' ({source})' if source else ''}."


LESS_THAN_A_TENTH = "moins de 0,1 ha"


NOT_MEASURED = "Les périmètres de 2015 ne sont pas installés : les surfaces changées ne sont pas mesurées."


# ── Small multiples ────────────────────────────────────────────────────────────────────────────────────────────────

REDRAW = "redécoupage"


def subtitle(by: str) -> str:
    return f"Montants par {by if by.isupper() else by.lower()} et par année"


def short_euros(value: float) -> str:
    """1,2 M€, 12 k€ or 300 €."""
    for unit, size in (("M€", 1e6), ("k€", 1e3)):
        if abs(value) >= size:
            text = f"{value / size:.1f}".rstrip("0").rstrip(".")
            return f"{text.replace('.', ',')} {unit}".replace("-", "−")
    return f"{value:.0f} €".replace("-", "−")


def total(amount: str, count: int, unpublished: int) -> str:
    rest = reports.unpublished_count(unpublished)
    return f"Total : {amount}, {reports.projects_count(count)}{f', {rest}' if rest else ''}. Une seule échelle."


def beside(label: str, amount: str) -> str:
    return f"Année {label} : {amount}."


def not_drawn(count: int, amount: str) -> str:
    return f"{count} autre{plural(count)} ligne{plural(count)} : {amount}."


def needs_years(path: str) -> str:
    keys = "--by quartier-suivi --by year, ou un autre critère puis --by year"
    return f"{quoted(path)} montre plusieurs années ; donnez {keys}"

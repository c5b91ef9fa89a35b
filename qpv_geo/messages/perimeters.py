"""What commands and maps say of perimeters: datasets, files, and what changed between generations; in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages import verdicts as tell
from qpv_geo.messages.typography import plural, quoted

if TYPE_CHECKING:
    from datetime import date

# ── Perimeters ───────────────────────────────────────────────────────────────────────────────────────────────

EMBEDDED, INSTALLED = "livré", "installé"
COVERAGE = {"all": "toute la France", "area": "partielle", "none": "inconnue"}
_EXPORTED = {
    "all": "Périmètres complets pour toute la France.",
    "area": "Périmètres complets dans la zone « coverage » seulement. Ailleurs, les données sont incomplètes.",
    "none": "On ne sait pas où ces périmètres sont complets.",
}
CAN_BE_FETCHED = "À télécharger"
ALIASES, AREA, COMMUNES, CODE, DATASET = "Nom d’usage", "Surface", "Communes", "Code", "Jeu"


def export_description(coverage: str, commune: str | None) -> str:
    """Say where the perimeters of an exported file are complete; `coverage` is a `Coverage.kind`."""
    if commune is None:
        return _EXPORTED[coverage]
    return f"Seuls les périmètres de la commune {quoted(commune)} sont dans ce fichier. Ailleurs, il en manque."


def exported(count: int, path: str) -> str:
    return f"{path} : {perimeters(count)}"


def perimeters(count: int) -> str:
    return f"{count} périmètre{plural(count)}"


def dataset_line(dataset: str, state: str, title: str) -> str:
    return f"{dataset}  [{state}]  {title}"


def dataset_facts(count: int, kind: str, coverage: str, precision: str) -> str:
    return f"{perimeters(count)} ({kind}), couverture : {coverage}, coordonnées à {precision} près"


def used_for(generation: str) -> str:
    return f"utilisé pour {generation}"


def dataset_origin(source: str, edition: str | None, licence: str | None, sha256: str) -> str:
    parts = [source, f"édition {edition}" if edition else "", licence or "", f"sha256 {sha256[:12]}…"]
    return ", ".join(part for part in parts if part)


def local_name(name: str, label: str, source: str) -> str:
    return f"{quoted(name)} est un nom d’usage ({source}). Ce qui suit est le quartier {label} entier."


def download_line(download: str, title: str, command: str) -> str:
    return f"{download}  {title} : {command}"


def installed(dataset: str, count: int, coverage: str, precision: str, path: str) -> str:
    facts = f"{perimeters(count)}, couverture : {coverage}, coordonnées à {precision} près"
    return f"{dataset} installé : {facts}, dans {path}"


def recorded(sha256: str, source: str) -> str:
    return f"empreinte numérique enregistrée : sha256 {sha256} ({source})"


def downloading(title: str) -> str:
    return f"Téléchargement : {title}"


def downloaded(share: float) -> str:
    return f"{100 * share:.0f} %"


def correspondence_kept(later: int, earlier: int, entered: int, merged: int, split: int) -> str:
    parts = [
        f"{tell.number(later)} quartiers de 2024",
        f"{tell.number(earlier)} de 2015",
        f"{entered} entré{plural(entered)}" if entered else "",
        f"{merged} qui réuni{'ssent' if merged > 1 else 't'} plusieurs anciens" if merged else "",
        f"{split} ancien{plural(split)} partagé{plural(split)}" if split else "",
    ]
    return f"correspondance enregistrée : {', '.join(part for part in parts if part)}"


def removed(dataset: str) -> str:
    return f"{dataset} retiré"


def dataset_sound(dataset: str, count: int, sha256: str) -> str:
    return f"{dataset} : intact, {perimeters(count)}, sha256 {sha256[:12]}…"


# ── Redraw ───────────────────────────────────────────────────────────────────────────────────────────────────

UNKNOWN = "inconnue"
CHANGE = {
    "entering": "entre",
    "leaving": "sort",
    "modified": "modifié",
    "unchanged": "inchangé",
    "not_comparable": "non comparable",
    "added": "ajouté",
    "removed": "retiré",
}
_COUNTED = {
    "entering": ("entre", "entrent"),
    "leaving": ("sort", "sortent"),
    "modified": ("modifié", "modifiés"),
    "unchanged": ("inchangé", "inchangés"),
    "not_comparable": ("non comparable", "non comparables"),
}
NO_QUARTIER = (
    "Aucun quartier. Vérifiez la commune : son code INSEE (59360 pour Loos), pas son code postal, ou son nom entier."
)


def redraw(before: str, after: str, commune: str | None) -> str:
    return f"De {before} à {after}" + (f", commune {commune}" if commune else "")


def redraw_missing(generation: str) -> str:
    return f"Les périmètres {generation} ne sont pas installés. Voici seulement ce qui a été publié ou mesuré :"


def about(text: str) -> str:
    return f"environ {text}"


def fact_source(source: str, read_on: date) -> str:
    return f"[{source}, lu le {tell.day(read_on)}]"


NO_FACTS = "Rien n’est livré sur le redécoupage de cette commune."


def redraw_counts(counts: dict[str, int]) -> str:
    total = sum(counts.values())
    parts = [f"{count} {_COUNTED[change][count > 1]}" for change, count in counts.items() if count]
    return f"{total} quartier{plural(total)} : {', '.join(parts)}."


def redraw_totals(before: str, after: str, added: str, removed: str, unknown: str | None) -> str:
    told = f"{before} → {after}. Ajouté : {added}, retiré : {removed}."
    if unknown is None:
        return f"Surface : {told}"
    return f"Surface des quartiers comparés : {told} {redraw_not_compared(unknown)}"


def redraw_not_compared(unknown: str) -> str:
    return f"Non comparable (données incomplètes ici) : {unknown}."


def redraw_rule(width: str, area: str) -> str:
    return (
        f"Les écarts de moins de {width} de large (arrondis) ne comptent pas. "
        f"Les parties d’au moins {area} m² sont citées."
    )


def redraw_unattached(count: int) -> str:
    return (
        f"{count} quartier{plural(count)} du département sans code INSEE ni nom de commune. "
        "On ne sait pas à quelle commune les rattacher."
    )


def redraw_areas(before: str, after: str) -> str:
    return f"Surface : {before} → {after}"


def redraw_piece(change: str, area: str, lon: float, lat: float, code: str) -> str:
    return f"{change} : {area} m² autour de longitude {lon:.5f}, latitude {lat:.5f} ({code})"


def redraw_smaller(count: int, area: str) -> str:
    return f"et {count} partie{plural(count)} plus petite{plural(count)} ({area} m² en tout)"


def redraw_incomplete(area: str | None) -> str:
    if area is None:
        return "Non comparable : les données sont incomplètes ici."
    return f"Non comparable sur {area} m² : les données y sont incomplètes."

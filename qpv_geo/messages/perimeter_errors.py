"""What an error about perimeters says; see `qpv_geo.messages.errors`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import number, numeric_day, quoted, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

# ── Perimeters ─────────────────────────────────────────────────────────────────────────────────────────────────────


def no_perimeter(name: str) -> str:
    return f"{quoted(name)} ne contient aucun périmètre ; vérifiez le fichier"


def no_code_column(name: str, wanted: Sequence[str], found: Sequence[str]) -> str:
    return f"{quoted(name)} n’a pas de colonne de code ({values(wanted)}) ; colonnes présentes : {values(found)}"


def missing_code(name: str, row: int) -> str:
    return f"{quoted(name)}, périmètre n° {row} : code absent ; complétez la colonne code_qp"


def duplicate_code(name: str, code: str) -> str:
    return f"{quoted(name)} contient deux fois le code {quoted(code)} ; un code désigne un seul périmètre"


def code_of_another_generation(name: str, code: str, generation: str) -> str:
    return f"{quoted(name)} : le code {code} n’est pas un code de la génération {generation} ; vérifiez --generation"


def generation_unknown(name: str, code: str | None) -> str:
    shown = "pas de code" if code is None else f"code {code}"
    return (
        f"{quoted(name)} : génération non reconnue ({shown}) ; donnez-la avec --generation, et --kind pour "
        "une zone locale"
    )


def empty_perimeter(name: str, code: str) -> str:
    return f"{quoted(name)}, {code} : géométrie absente ou vide ; retirez ce périmètre ou réparez le fichier"


def no_commune_names(name: str) -> str:
    return f"{quoted(name)} ne donne pas les noms de communes ; indiquez un code INSEE"


def no_commune_codes(name: str) -> str:
    return f"{quoted(name)} ne donne pas les codes INSEE ; indiquez le nom de la commune"


def unknown_export(name: str, known: Iterable[str]) -> str:
    return f"{quoted(name)} : format inconnu ; formats possibles : {values(known)}"


def none_in_commune(dataset: str, commune: str) -> str:
    return f"aucun périmètre de {quoted(dataset)} dans la commune {quoted(commune)} ; vérifiez le code INSEE ou le nom"


def not_a_polygon(name: str, code: str, kind: str) -> str:
    return f"{quoted(name)}, {code} : géométrie de type {kind} ; un périmètre est un polygone"


def mixed_collection(name: str, code: str, kinds: Iterable[str]) -> str:
    return (
        f"{quoted(name)}, {code} : collection qui contient aussi {', '.join(kinds)} ; "
        "un périmètre est un polygone, ne gardez que ses polygones"
    )


def non_finite_perimeter(name: str, code: str) -> str:
    return f"{quoted(name)}, {code} : coordonnées non finies ; réparez le fichier"


def perimeter_without_area(name: str, code: str) -> str:
    return f"{quoted(name)}, {code} : contour sans surface ; réparez le fichier"


def perimeter_swapped(name: str, code: str, place: tuple[float, float]) -> str:
    return (
        f"{quoted(name)}, {code} : longitude et latitude semblent inversées (longitude {place[0]:.5f}, "
        f"latitude {place[1]:.5f})"
    )


def perimeter_abroad(name: str, code: str, place: tuple[float, float]) -> str:
    return (
        f"{quoted(name)}, {code} : hors des territoires français (longitude {place[0]:.5f}, latitude {place[1]:.5f}) ; "
        "vérifiez le système de coordonnées du fichier"
    )


def unknown_generation(value: object, known: Iterable[str]) -> str:
    return f"génération inconnue : {quoted(value)} ; générations connues : {values(known)}"


def not_a_source(value: object) -> str:
    return f"périmètres invalides : {quoted(value)} ; donnez un identifiant, par exemple qpv-2024, ou un fichier"


def unknown_perimeters(value: str, known: Iterable[str]) -> str:
    told = f"périmètres inconnus : {quoted(value)} n’est ni un fichier ni un jeu connu"
    return f"{told} ; jeux connus : {values(known, 'aucun')}"


def unknown_download(value: str, known: Iterable[str]) -> str:
    return f"téléchargement inconnu : {quoted(value)} ; valeurs possibles : {values(known)}"


def not_installed(name: str) -> str:
    return f"{quoted(name)} n’est pas un jeu installé ; vérifiez son identifiant dans la liste des périmètres"


def unknown_perimeter(value: str) -> str:
    return f"quartier inconnu dans les périmètres installés : {quoted(value)} ; vérifiez le code ou le nom"


def missing_generation(generation: str) -> str:
    return f"les périmètres {generation} ne sont pas installés ; demandez-les à l’administrateur"


def local_needs_kind(name: str) -> str:
    return (
        f"{quoted(name)} n’est pas une génération ; pour des zones locales, donnez leur type avec --kind, "
        "par exemple --kind municipal_zone"
    )


def generation_is_qpv(generation: str, kind: str) -> str:
    return f"la génération {generation} est faite de QPV ; retirez --kind {kind}, ou donnez un autre identifiant"


def generation_has_dates(generation: str) -> str:
    return f"les dates de la génération {generation} sont fixées par décret ; retirez --from et --to"


def dates_reversed(start: date, end: date) -> str:
    return f"dates inversées : du {numeric_day(start)} au {numeric_day(end)} ; corrigez l’une des deux"


def bad_precision(value: float) -> str:
    return f"précision invalide : {quoted(value)} ; donnez un nombre de mètres, de 0 à 1 000"


def bad_coverage(text: str) -> str:
    return (
        f"couverture invalide : {quoted(text)} ; donnez all, LON,LAT,LON,LAT (ouest,sud,est,nord) ou un "
        "fichier de polygones"
    )


def coverage_not_polygons(name: str) -> str:
    return f"la couverture {quoted(name)} ne contient pas que des polygones ; ne gardez qu’eux"


def coverage_self_crossing(name: str) -> str:
    return f"la couverture {quoted(name)} se croise elle-même ; corrigez son contour"


def already_installed(name: str, title: str, count: int) -> str:
    return (
        f"{quoted(name)} est déjà installé ({title}, {number(count)} périmètres) ; ajoutez --replace pour le remplacer"
    )


def bad_record(path: str) -> str:
    return f"fiche d’installation illisible : {quoted(path)} ; réinstallez ces périmètres"


def altered_record(path: str) -> str:
    return f"fiche d’installation modifiée depuis l’installation : {quoted(path)} ; réinstallez ces périmètres"


def file_gone(name: str, path: str) -> str:
    return f"fichier des périmètres {quoted(name)} introuvable : {quoted(path)} ; réinstallez-les"


def altered(name: str, path: str, found: str, expected: str) -> str:
    return (
        f"fichier des périmètres {quoted(name)} modifié sur le disque : {quoted(path)} "
        f"(sha256 {found[:12]}…, attendu {expected[:12]}…) ; réinstallez-les"
    )


# ── Redraw ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def not_a_correspondence(name: str, missing: Sequence[str], found: Sequence[str]) -> str:
    return (
        f"{quoted(name)} n’est pas une table de correspondance, il manque {values(missing)} ; colonnes présentes : "
        f"{values(found)}"
    )


def correspondence_unreadable(name: str) -> str:
    return f"{quoted(name)} n’est pas un CSV lisible ; enregistrez-le en CSV UTF-8"


def correspondence_empty(name: str) -> str:
    return f"{quoted(name)} ne contient aucune correspondance ; vérifiez le fichier"


def correspondence_code(name: str, row: int, code: str, generation: str) -> str:
    return (
        f"{quoted(name)}, ligne {row} : {quoted(code)} n’est pas un code de la génération {generation} ; "
        "corrigez la table"
    )


def bad_min_area(value: object) -> str:
    return f"surface minimale invalide : {quoted(value)} ; donnez un nombre de m², positif ou nul"


def bad_sliver_width(value: object) -> str:
    return f"largeur minimale invalide : {quoted(value)} ; donnez un nombre de mètres, positif ou nul"


def empty_commune(value: str) -> str:
    return f"commune invalide : {quoted(value)} ; donnez un code INSEE (59360) ou un nom (Loos)"

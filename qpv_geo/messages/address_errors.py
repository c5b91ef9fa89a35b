"""What an error about addresses or their services says; see `qpv_geo.messages.errors`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import plural, quoted, values

if TYPE_CHECKING:
    from collections.abc import Sequence

# ── Addresses ──────────────────────────────────────────────────────────────────────────────────────────────────────


def not_a_text(value: object) -> str:
    return f"adresse illisible : {quoted(value)} ; donnez un texte"


def bad_address(text: str, shortest: int, longest: int) -> str:
    return f"adresse inutilisable : {quoted(text)} ; donnez de {shortest} à {longest} caractères"


def bad_postcode(value: str) -> str:
    return f"code postal invalide : {quoted(value)} ; donnez cinq chiffres"


def bad_citycode(value: str) -> str:
    return f"code INSEE invalide : {quoted(value)} ; donnez cinq caractères, par exemple 59360 ou 2A004"


def not_addresses(name: str, columns: Sequence[str]) -> str:
    return f"{quoted(name)} n’est pas un fichier d’adresses BAN ou BAL ; colonnes lues : {values(columns)}"


def bad_address_row(name: str, line: int, text: str) -> str:
    return f"{quoted(name)}, ligne {line} : nombre illisible dans {quoted(text)} ; corrigez le fichier"


def not_utf8(name: str) -> str:
    return f"{quoted(name)} n’est pas en UTF-8 ; enregistrez-le dans cet encodage"


def bad_address_index(path: str) -> str:
    return f"index d’adresses illisible ou d’un ancien format : {quoted(path)} ; réimportez les adresses"


def no_address(name: str) -> str:
    return f"{quoted(name)} ne contient aucune adresse ; vérifiez le fichier"


# ── Geocoding service (see also `geocoder_errors`) ───────────────────────────────────────────────────────────────────


def geocoder_nonsense(url: str, why: str) -> str:
    return f"réponse inattendue du géocodeur {url} : {why} ; aucune adresse n’est retenue, relancez plus tard"


def answer_is_a_page() -> str:
    return "une page web au lieu de données"


def answer_not_json() -> str:
    return "JSON illisible ou incomplet"


def answer_not_csv() -> str:
    return "CSV illisible ou incomplet (UTF-8)"


def answer_lacks(name: str) -> str:
    return f"il manque {quoted(name)}"


def answer_lacks_column(name: str) -> str:
    return f"il manque la colonne {quoted(name)}"


def answer_lacks_addresses() -> str:
    return "aucune adresse parmi les résultats"


def answer_wrong(what: str, value: object) -> str:
    return f"{what} vaut {quoted(value)}"


def answer_not_a_text(what: str, value: object) -> str:
    return f"{what} vaut {quoted(value)} (attendu : un texte)"


def answer_not_a_number(what: str, value: object, low: float, high: float) -> str:
    bounds = f"de {low:g} à {high:g}".replace(".", ",")
    return f"{what} vaut {quoted(value)} (attendu : un nombre {bounds})"


def answer_rows(sent: int, received: int) -> str:
    return f"{received} ligne{plural(received)} pour {sent} envoyée{plural(sent)}"


def answer_at(where: str, number: int, why: str) -> str:
    return f"{where} {number}, {why}"


def bad_chunk(value: object, most: int) -> str:
    return f"taille de lot invalide : {quoted(value)} ; donnez de 1 à {most} adresses"


def bad_kept_address() -> str:
    return "l’adresse conservée est illisible"


def bad_cache(path: str) -> str:
    return f"cache des adresses illisible : {quoted(path)} ; supprimez ce fichier, ou ajoutez --no-cache"


def bad_department(value: str) -> str:
    return f"département inconnu : {quoted(value)} ; donnez un code comme 86, 2A ou 974"


def worker_ended(code: int | None) -> str:
    how = "" if code is None else f" (code {code})"
    return f"une recherche d’adresses s’est arrêtée sans finir{how} : mémoire pleine, ou arrêt forcé ; relancez"


def nothing_offline(address: str) -> str:
    return (
        f"{quoted(address)} n’a pas pu être cherchée, car aucune adresse n’est installée ; demandez à l’administrateur "
        "celles du département, ou interrogez le service national (sans --offline)"
    )


# ── Answers that contradict the question ──────────────────────────────────────────────────────────────


def geocoder_contradicts(source: str, why: str) -> str:
    return (
        f"réponse incohérente du géocodeur {quoted(source)} : {why} ; aucune adresse n’est retenue, relancez plus tard "
        "ou prévenez ce service"
    )


def other_commune(answered: str | None, asked: str) -> str:
    return f"commune {quoted(answered) if answered else 'non précisée'} au lieu de {quoted(asked)}"


def other_postcode(answered: str | None, asked: str) -> str:
    return f"code postal {quoted(answered) if answered else 'non précisé'} au lieu de {quoted(asked)}"


def unknown_commune(citycode: str) -> str:
    return f"code INSEE {quoted(citycode)} inconnu"


def postcode_elsewhere(postcode: str, name: str, citycode: str) -> str:
    return f"code postal {quoted(postcode)} d’un autre département que la commune {quoted(name)} ({citycode})"


def point_abroad(lon: float, lat: float) -> str:
    return f"point hors de France (longitude {lon}, latitude {lat})"


def point_elsewhere(lon: float, lat: float, name: str, citycode: str) -> str:
    return (
        f"point dans un autre territoire que la commune {quoted(name)} ({citycode}) : longitude {lon}, latitude {lat}"
    )


def point_far(distance_m: float) -> str:
    return f"point à {distance_m / 1_000:.0f} km des adresses connues de la commune"


def point_not_asked(distance_m: float) -> str:
    return f"point à {distance_m / 1_000:.0f} km de celui qui était demandé"


# ── Cadastral plots, and rows without a position ───────────────────────────────────────────────────────────────────


def other_plot(answered: object, asked: str) -> str:
    return f"parcelle {quoted(answered)} au lieu de {quoted(asked)}"


def plot_elsewhere(plot: str, lon: float, lat: float) -> str:
    return f"parcelle {quoted(plot)} hors du territoire de sa commune (longitude {lon:g}, latitude {lat:g})"


def rows_without_position(count: int, shown: str) -> str:
    """`shown` is the count as people read it."""
    left = "laissées" if count > 1 else "laissée"
    return f"{shown} ligne{plural(count)} sans position utilisable, {left} de côté"


def no_position(name: str) -> str:
    return (
        f"aucune ligne de {quoted(name)} n’a de position utilisable ; vérifiez les colonnes lon, lat (ou "
        "long, lat), x et y"
    )

"""What the fiche of a verdict says, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages import verdicts as tell
from qpv_geo.messages.typography import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

TITLE = "Fiche de vérification"
SUBTITLE = "Géographie prioritaire de la politique de la ville"
DATE, REASON, IN_COMMUNE = "Date", "Motif", "Quartiers (QPV)"
DISTANCE, SHARE, ACCURACY, MATCHES = (
    "Distance à la limite",
    "Part en QPV",
    "Marge d’erreur",
    "Quartiers touchés",
)
REMEDY, TO_VERIFY, AGAIN = "À installer", "À vérifier", "Vérifier à nouveau"
NONE, NOT_KNOWN = "aucun", "non établi"
PROOF = "Justificatifs"
DECREES, DATA, DATA_HASH, THRESHOLDS, SOFTWARE, DIGEST, VERIFY = (
    *("Textes", "Données", "sha256 des données", "Seuils", "Établie par", "Empreinte numérique", "Vérifier"),
)
NO_DATA = "aucune, car le lieu n’est pas localisé"
HOW_TO_VERIFY = (
    "La réponse conservée au format JSON peut être recalculée : son empreinte numérique doit rester celle-ci."
)
CANDIDATES = "Adresses qui ressemblent à celle demandée"
OTHER_SCHEMES = "Autres dispositifs demandés"
OUTCOME = {
    "place_ok": "LIEU CONFORME, LE RESTE À VÉRIFIER",
    "eligible": "ÉLIGIBLE",
    "not_eligible": "NON ÉLIGIBLE",
    "to_review": "À VÉRIFIER",
}
SAME_SOURCE = "idem"
DECIDED_BY_A_PERSON = "Décision d’une personne (la réponse calculée est au-dessus)"
NO_MAP = {
    "not_located": "Pas de carte : le lieu n’est pas localisé.",
    "several": "Pas de carte : plusieurs adresses sont possibles.",
    "far_apart": "Pas de carte : les adresses possibles sont trop éloignées les unes des autres.",
    "municipality": "Pas de carte : seule la commune est connue.",
    "named_area": "Pas de carte : ce nom d’usage n’a pas de limites publiées.",
    "perimeter": "Pas de carte : ce quartier n’existe pas à cette date.",
    "no_position": "Pas de carte : la position n’est pas connue.",
    "no_perimeters": "Pas de carte : les périmètres utilisés ne sont plus installés.",
}
MAP_ALT = "Carte : le lieu demandé et les quartiers autour"
MAP_NOTE = "Nord en haut. Hachuré : données incomplètes ici."
NORTH = "N"


def map_note(*, streets: bool) -> str:
    note = "Nord en haut. Hachuré : données incomplètes ici."
    return f"{note} Points gris : numéros des rues, d’après les adresses installées." if streets else note


def to_verify(what: str, by_whom: str | None) -> str:
    return f"{what} Vérification par {by_whom}." if by_whom else what


def asked_point(lon: float, lat: float) -> str:
    return f"longitude {round(lon, 6)}, latitude {round(lat, 6)}"


def asked_site(lon: float, lat: float) -> str:
    return f"site autour de longitude {round(lon, 6)}, latitude {round(lat, 6)}"


def retained(label: str, score: str | None, source: str, lon: float, lat: float) -> str:
    ranked = f"score {score}, {source}" if score else source
    return f"{label} ({ranked}), longitude {lon:.6f}, latitude {lat:.6f}"


def distance(how_far: str, signed_m: float, name: str) -> str:
    if signed_m == 0:
        return f"la limite de {name} traverse le lieu"
    return f"{how_far} à l’{'intérieur' if signed_m < 0 else 'extérieur'} de {name}"


def accuracy(of_place: str | None, of_perimeters: str | None) -> str:
    place = f"lieu ± {of_place}" if of_place else "lieu donné comme exact"
    return f"{place}, limites ± {of_perimeters}" if of_perimeters else place


def thresholds(inside: str, outside: str, imprecise: str) -> str:
    return f"en QPV à partir de {inside}, hors QPV jusqu’à {outside}, position imprécise au-delà de {imprecise}"


def established(software: str, moment: str) -> str:
    return f"{software}, le {moment}"


def moment(day: str, hour: int, minute: int) -> str:
    return f"{day} à {hour} h {minute:02d} (heure de Paris)"


def case_of(case: str | None, service: str | None) -> str:
    """Dossier A-12, Service habitat; empty without either."""
    return ", ".join(part for part in (f"Dossier {case}" if case else "", service or "") if part)


def scheme_answer(label: str, outcome: str) -> str:
    one_word = outcome.replace(" ", "\u00a0")
    return f"{label} : {one_word}"


def steps(texts: Sequence[str]) -> str:
    numbered = " ".join(f"{k}. {text}" for k, text in enumerate(texts, start=1))
    return f"Étapes du dossier : {numbered}"


def reasons_count(count: int) -> str:
    return f"{count} raison{plural(count)}"


def places_count(count: int) -> str:
    return f"{count} lieu{'x' if count > 1 else ''}"


def elsewhere(what: str) -> str:
    return f"{what} (voir la réponse complète)"


def numbers_of(side: str, where: str, count: int) -> str:
    return f"{side}, {where} ({count})"


def to_nearest(name: str, distance: str) -> str:
    return f"{name}, à {distance}"


def subject(word: str) -> str:
    return f"{word}. {tell.NOTICE}"

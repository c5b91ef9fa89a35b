"""What the command line says, in French: help, headings, and the words of its answers."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from qpv_geo.messages.typography import joined, one_line, plural, quoted, values

if TYPE_CHECKING:
    from collections.abc import Iterable

USAGE = "Usage : "
_HEADINGS = {"Commands": "Commandes", "Positional arguments": "Arguments"}
HELP_OPTION = "Afficher cette aide."
SUBCOMMAND = "COMMANDE ..."
REQUIRED = "obligatoire"
VERSION_OPTION = "Afficher la version."


def heading(english: str) -> str:
    return f"{_HEADINGS.get(english, english)} :"


def error_line(message: str) -> str:
    return f"qpv : {one_line(message)}"


# ── Wrong use ────────────────────────────────────────────────────────────────────────────────────────────────


def see_help(wrong: str, command: str) -> str:
    return f"{wrong}{' V' if wrong.endswith('?') else ' ; v'}oyez : {command} --help"


def _meant(near: Iterable[str]) -> str:
    likest = " ou ".join(map(quoted, near))
    return likest and f" ; vouliez-vous dire {likest} ?"


def no_such_option(name: str, near: Iterable[str]) -> str:
    return f"option inconnue : {quoted(name)}{_meant(near)}"


def no_such_command(name: str, near: Iterable[str]) -> str:
    return f"commande inconnue : {quoted(name)}{_meant(near)}"


def missing_parameter(name: str) -> str:
    return f"il manque {name}"


def bad_parameter(name: str, message: str) -> str:
    return f"{name} : {message}"


def option_needs_value(name: str) -> str:
    return f"option sans valeur ou avec une valeur de trop : {name}"


def unexpected_arguments(arguments: str) -> str:
    return f"argument en trop : {quoted(arguments)} ; un texte de plusieurs mots s’écrit entre guillemets"


def wrong_use() -> str:
    return "commande incomplète ou mal écrite"


def not_a_choice(value: str, choices: list[str]) -> str:
    return f"valeur inconnue : {quoted(value)} ; valeurs possibles : {values(choices)}"


def not_within(value: object, least: int, most: int) -> str:
    return f"valeur invalide : {quoted(value)} ; donnez un nombre entier de {least} à {most}"


def not_a_number(value: object) -> str:
    return f"valeur invalide : {quoted(value)} ; donnez un nombre"


def needs_site() -> str:
    return "--layer et --encoding décrivent le fichier d’un site ; donnez-le avec --site"


def lines_alone() -> str:
    return (
        "les adresses lues sur l’entrée standard (-) ne vont pas avec un point, un site, --scheme, --pdf ou --save ; "
        "retirez ces options"
    )


def interrupted() -> str:
    return "interrompu : rien n’a été modifié ; relancez la même commande"


OUTPUT = "la sortie"
WHY = {
    errno.ENOSPC: "disque plein",
    errno.EDQUOT: "quota de disque atteint",
    errno.EFBIG: "fichier trop grand",
    errno.EACCES: "accès refusé",
    errno.EPERM: "accès refusé",
    errno.EROFS: "disque en lecture seule",
    errno.ENOENT: "introuvable",
    errno.EISDIR: "c’est un dossier",
    errno.ENOTDIR: "pas un dossier",
    errno.EIO: "erreur du disque",
}


def cannot_write(path: str, why: str) -> str:
    return f"lecture ou écriture impossible : {quoted(path)} ({why}) ; vérifiez les droits et la place disponible"


# ── A verdict ────────────────────────────────────────────────────────────────────────────────────────────────

STATUS = {
    "inside": "EN QPV",
    "outside": "HORS QPV",
    "uncertain": "À VÉRIFIER",
    "not_located": "NON LOCALISÉE",
}
STATUS_OTHER_KINDS = {"inside": "DANS LA ZONE", "outside": "HORS DE LA ZONE"}
REASON = {
    "clear": "réponse ferme",
    "near_boundary": "la limite passe trop près",
    "imprecise_location": "position trop imprécise",
    "weak_match": "adresse reconnue sans certitude",
    "site_straddles": "site à cheval sur la limite",
    "street_straddles": "rue à cheval sur la limite",
    "not_covered": "secteur non couvert par les périmètres installés",
    "no_match": "adresse introuvable",
    "missing_addresses": "adresses de la commune non installées",
    "commune_without_perimeter": "commune sans quartier",
    "named_area": "nom d’usage, sans limites publiées",
}
KIND = {"qpv": "QPV", "municipal_zone": "zone municipale", "watch_area": "quartier de veille active"}

SIDES = {"odd": "Côté impair", "even": "Côté pair"}
CANDIDATES = "Adresses proches"
STATUS_SHORT = {"inside": "en QPV", "outside": "hors QPV", "uncertain": "à vérifier", "not_located": "non localisée"}
STATUS_SHORT_OTHER_KINDS = {"inside": "dans la zone", "outside": "hors de la zone"}


def side(parts: Iterable[tuple[str, str]]) -> str:
    return joined(f"{word} : {numbers}" for word, numbers in parts if numbers)


def candidate(label: str, score: str, status: str, differing: str) -> str:
    return f"{label}{f' (score {score})' if score else ''} : {status}{f' ({differing})' if differing else ''}"


def found(label: str, score: str | None, accuracy: str | None, source: str) -> str:
    if not score and not accuracy:
        return f"{label}, {source}"
    facts = (f"score {score}" if score else "", f"± {accuracy}" if accuracy else "", source)
    return f"{label} ({', '.join(filter(None, facts))})"


def remedy(command: str) -> str:
    return f"À transmettre à l’administrateur : {command}"


PLACE, DATE, REASON_LABEL, SHARE, EDGE = "Lieu", "Date", "Motif", "Part en QPV", "Limite"
SHARE_OTHER_KINDS = "Part dans la zone"
PERIMETERS_LABEL, DECREES, DATA, FINGERPRINT = "Quartiers", "Textes", "Données", "Empreinte numérique"
FUTURE = "Cette date est à venir. La réponse suit les périmètres en vigueur aujourd’hui."


def point(lon: float, lat: float, accuracy: str | None) -> str:
    return f"longitude {lon}, latitude {lat}" + (f" (± {accuracy})" if accuracy else "")


def site(lon: float, lat: float) -> str:
    return f"site autour de longitude {lon}, latitude {lat}"


def fiche_written(path: str) -> str:
    return f"fiche écrite : {path}"


def dated(day: str, generation: str | None, *, forced: bool, is_to_come: bool = False) -> str:
    if generation is None:
        return day
    if is_to_come and not forced:
        return f"{day} (date à venir), génération {generation} en vigueur aujourd’hui"
    return f"{day}, génération {generation} {'imposée' if forced else 'en vigueur'}"


def edge(distance: str, signed_m: float, name: str) -> str:
    if signed_m == 0:
        return f"{name}, traverse le lieu"
    return f"{name}, à {distance}, côté {'intérieur' if signed_m < 0 else 'extérieur'}"


def matched(name: str, kind: str, share: str | None) -> str:
    return f"{name}, {kind}{f', {share}' if share else ''}"


def data(title: str | None, edition: str | None, sha256: str | None) -> str:
    if title is None or sha256 is None:
        return ""
    return f"{title}{f' (édition {edition})' if edition else ''}, sha256 {sha256[:12]}…"


STATED = "À noter"


def stated(text: str, source: str) -> str:
    """Return what a town says of a place: « entré dans le QPV en 2024 d’après la ville de Loos » (source : …)."""
    return f"{quoted(text)} (source : {source})"


def fingerprint(digest: str) -> str:
    return f"{digest[:16]}…"


# ── Verification ─────────────────────────────────────────────────────────────────────────────────────────────

IDENTICAL = "IDENTIQUE : la réponse recalculée est la même, empreinte numérique comprise."
SAME_ANSWER = "MÊME RÉPONSE, mais quelque chose diffère."
OTHER_ANSWER = "RÉPONSE DIFFÉRENTE de celle qui est conservée."
ALTERED_RECORD = "RÉPONSE MODIFIÉE : son contenu ne correspond pas à son empreinte numérique."
UNEXPLAINED = (
    "Le logiciel, les données et les seuils sont les mêmes. "
    "La réponse conservée n’a donc pas été calculée telle qu’elle est écrite."
)
ABSENT, NOTHING, YES, NO = "(absent)", "rien", "oui", "non"
WHAT = {
    "answer": "réponse",
    "wording": "rédaction",
    "question": "question",
    "data": "données",
    "thresholds": "seuils",
    "software": "logiciel",
    "digest": "empreinte numérique",
}


def difference(what: str, field: str, recorded_value: str, computed_value: str) -> str:
    return f"{what}, {field} : {recorded_value} → {computed_value}"


# ── Addresses ──────────────────────────────────────────────────────────────────────────────────────────────────────

NO_ADDRESSES = "Aucune adresse n’est installée."
NOTHING_NEAR = "Aucune adresse connue à proximité."


def indexing(name: str) -> str:
    return f"Indexation : {name}"


def addresses_of(department: str) -> str:
    return f"adresses du département {department}"


def index_facts(count: int, rows: str, places: str, megabytes: str) -> str:
    return f"{rows} adresse{plural(count)}, {places} voies, lieux-dits et communes, {megabytes} Mo"


def imported_at(moment: str) -> str:
    return f"importé le {moment}"


def near(label: str, lon: float, lat: float, source: str) -> str:
    return f"{label}  (longitude {lon:.6f}, latitude {lat:.6f}, {source})"

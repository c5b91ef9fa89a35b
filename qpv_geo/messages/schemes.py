"""What is said of schemes, in French: help, refused files, and the reasons of a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages import verdicts as tell
from qpv_geo.messages.cli import KIND, REASON
from qpv_geo.messages.typography import enumerated, quoted, values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

# ── Help and lists ─────────────────────────────────────────────────────────────────────────────────────────────────

SCHEMES = """Les dispositifs : ce que chacun demande pour le lieu, la date et le montant.

Un dispositif est un fichier TOML. Vous pouvez en ajouter dans le dossier schemes de QPV_GEO_HOME."""
SCHEMES_COMMANDS = {
    "list": "Les dispositifs connus.",
    "show": "Les règles d’un dispositif, leurs sources et les questions à poser.",
}
SHORT = "Les dispositifs (fonds, avantages fiscaux) et leurs règles."
LIST = """Lister les dispositifs connus.

\b
Exemple :
  qpv schemes list"""
SHOW = """Montrer les règles d’un dispositif, leurs sources et les questions à poser.

\b
Exemple :
  qpv schemes show tfpb-1388-bis"""

OUTCOME = {
    "place_ok": "LIEU CONFORME",
    "eligible": "ÉLIGIBLE",
    "not_eligible": "NON ÉLIGIBLE",
    "to_review": "À VÉRIFIER",
}
DATE, VALIDITY, AMOUNT, ZONE, ROAD, JUDGED, RECALLED, STEPS = (
    *("Date", "Validité", "Montant", "Lieu", "Limite"),
    *("Questions", "À savoir", "Étapes"),
)
ROAD_LIMIT = {
    "as_drawn": "le tracé du quartier décide",
    "both_sides": "le long d’une voie publique, les immeubles des deux côtés sont réputés dans le quartier",
    "axis": "le long d’une voie, la limite suit l’axe de la voie",
}
SOURCE, FILE = "Source", "Fichier"


def source(title: str, url: str | None, read_on: date, unread: str | None) -> str:
    left = f". À relire : {unread}" if unread else ""
    return f"{title}{f', {url}' if url else ''} (lu le {tell.day(read_on)}){left}"


def zone_line(label: str, questions: Sequence[str], period: str) -> str:
    asked = f", si oui à : {enumerated(questions)}" if questions else ""
    return f"{label}{f' ({period})' if period else ''}{asked}"


def question_line(name: str, question: str, article: str | None, period: str) -> str:
    told = ", ".join(part for part in (article, period) if part)
    return f"{name} : {question}{f' ({told})' if told else ''}"


def step_line(rank: int, name: str, text: str) -> str:
    return f"{rank}. {name} : {text}"


def validity(start: date | None, end: date | None) -> str:
    if start and end:
        return f"du {tell.day(start)} au {tell.day(end)}"
    parts = (f"depuis le {tell.day(start)}" if start else "", f"jusqu’au {tell.day(end)}" if end else "")
    return " ".join(part for part in parts if part)


def amounts(most: float | None, budget: float | None, period: str) -> str:
    parts = (
        *(f"au plus {euros(most)} par projet" if most else "", f"budget de {euros(budget)}" if budget else ""),
        period,
    )
    return ", ".join(part for part in parts if part)


def euros(value: float) -> str:
    unit = "euro" if value < 2 else "euros"  # noqa: PLR2004 - the plural begins at two
    return f"{tell.number(value, 0 if value == int(value) else 2)} {unit}"


# ── Refused files ──────────────────────────────────────────────────────────────────────────────────────────────────


def at_line(name: str, line: int, message: str) -> str:
    return f"{name}, ligne {line} : {message}"


def unreadable(name: str, why: str) -> str:
    return f"dispositif illisible : {quoted(name)} ({why}) ; vérifiez le fichier et ses droits"


def not_utf8() -> str:
    return "le fichier n’est pas en UTF-8 ; enregistrez-le en UTF-8"


def not_toml() -> str:
    return 'ce n’est pas du TOML ; écrivez par exemple : clé = "valeur"'


def missing_key(key: str) -> str:
    return f"clé absente : {quoted(key)} ; prenez modèle sur un fichier livré du même dossier"


def unknown_key(key: str, known: Sequence[str]) -> str:
    return f"clé inconnue : {quoted(key)} ; clés possibles : {values(known)}"


def wrong_type(key: str, value: object, expected: str) -> str:
    return f"valeur invalide pour {key} : {quoted(value)} ; donnez {expected}"


def wrong_number(key: str, value: object, most: float) -> str:
    return f"valeur invalide pour {key} : {quoted(value)} ; donnez un nombre positif, au plus {tell.number(most)}"


def not_a_question(text: str) -> str:
    return f"{quoted(text)} n’est pas une question ; terminez-la par un point d’interrogation"


def not_one_of(key: str, value: object, choices: Sequence[str]) -> str:
    return f"valeur inconnue pour {key} : {quoted(value)} ; valeurs possibles : {values(choices)}"


def bad_id(value: str) -> str:
    signs = "des minuscules, des chiffres et des tirets, par exemple fonds-vert"
    return f"identifiant invalide : {quoted(value)} ; employez {signs}"


def id_is_not_name(value: str, name: str) -> str:
    return f"l’identifiant {quoted(value)} n’est pas le nom du fichier ; nommez-le {value}.toml au lieu de {name}"


def already_shipped(value: str) -> str:
    return f"le dispositif {quoted(value)} est déjà livré avec qpv-geo ; donnez un autre identifiant à ce fichier"


def twice(value: str) -> str:
    return f"identifiant employé deux fois : {quoted(value)} ; changez l’un des deux"


def bad_insee(value: str) -> str:
    return f"code INSEE invalide : {quoted(value)} ; donnez cinq caractères, par exemple 86194"


def useless_distance(relation: str) -> str:
    return f"la relation {quoted(relation)} n’a pas de distance ; retirez distance_m ou changez de relation"


def bad_partly_within() -> str:
    return (
        "partly_within_m va avec entirely_within_distance et reste inférieur à distance_m ; corrigez-le ou retirez-le"
    )


def dates_reversed() -> str:
    return "la fin (to) précède le début (from) ; corrigez l’une des deux dates"


def known_by_needs_zone() -> str:
    return "known_by ne vaut que pour une condition qu’une zone exige (requires) ; ajoutez-la à une zone ou retirez-le"


def periods_overlap() -> str:
    return "cette période recoupe celle d’un autre montant ; corrigez from ou to"


def nothing_decides() -> str:
    return "ni le lieu ni une condition ne décide ; retirez place_decides ou mettez decisive = true à une condition"


def replaced(value: str, successors: Sequence[str]) -> str:
    told = enumerated([quoted(one) for one in successors], "ou")
    return f"le dispositif {quoted(value)} n’existe plus sous ce nom ; choisissez {told}"


def unknown_question(value: str, known: Sequence[str]) -> str:
    return f"question inconnue : {quoted(value)} ; questions posées : {values(known)}"


def bad_answer(value: str, between: str) -> str:
    return f"réponse invalide : {quoted(value)} ; écrivez QUESTION{between}oui ou QUESTION{between}non"


def not_yes_or_no(question: str, value: object) -> str:
    return f"réponse invalide à {quoted(question)} : {quoted(value)} ; donnez true (oui) ou false (non)"


def answers_without_scheme() -> str:
    return "réponse sans dispositif ; ajoutez --scheme, ou retirez --answer"


def amount_without_scheme() -> str:
    return "montant sans dispositif ; ajoutez --scheme, ou retirez --amount"


def schemes_and_perimeters() -> str:
    return "un dispositif utilise les périmètres de sa date ; retirez --perimeters, ou --scheme"


def amounts_without_scheme() -> str:
    return "colonne de montants sans dispositif ; ajoutez --scheme ID, ou retirez --amount-column"


def answered_twice(question: str) -> str:
    return f"deux réponses contraires à la question {quoted(question)} ; gardez-en une"


def unknown_scheme(value: str, known: Sequence[str]) -> str:
    return f"dispositif inconnu : {quoted(value)} ; dispositifs connus : {values(known, 'aucun')}"


def bad_amount(value: object) -> str:
    return f"montant invalide : {quoted(value)} ; donnez un nombre d’euros, positif ou nul"


def verdict_or_place() -> str:
    return "une réponse et un lieu à la fois ; donnez l’une ou l’autre"


def no_date() -> str:
    return "il manque la date ; donnez-la, par exemple 01/06/2024"


# ── Reasons of a decision ──────────────────────────────────────────────────────────────────────────────────────────

NO_PLACE = "Aucune adresse, aucun point ni aucun site n’est donné. Le lieu ne peut pas être vérifié."
PLACE_DOES_NOT_DECIDE = "Le lieu ne suffit pas à décider."


def message(outcome: str, label: str, left: Sequence[str]) -> str:
    said = {
        "place_ok": "lieu conforme",
        "eligible": "éligible",
        "not_eligible": "non éligible",
        "to_review": "à vérifier",
    }
    rest = f" Reste à vérifier : {' '.join(left)}" if left and outcome == "place_ok" else ""
    return f"{label} : {said[outcome]}.{rest}"


def not_in_force(on: date, start: date | None, end: date | None, why: str | None) -> str:
    because = f" ({why})" if why else ""
    if end is not None and on > end:
        return f"Le dispositif est terminé depuis le {tell.day(end)}{because}."
    if start is not None and on < start:
        return f"Le dispositif commence le {tell.day(start)}. Il ne s’applique pas encore au {tell.day(on)}{because}."
    return f"Le dispositif ne s’applique pas au {tell.day(on)}{because}."


def known_until(day: date) -> str:
    return (
        f"D’après les périmètres et les règles connus au {tell.day(day)}. Des changements plus récents sont possibles."
    )


def limit_follows(street: str, inside: str, outside: str) -> str:
    return f"La limite suit cette rue ({street}) : n° {inside} en QPV, n° {outside} hors QPV."


def date_that_counts(counts: str, used: date | None) -> str:
    return f"La date qui compte est {counts}{f' (périmètres en vigueur au {tell.day(used)})' if used else ''}."


def met(label: str) -> str:
    return f"Le lieu est {label}."


def not_met(label: str, why: str | None = None) -> str:
    return f"Le lieu n’est pas {label}." if why is None else f"Le lieu n’est pas {label} : {why}"


def in_doubt(label: str, why: str) -> str:
    return f"{label[:1].upper()}{label[1:]} : non établi. {why[:1].upper()}{why[1:]}"


def in_doubt_as_the_verdict(label: str, reason: str, distance_m: float | None, accuracy_m: float | None) -> str:
    """Dans un QPV : non établi (limite à 11 m, marge d’erreur 20 m); the verdict says the rest."""
    why = REASON[reason]
    if reason == "near_boundary" and distance_m is not None and accuracy_m:
        why = f"limite à {tell.metres(distance_m)}, marge d’erreur {tell.metres(accuracy_m)}"
    return f"{label[:1].upper()}{label[1:]} : non établi ({why})."


def with_verdict(text: str, verdict: str) -> str:
    return f"{text} {verdict}"


def reach(text: str, nearest: float, farthest: float | None) -> str:
    if farthest is None:
        where = f"à {tell.metres(nearest)} du quartier le plus proche" if nearest else "dans un quartier"
        return f"{text} Ce point est {where}."
    if not nearest:
        return f"{text} Le site touche un quartier. Son point le plus éloigné en est à {tell.metres(farthest)}."
    span = f"{tell.metres(nearest)} d’un quartier au plus près, et à {tell.metres(farthest)} au plus loin"
    return f"{text} Le site est à {span}."


def none_near(text: str) -> str:
    return f"{text} Aucun quartier connu n’est proche."


MARGIN = "la distance est trop proche du seuil pour trancher."
POINT = "c’est le contour du bâtiment qui compte. Un point ne suffit pas. Donnez le contour (site)."
ENSEMBLE = "le site donné est au-delà de la première distance, mais l’ensemble dont il fait partie peut y entrer."
NOT_COVERED = "les périmètres installés ne couvrent pas tout le secteur autour de ce lieu."
NOT_LOCATED_ENOUGH = "la position du lieu n’est pas assez précise pour mesurer une distance."
POINTS_DISAGREE = "cette adresse a plusieurs positions possibles, et elles ne donnent pas la même réponse."


def elsewhere(name: str) -> str:
    return f"le quartier qu’il touche est dans une autre commune ({name})."


def other_commune(communes: Sequence[str]) -> str:
    return f"l’adresse n’est pas à {enumerated(communes, 'ou')}."


def far_from(communes: Sequence[str]) -> str:
    return f"il est loin de {enumerated(communes)}."


def several_communes(name: str, communes: Sequence[str]) -> str:
    return (
        f"{name} s’étend sur plusieurs communes. On ne sait pas si ce lieu est à {enumerated(communes, 'ou')}. "
        "Donnez son adresse."
    )


def commune_unknown(name: str) -> str:
    return (
        f"les données de {name} n’indiquent pas sa commune (colonne « insee_com »). Donnez l’adresse, ou complétez-les."
    )


def partly_elsewhere() -> str:
    return "une partie seulement du lieu est dans les quartiers de la commune."


def sliver() -> str:
    return "une part infime du lieu s’y trouve : vérifiez son contour."


def not_installed(kind: str) -> str:
    return f"aucun périmètre de ce type ({KIND.get(kind, kind)}) n’est installé ici."


def sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def to_answer(question: str, article: str | None) -> str:
    return f"Reste à vérifier : {question}{_of(article)}"


def answered(question: str, article: str | None, by: str | None, *, yes: bool) -> str:
    said = {"declared": "déclaré", "npnru": "d’après la liste des conventions NPNRU"}
    return f"{question} {'Oui' if yes else 'Non'} ({said[by or 'declared']}).{_of(article)}"


def recalled(question: str, article: str | None) -> str:
    return f"À savoir : {question}{_of(article)}"


def _of(article: str | None) -> str:
    return f" ({article})" if article else ""


def over_cap(amount: float, most: float) -> str:
    return f"Le montant demandé, {euros(amount)}, dépasse le plafond de {euros(most)} par projet."


def over_budget(amount: float, budget: float) -> str:
    return f"Le montant demandé, {euros(amount)}, dépasse le budget du dispositif, {euros(budget)}."


def within_amounts(amount: float, most: float | None, budget: float | None) -> str:
    limit = f"le plafond de {euros(most)} par projet" if most else f"le budget du dispositif, {euros(budget or 0)}"
    return f"Le montant demandé, {euros(amount)}, ne dépasse pas {limit}."


def amount_unknown(most: float) -> str:
    return f"L’aide est d’au plus {euros(most)} par projet. Le montant demandé n’est pas indiqué."

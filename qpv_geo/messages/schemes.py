"""What is said of schemes, in French: help, refused files, and the reasons of a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages import verdicts as tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

# ── Help and lists ─────────────────────────────────────────────────────────────────────────────────────────────────

SCHEMES = """Les dispositifs : ce que chacun exige du lieu, de la date et du montant.

Un dispositif est un fichier TOML. Ceux que vous ajoutez dans le dossier schemes de QPV_GEO_HOME sont lus avec ceux qui
sont livrés."""
SCHEMES_COMMANDS = {
    "list": "Les dispositifs connus.",
    "show": "Les règles d'un dispositif, leurs sources et ce qui reste à juger.",
}
SHORT = "Les dispositifs (fonds, avantages fiscaux) et leurs règles."
LIST = "Lister les dispositifs connus."
SHOW = """Montrer les règles d'un dispositif, leurs sources et les questions qui restent à poser.

Exemple : qpv schemes show tfpb-1388-bis"""

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
    "as_drawn": "le tracé du périmètre décide",
    "both_sides": "le long d’une voie publique, les immeubles des deux côtés sont réputés dans le quartier",
    "axis": "le long d’une voie, la limite suit l’axe de la voie",
}
SOURCE, FILE = "Source", "Fichier"


def source(title: str, url: str | None, read_on: date, unread: str | None) -> str:
    left = f". À relire : {unread}" if unread else ""
    return f"{title}{f', {url}' if url else ''} (lu le {tell.day(read_on)}){left}"


def zone_line(label: str, questions: Sequence[str], period: str) -> str:
    asked = f", si oui à : {enumerated(questions)}" if questions else ""
    return f"{label}{f' ({period})' if period else ''}{asked}"


def question_line(name: str, question: str, article: str | None, period: str) -> str:
    told = ", ".join(part for part in (article, period) if part)
    return f"{name} : {question}{f' ({told})' if told else ''}"


def step_line(rank: int, name: str, text: str) -> str:
    return f"{rank}. {name} : {text}"


def validity(start: date | None, end: date | None) -> str:
    if start and end:
        return f"du {tell.day(start)} au {tell.day(end)}"
    parts = (f"depuis le {tell.day(start)}" if start else "", f"jusqu'au {tell.day(end)}" if end else "")
    return " ".join(part for part in parts if part)


def amounts(most: float | None, budget: float | None, period: str) -> str:
    parts = (
        *(f"au plus {euros(most)} par projet" if most else "", f"budget de {euros(budget)}" if budget else ""),
        period,
    )
    return ", ".join(part for part in parts if part)


def enumerated(parts: Sequence[str], last: str = "et") -> str:
    return f" {last} ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def euros(value: float) -> str:
    return f"{tell.number(value, 0 if value == int(value) else 2)} euros"


# ── Refused files ──────────────────────────────────────────────────────────────────────────────────────────────────


def at_line(name: str, line: int, message: str) -> str:
    return f"{name}, ligne {line} : {message}"


def unreadable(name: str, why: str) -> str:
    return f"dispositif illisible : {name} ({why}) ; vérifiez le fichier et ses droits"


def not_utf8() -> str:
    return "ce n'est pas du texte UTF-8 ; enregistrez le fichier en UTF-8"


def not_toml() -> str:
    return 'ce n\'est pas du TOML ; attendu par exemple : clé = "valeur"'


def missing_key(key: str) -> str:
    return f"il manque {key} ; prenez modèle sur un fichier livré du même dossier"


def unknown_key(key: str, known: Sequence[str]) -> str:
    return f"clé inconnue : {key!r} ; attendu {', '.join(known)}"


def wrong_type(key: str, value: object, expected: str) -> str:
    return f"valeur invalide : {key} = {_shown(value)} ; attendu {expected}"


def wrong_number(key: str, value: object, most: float) -> str:
    return f"valeur invalide : {key} = {_shown(value)} ; attendu un nombre positif, au plus {tell.number(most)}"


def not_a_question(text: str) -> str:
    return f"« {text} » n’est pas une question ; terminez-la par un point d’interrogation"


def not_one_of(key: str, value: object, choices: Sequence[str]) -> str:
    return f"valeur inconnue : {key} = {_shown(value)} ; attendu {' ou '.join(choices) or 'rien : aucun n’est défini'}"


def bad_id(value: str) -> str:
    return f"identifiant invalide : {value!r} ; attendu des minuscules, chiffres et tirets, par exemple fonds-vert"


def id_is_not_name(value: str, name: str) -> str:
    return f"l'identifiant {value!r} n'est pas le nom du fichier ; nommez-le {value}.toml au lieu de {name}"


def already_shipped(value: str) -> str:
    return f"le dispositif {value!r} est déjà livré avec qpv-geo ; donnez un autre identifiant à ce fichier"


def twice(value: str) -> str:
    return f"identifiant employé deux fois : {value!r} ; changez l'un des deux"


def bad_insee(value: str) -> str:
    return f"code INSEE de commune invalide : {value!r} ; attendu cinq caractères, par exemple 86194"


def useless_distance(relation: str) -> str:
    return f"la relation {relation} n'a pas de distance ; retirez distance_m ou changez de relation"


def bad_partly_within() -> str:
    return (
        "partly_within_m accompagne entirely_within_distance et reste inférieur à distance_m ; corrigez ou retirez-le"
    )


def dates_reversed() -> str:
    return "la fin (to) précède le début (from) ; corrigez l'une des deux dates"


def known_by_needs_zone() -> str:
    return "known_by ne vaut que pour une condition qu’une zone exige (requires) ; ajoutez-la à une zone ou retirez-le"


def periods_overlap() -> str:
    return "cette période recoupe celle d’un autre montant ; corrigez from ou to"


def nothing_decides() -> str:
    return "ni le lieu ni une condition ne décide ; retirez place_decides ou mettez decisive = true à une condition"


def replaced(value: str, successors: Sequence[tuple[str, str]]) -> str:
    told = " ; ".join(f"{one} ({label})" for one, label in successors)
    return f"le dispositif « {value} » n’existe plus sous ce nom ; choisissez parmi ceux qui le remplacent : {told}"


def unknown_question(value: str, known: Sequence[str]) -> str:
    asked = ", ".join(known) or "aucune"
    return f"aucune question « {value} » n’est posée ici ; questions posées : {asked}"


def bad_answer(value: str, between: str) -> str:
    return f"réponse invalide : « {value} » ; attendu QUESTION{between}oui ou QUESTION{between}non"


def not_yes_or_no(question: str, value: object) -> str:
    return f"réponse invalide à « {question} » : {_shown(value)} ; attendu true (oui) ou false (non)"


def answers_without_scheme() -> str:
    return "une réponse est donnée sans dispositif ; ajoutez --scheme ID, ou retirez --answer"


def schemes_and_perimeters() -> str:
    return "un dispositif lit les périmètres de sa date ; retirez --perimeters, ou --scheme"


def amounts_without_scheme() -> str:
    return "une colonne de montants est donnée sans dispositif ; ajoutez --scheme ID, ou retirez --amount-column"


def answered_twice(question: str) -> str:
    return f"la question « {question} » a deux réponses contraires ; gardez-en une"


def unknown_scheme(value: str, known: Sequence[str]) -> str:
    return f"dispositif inconnu : {value!r} ; dispositifs connus : {', '.join(known)}"


def bad_amount(value: object) -> str:
    return f"montant invalide : {str(value)[:80]!r} ; attendu un nombre d'euros, positif ou nul"


def verdict_or_place() -> str:
    return "un verdict et un lieu sont donnés ; donnez l'un ou l'autre"


def no_date() -> str:
    return "il manque la date de la question ; donnez-la, par exemple 2024-06-01"


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."  # noqa: PLR2004 - one line


# ── Reasons of a decision ──────────────────────────────────────────────────────────────────────────────────────────

NO_PLACE = "Aucun point, emprise ni adresse n'est donné : le lieu ne peut pas être vérifié."
PLACE_DOES_NOT_DECIDE = "Le lieu ne décide pas à lui seul."


def message(outcome: str, label: str, left: Sequence[str]) -> str:
    said = {
        "place_ok": "lieu conforme",
        "eligible": "éligible",
        "not_eligible": "non éligible",
        "to_review": "à vérifier",
    }
    rest = f" Reste à vérifier : {' '.join(left)}" if left and outcome == "place_ok" else ""
    return f"{label} : {said[outcome]}.{rest}"


def not_in_force(on: date, start: date | None, end: date | None, why: str | None) -> str:
    because = f" : {why}" if why else ""
    if end is not None and on > end:
        return f"Dispositif terminé le {tell.day(end)}{because}."
    if start is not None and on < start:
        return f"Dispositif pas encore en vigueur au {tell.day(on)} : il commence le {tell.day(start)}{because}."
    return f"Le dispositif ne s’applique pas au {tell.day(on)}{because}."


def known_until(day: date) -> str:
    return f"D’après les périmètres et règles connus au {tell.day(day)} ; les changements ultérieurs n’y sont pas."


def limit_follows(street: str, inside: str, outside: str) -> str:
    return f"La limite suit cette rue ({street}) : n° {inside} en QPV, n° {outside} hors QPV."


def date_that_counts(counts: str, used: date | None) -> str:
    return f"La date qui compte est {counts}{f' ; périmètres en vigueur au {tell.day(used)}' if used else ''}."


def met(label: str) -> str:
    return f"Le lieu est {label}."


def not_met(label: str) -> str:
    return f"Le lieu n'est pas {label}."


def in_doubt(label: str, why: str) -> str:
    return f"Le lieu est-il {label} ? Ce n'est pas établi. {why[:1].upper()}{why[1:]}"


def with_verdict(text: str, verdict: str) -> str:
    return f"{text} {verdict}"


def reach(text: str, nearest: float, farthest: float | None) -> str:
    if farthest is None:
        where = f"à {tell.metres(nearest)} du périmètre le plus proche" if nearest else "dans un périmètre"
        return f"{text} Ce point est {where}."
    far = f"{tell.metres(farthest)} au plus loin"
    near = f"est à {tell.metres(nearest)} d'un périmètre au plus près" if nearest else "touche un périmètre"
    return f"{text} L'emprise {near}, {far}."


def none_near(text: str) -> str:
    return f"{text} Aucun périmètre connu n'est proche."


MARGIN = "la distance est trop proche du seuil pour être sûre."
POINT = "c'est l'emprise du bâtiment qui compte, et un point ne la donne pas ; il faut son contour pour trancher."
ENSEMBLE = "l'emprise donnée est au-delà de la première distance, mais l'ensemble dont elle fait partie peut y entrer."
NOT_COVERED = (
    "les périmètres présents ne couvrent pas tout ce qui entoure ce lieu ; téléchargez ceux de toute la France."
)
NOT_LOCATED_ENOUGH = "le lieu n'est pas assez précisément connu pour mesurer une distance."
POINTS_DISAGREE = "les points possibles de cette adresse ne donnent pas la même réponse."


def elsewhere(name: str) -> str:
    return f"ce qu'il touche est d'une autre commune ({name})."


def other_commune(communes: Sequence[str]) -> str:
    return f"l'adresse n'est pas à {enumerated(communes, 'ou')}."


def far_from(communes: Sequence[str]) -> str:
    return f"il est loin de {enumerated(communes)}."


def several_communes(name: str, communes: Sequence[str]) -> str:
    return (
        f"{name} s'étend sur plusieurs communes, et rien ne dit si ce lieu est à {enumerated(communes, 'ou')} ; "
        "donnez son adresse."
    )


def commune_unknown(name: str) -> str:
    return (
        f"le fichier de {name} ne dit pas sa commune (colonne insee_com) ; donnez l'adresse, ou complétez le fichier."
    )


def partly_elsewhere() -> str:
    return "une partie seulement du lieu est dans les périmètres de la commune."


def sliver() -> str:
    return "une part infime du lieu y est ; vérifiez son contour."


def not_installed(kind: str) -> str:
    return f"aucun périmètre de type {kind} n'est installé."


def sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def to_answer(question: str, article: str | None) -> str:
    return f"Reste à vérifier : {question}{_of(article)}"


def answered(question: str, article: str | None, by: str | None, *, yes: bool) -> str:
    said = {"declared": "déclaré", "npnru": "d’après la liste des conventions NPNRU"}
    return f"{question} {'Oui' if yes else 'Non'} ({said[by or 'declared']}).{_of(article)}"


def recalled(question: str, article: str | None) -> str:
    return f"À savoir : {question}{_of(article)}"


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
    return f"L'aide est d'au plus {euros(most)} par projet ; le montant demandé n'est pas donné."

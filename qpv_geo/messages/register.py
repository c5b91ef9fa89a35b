"""What is said of the register, in French: errors, and the words of its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import quoted

if TYPE_CHECKING:
    from datetime import date, datetime

# ── Errors ───────────────────────────────────────────────────────────────────────────────────────────────────


def none_yet(name: str) -> str:
    return f"aucun registre ici : {quoted(name)} ; une vérification y est enregistrée par qpv check --save"


def not_a_register(name: str) -> str:
    return (
        f"registre illisible ou endommagé : {quoted(name)} ; restaurez une sauvegarde, puis lancez : qpv "
        "register verify"
    )


def other_version(name: str, version: str | None, known: int) -> str:
    return (
        f"registre d’une autre version ({version}, celle-ci lit la {known}) : {quoted(name)} ; "
        "utilisez la version de qpv-geo qui l’a écrit, exportez-le (qpv register export) et importez-le ici"
    )


def busy(name: str) -> str:
    return f"registre occupé par un autre traitement : {quoted(name)} ; rien n’a été enregistré, réessayez"


def server_failed(name: str, why: str) -> str:
    return (
        f"le serveur du registre ne répond pas ({why}) : {quoted(name)} ; vérifiez le serveur, puis relancez "
        "la commande"
    )


def bad_url() -> str:
    return (
        "QPV_GEO_REGISTER_URL n’est pas l’adresse d’une base PostgreSQL ; "
        "attendu : postgresql://utilisateur:mot_de_passe@serveur/base"
    )


def not_compacted(name: str) -> str:
    return (
        f"purge faite, mais un autre traitement lit le registre : {quoted(name)} ; "
        "relancez la même commande pour effacer ce qui en reste sur le disque"
    )


def purge_in_the_future(day: date) -> str:
    return f"date de purge dans le futur : {day:%d/%m/%Y} ; donnez une date passée, ou celle d’aujourd’hui"


def no_such_entry(name: str, *, several: bool) -> str:
    if several:
        return f"plusieurs enregistrements commencent par {quoted(name)} ; donnez l’identifiant entier"
    return f"aucun enregistrement {quoted(name)} dans le registre ; qpv register list les donne"


def not_a_check(name: str) -> str:
    return f"l’enregistrement {quoted(name)} n’est pas une vérification ; qpv register list les donne"


def purged_check(name: str) -> str:
    return f"la vérification {quoted(name)} a été purgée ; enregistrez une nouvelle vérification"


def superseded(sequence: int, later: int) -> str:
    return f"la vérification {quoted(sequence)} est déjà remplacée par la {quoted(later)} ; remplacez celle-ci"


def bad_status(value: str, choices: list[str]) -> str:
    return f"statut inconnu : {quoted(value)} ; donnez {', '.join(choices)}"


def needed(what: str) -> str:
    told = {"reason": "le motif de la décision", "by": "le nom de la personne qui décide"}[what]
    return f"il manque {told} ; une décision dit toujours qui et pourquoi (10 000 caractères au plus)"


def supersedes_with_reason() -> str:
    return "--supersedes et --reason vont ensemble ; dites quelle vérification est remplacée, et pourquoi"


def saving_without_save(options: list[str]) -> str:
    return f"{', '.join(options)} sans --save ; ajoutez --save pour enregistrer la vérification"


# ── Help ─────────────────────────────────────────────────────────────────────────────────────────────────────

HELP = """Les vérifications enregistrées, ce qui a été décidé ensuite, et pourquoi.

Rien n’y est modifié : une décision ou une vérification plus récente remplace l’ancienne, qui reste. Chaque
enregistrement est lié au précédent par une empreinte numérique (qpv register verify)."""
COMMANDS = {
    "list": "Les vérifications enregistrées.",
    "show": "Une vérification, ce qui a été calculé et ce qui a été décidé.",
    "decide": "Enregistrer la décision d’une personne sur une vérification.",
    "verify": "Contrôler que rien n’a été modifié, retiré ou ajouté.",
    "purge": "Effacer les adresses et les dossiers d’avant une date.",
}
LIST = """Lister les vérifications enregistrées, les plus récentes d’abord.

Exemple : qpv register list --status uncertain --since 2026-01-01"""
SHOW = "Montrer une vérification : ce qui a été calculé, ce qui a été décidé, par qui et pourquoi."
DECIDE = """Enregistrer la décision d’une personne sur une vérification.

Le verdict calculé reste ; la décision s’affiche à côté.

Exemple : qpv register decide 12 --status inside --reason "Plan cadastral vérifié sur place" --by "Service habitat" """
VERIFY = "Parcourir le registre et nommer le premier enregistrement modifié, retiré, ajouté ou déplacé."
PURGE = """Effacer le contenu des vérifications enregistrées avant une date, et de tout ce qui s’y rapporte.

Restent la date, le statut, le quartier, le résultat des dispositifs et l’empreinte numérique : le registre se contrôle
encore. Ce qui est effacé ne peut pas être retrouvé."""
PURGE_BEFORE = "Les vérifications enregistrées avant ce jour (heure UTC) sont purgées."
SINCE = "Enregistrées ce jour-là ou après (heure UTC)."
UNTIL = "Enregistrées ce jour-là ou avant (heure UTC)."
QUARTIER = "Code du quartier, ou une partie de son nom."
STATUS_HELP = "Statut décidé, ou calculé si personne n’a décidé."
SCHEME = "Vérifications où ce dispositif a été examiné."
OUTCOME = "Résultat du dispositif."
CASE = "Numéro de dossier."
ADDRESS = "Mots de l’adresse demandée ou trouvée, dans leur ordre."
CURRENT = "Laisser de côté celles qu’une autre remplace."
LIMIT = "Nombre de vérifications à montrer ; 50 sans cette option."
SAVE = "Enregistrer la vérification dans le registre."
SAVE_ROWS = "Enregistrer chaque ligne vérifiée dans le registre."
SERVICE = "Service qui demande, conservé avec la vérification."
BY = "Personne qui demande, conservée avec la vérification."
CASE_OF_CHECK = "Numéro de dossier, conservé avec la vérification."
CASE_COLUMN = "Colonne des numéros de dossier, conservés avec les vérifications."
SUPERSEDES = "Numéro de la vérification que celle-ci remplace."
SUPERSEDES_REASON = "Pourquoi elle la remplace."
DECIDE_STATUS = "Statut décidé."
DECIDE_REASON = "Motif de la décision."
DECIDE_BY = "Qui décide : une personne, un service."
DECIDE_DOCUMENT = "Document sur lequel repose la décision : son nom et son empreinte numérique sont conservés."
DECIDE_QUARTIER = "Code du quartier décidé ; sans cette option, celui du verdict."

# ── What is shown ────────────────────────────────────────────────────────────────────────────────────────────

DECIDED, PURGED = "décidé", "(purgé)"
ID, KEPT_ON, CASE_LABEL, SERVICE_LABEL, BY_LABEL = "Identifiant", "Enregistrée", "Dossier", "Service", "Par"
PLACE, COMPUTED, DECIDED_LABEL, SCHEMES, REPLACED = "Lieu", "Calculé", "Décidé", "Dispositifs", "Remplacée"
REASON, DOCUMENT, CHAIN = "Motif", "Document", "Empreinte"
_KIND = {"check": "Vérification", "decision": "Décision", "recheck": "Recalcul"}


def kept(sequence: int, identifier: str) -> str:
    return f"vérification n° {sequence} enregistrée ({identifier})"


def kept_rows(count: int) -> str:
    plural = "s" if count > 1 else ""
    return f"{count} vérification{plural} enregistrée{plural} dans le registre"


def listed(shown: int, count: int) -> str:
    if not count:
        return "Aucune vérification."
    what = f"{count} vérification{'s' if count > 1 else ''}"
    return f"{what}." if shown == count else f"{shown} sur {what} ; --limit en montre plus."


def check(sequence: int) -> str:
    return f"Vérification n° {sequence}"


def later(kind: str, sequence: int, moment_: str) -> str:
    return f"{_KIND[kind]} n° {sequence}, {moment_}"


def case(number: str) -> str:
    return f"dossier {number}"


def superseded_by(sequence: int) -> str:
    return f"remplacée par la n° {sequence}"


def document(name: str, sha256: str) -> str:
    return f"{quoted(name)}, sha256 {sha256}"


def moment(at: datetime) -> str:
    return f"{at:%d/%m/%Y à %H:%M} (UTC)"


def purged(count: int, before: date) -> str:
    if not count:
        return f"Aucune vérification à purger avant le {before:%d/%m/%Y}."
    plural = "s" if count > 1 else ""
    return f"{count} vérification{plural} purgée{plural}, enregistrée{plural} avant le {before:%d/%m/%Y}."


INTACT = "INTACT : chaque enregistrement est à sa place, tel qu’il a été écrit."
BROKEN = "REGISTRE MODIFIÉ"
LIMITS_OF_THE_CHAIN = (
    "L’empreinte du dernier enregistrement est à noter ailleurs. Sans elle, personne ne peut dire si les derniers "
    "enregistrements ont été coupés, ni si tout le registre a été réécrit."
)


def walked(entries: int, purged_: int, head: str) -> str:
    rest = f", dont {purged_} purgé{'s' if purged_ > 1 else ''}" if purged_ else ""
    return f"{entries} enregistrement{'s' if entries > 1 else ''}{rest}. Empreinte du dernier : {head}"


def fault(what: str, sequence: int | None, detail: str) -> str:
    told = {
        "structure": "Le fichier est endommagé",
        "missing": "Un enregistrement a été retiré",
        "altered": "Un enregistrement a été modifié, ajouté ou déplacé",
        "content_altered": "Le contenu d’un enregistrement a été modifié",
        "content_missing": "Le contenu d’un enregistrement a été effacé sans purge",
        "content_added": "Un contenu a été ajouté sans enregistrement",
        "head": "Le registre ne contient pas l’enregistrement signé",
    }[what]
    return told + (f" : n° {sequence}." if sequence is not None else f" : {detail}.")

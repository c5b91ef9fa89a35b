"""The words of the answers of the register, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages import cli, reports, verdicts
from qpv_geo.messages.typography import joined, numeric_day, plural, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

# ── What is shown ────────────────────────────────────────────────────────────────────────────────────────────

DECIDED, PURGED = "décidé", "(purgé)"
ID, KEPT_ON, CASE_LABEL, SERVICE_LABEL, BY_LABEL = "Identifiant", "Enregistrée", "Dossier", "Service", "Par"
PLACE, COMPUTED, DECIDED_LABEL, SCHEMES, REPLACED = "Lieu", "Calculé", "Décidé", "Dispositifs", "Remplacée"
REASON, DOCUMENT, CHAIN = "Motif", "Document", "Empreinte numérique"
_KIND = {"check": "Vérification", "decision": "Décision", "recheck": "Recalcul"}


def kept(sequence: int, identifier: str) -> str:
    return f"vérification n° {sequence} enregistrée ({identifier})"


def kept_rows(count: int) -> str:
    s = plural(count)
    return f"{count} vérification{s} enregistrée{s} dans le registre"


def listed(shown: int, count: int) -> str:
    if not count:
        return "Aucune vérification."
    what = f"{count} vérification{plural(count)}"
    return f"{what}." if shown == count else f"{shown} sur {what}. Pour en voir plus, augmentez --limit."


def check(sequence: int) -> str:
    return f"Vérification n° {sequence}"


def later(kind: str, sequence: int, moment_: str) -> str:
    return f"{_KIND[kind]} n° {sequence}, {moment_}"


def case(number: str) -> str:
    return f"dossier {number}"


def superseded_by(sequence: int) -> str:
    return f"remplacée par la n° {sequence}"


def document(name: str, sha256: str) -> str:
    return f"{quoted(name)}, sha256 {sha256}"


def moment(at: datetime) -> str:
    return f"{numeric_day(at)} à {at:%H:%M} (UTC)"


def decided(what: str, by: str, at: datetime, reason: str, document_: str | None) -> str:
    """Return what a person decided, as the fiche shows it."""
    rest = f" Document : {document_}." if document_ else ""
    return f"{what[:1].upper()}{what[1:]}, par {by}, le {numeric_day(at)}. Motif : {reason.rstrip('.')}.{rest}"


def purged(count: int, before: date) -> str:
    if not count:
        return f"Aucune vérification à purger avant le {numeric_day(before)}."
    s = plural(count)
    return f"{count} vérification{s} purgée{s}, enregistrée{s} avant le {numeric_day(before)}."


INTACT = "INTACT : chaque enregistrement est à sa place, tel qu’il a été écrit."
BROKEN = "REGISTRE MODIFIÉ"
LIMITS_OF_THE_CHAIN = (
    "Notez ailleurs l’empreinte numérique du dernier enregistrement. Sans elle, on ne voit pas si les derniers "
    "enregistrements ont été coupés, ni si tout le registre a été réécrit."
)


def exported(count: int, path: str) -> str:
    s = plural(count)
    return f"{count} enregistrement{s} écrit{s} : {quoted(path)}"


def exported_checks(count: int, path: str) -> str:
    s = plural(count)
    return f"{count} vérification{s} écrite{s} : {quoted(path)}"


def imported(count: int) -> str:
    s = plural(count)
    return f"{count} enregistrement{s} repris"


def signed_by(fingerprint: str) -> str:
    return f"signé par la clé {fingerprint}"


EXPORT_INTACT, EXPORT_ALTERED = "EXPORT INTACT", "EXPORT MODIFIÉ"
EXPORT_UNSIGNED = "Export sans signature : son auteur n’est pas établi."
OTHER_KEY = "La clé n’est pas celle que vous avez donnée."
EXPECTED_KEY = "C’est la clé que vous avez donnée."
COMPARE_KEY = "Comparez cette empreinte numérique avec celle de la clé de l’organisme, ou donnez-la par --key."


def export_walked(count: int, sequence: int, *, whole: bool) -> str:
    s = plural(count)
    what = "le registre entier" if whole else "une partie du registre"
    return f"{count} enregistrement{s} ({what}), exporté{s} quand le dernier était le n° {sequence}."


def walked(entries: int, purged_: int, head: str) -> str:
    rest = f", dont {purged_} purgé{plural(purged_)}" if purged_ else ""
    return f"{entries} enregistrement{plural(entries)}{rest}. Empreinte numérique du dernier : {head}"


def fault(what: str, sequence: int | None, detail: str) -> str:
    told = {
        "structure": "La structure du registre a été modifiée ou endommagée",
        "missing": "Un enregistrement a été retiré",
        "altered": "Un enregistrement a été modifié, ajouté ou déplacé",
        "content_altered": "Le contenu d’un enregistrement a été modifié",
        "content_missing": "Le contenu d’un enregistrement a été effacé sans purge",
        "content_added": "Un contenu a été ajouté sans enregistrement",
        "head": "Le registre ne contient pas l’enregistrement signé",
    }[what]
    return told + (f" : n° {sequence}." if sequence is not None else f" : {detail}.")


# ── Recheck ──────────────────────────────────────────────────────────────────────────────────────────────────

CHANGE = {
    "unchanged": "inchangée",
    "entering": "entre en QPV",
    "leaving": "sort de QPV",
    "moved": "change de quartier",
    "became_uncertain": "devient à vérifier",
    "became_firm": "devient ferme",
    "located": "localisation différente",
    "scheme": "résultat d’un dispositif différent",
    "distance": "distance à la limite différente",
    "failed": "impossible à recalculer",
}
PURGED_COUNT = "purgées, non recalculées"
CHANGE_LABEL, BEFORE, AFTER = "Changement", "Avant", "Maintenant"
SHEET_CHECKS, SHEET_RECHECK = "Vérifications", "Changements"
MAP_TITLE = "Vérifications dont la réponse a changé"
MAP_LABELS = {
    "searchHint": "Un quartier, un dossier…",
    "oneProject": "1 vérification",
    "projects": "{} vérifications",
}
NOT_ON_MAP = "Sans position sur la carte"
NOTHING_CHANGED = "Aucune réponse n’a changé."
CHECK_COLUMNS = {
    "n°": "numéro dans le registre",
    "enregistrée le": "date et heure de l’enregistrement (UTC)",
    "dossier": "numéro de dossier",
    "service": "service qui a demandé",
    "par": "personne qui a demandé",
    "demandé": "adresse demandée",
    "trouvé": "adresse trouvée",
    "longitude": "longitude du lieu, en degrés (WGS84)",
    "latitude": "latitude du lieu, en degrés (WGS84)",
    "date": "date de la question",
    "calculé": "statut calculé par le logiciel",
    "motif": "motif du statut calculé",
    "quartier": "quartier calculé",
    "code": "code du quartier calculé",
    "distance_m": "distance à la limite, en mètres ; négative à l’intérieur",
    "génération": "génération de périmètres utilisée",
    "dispositifs": "résultat de chaque dispositif examiné",
    "statut décidé": "statut décidé par une personne",
    "quartier décidé": "code du quartier décidé",
    "décidé le": "date et heure de la décision (UTC)",
    "décidé par": "personne qui a décidé",
    "motif de la décision": "motif donné par cette personne",
    "document": "document sur lequel repose la décision",
    "empreinte numérique du document": "empreinte numérique (sha256) de ce document",
    "remplacée par": "numéro de la vérification qui la remplace",
    "purgée": "oui si l’adresse et le dossier ont été effacés",
    "identifiant": "identifiant unique",
    "empreinte numérique": "empreinte numérique de l’enregistrement, qui couvre tous ceux d’avant",
}
RECHECK_COLUMNS = {
    "changement": "ce qui a changé",
    **{key: CHECK_COLUMNS[key] for key in ("n°", "dossier", "service", "demandé", "trouvé", "longitude", "latitude")},
    **{key: CHECK_COLUMNS[key] for key in ("date", "statut décidé")},
    "statut avant": "statut enregistré",
    "statut après": "statut recalculé",
    "quartier avant": "quartier enregistré",
    "quartier après": "quartier recalculé",
    "code avant": "code du quartier enregistré",
    "code après": "code du quartier recalculé",
    "distance_m avant": "distance à la limite enregistrée, en mètres",
    "distance_m après": "distance à la limite recalculée, en mètres",
    "écart_m": "différence des deux distances, en mètres",
    "génération avant": "génération utilisée alors",
    "génération après": "génération utilisée maintenant",
    "dispositifs avant": "résultat enregistré de chaque dispositif",
    "dispositifs après": "résultat recalculé de chaque dispositif",
    "explication": "réponse recalculée, en une phrase",
}


def status(value: str | None) -> str:
    return "sans réponse" if value is None else cli.STATUS_SHORT[value]


def outcomes(found: Mapping[str, str]) -> str:
    return joined(f"{scheme} : {reports.OUTCOME[outcome]}" for scheme, outcome in found.items())


def answer(value: str | None, name: str | None, distance_m: float | None) -> str:
    side = "" if distance_m is None else f"à {verdicts.metres(abs(distance_m))} de la limite"
    return ", ".join(filter(None, (status(value), name, side)))


def counted(counts: Mapping[str, int]) -> str:
    told = joined(f"{CHANGE[change]} : {verdicts.number(count)}" for change, count in counts.items())
    return told or "Aucune vérification à recalculer."


def purged_checks(count: int) -> str:
    return f"{PURGED_COUNT} : {verdicts.number(count)}"


def changed(sequence: int, what: str, before: str, after: str) -> str:
    return f"n° {sequence}{what} : {before} → {after}"


def and_others(count: int) -> str:
    return f"et {verdicts.number(count)} autre{plural(count)}. Pour les avoir toutes, ajoutez -o."


def nothing_to_map() -> str:
    return "aucune vérification changée n’a de position, la carte est vide ; retirez --map"


def not_a_table(path: str, kinds: str) -> str:
    return f"type de fichier inconnu : {quoted(path)} ; noms possibles : {kinds}"

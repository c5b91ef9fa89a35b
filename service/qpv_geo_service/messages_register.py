"""Texts of the register over HTTP, in French."""

from __future__ import annotations

TAG = "Registre"
TAG_DESCRIPTION = "Les vérifications enregistrées et les décisions"
LIST = "Les vérifications enregistrées"
LIST_DESCRIPTION = (
    "Les plus récentes d’abord. Demande une clé d’API, ou QPV_GEO_SERVICE_REGISTER_OPEN=true sur un poste isolé. "
    "`next` donne la valeur de `before` pour la suite."
)
SHOW = "Une vérification, avec son verdict et tout ce qui s’y rapporte"
FICHE = "La fiche d’une vérification, avec ce qui a été décidé (PDF)"
DECIDE = "Enregistrer la décision d’une personne"
DECIDE_DESCRIPTION = (
    "La réponse calculée est conservée. La décision s’affiche à côté. Refusée depuis une page d’une autre origine."
)
PARAMETER = {
    "since": "Enregistrées ce jour-là ou après, AAAA-MM-JJ (heure UTC).",
    "until": "Enregistrées ce jour-là ou avant, AAAA-MM-JJ (heure UTC).",
    "quartier": "Code du quartier, ou une partie de son nom.",
    "status": "Statut décidé, ou calculé si personne n’a décidé.",
    "outcome": "Résultat du dispositif.",
    "case": "Numéro de dossier.",
    "service": "Service qui demande.",
    "address": "Mots entiers de l’adresse demandée ou trouvée, dans leur ordre, ou longitude et latitude.",
    "current": "Laisser de côté celles qu’une autre remplace.",
    "save": "Enregistrer les vérifications dans le registre.",
    "supersedes": "Numéro de la vérification remplacée.",
    "reason": "Pourquoi elle est remplacée.",
}
BEFORE = "Numéro à partir duquel continuer, vers les plus anciennes."
SCHEME = "Dispositif examiné."
BY = "Personne qui demande, ou qui décide."
REASON = "Motif de la décision."
STATUS = "Statut décidé."
QUARTIER = "Code du quartier décidé. Sans lui, celui de la réponse."
DOCUMENT = "Document sur lequel repose la décision : son nom et son empreinte numérique (sha256)."
ID = "Numéro ou identifiant de la vérification."

NEEDS_A_KEY = (
    "le registre demande une clé d’API (en-tête X-API-Key) ; "
    "l’administrateur en règle une, ou QPV_GEO_SERVICE_REGISTER_OPEN=true sur un poste isolé"
)
OTHER_ORIGIN = "écriture refusée : la demande vient d’une page d’une autre origine ; utilisez la page de ce service"
NOT_A_DECISION = "attendu un objet JSON (application/json) avec status, reason et by, et au besoin quartier ou document"
SAVED_FIELDS = "case, service, by, supersedes et reason demandent save=true ; ajoutez-le à l’adresse"
SUPERSEDES_WITH_REASON = "supersedes et reason vont ensemble ; indiquez la vérification remplacée, et le motif"
FORBIDDEN = "Écriture refusée"


def not_loopback(host: str, hops: int) -> str:
    """Return why the register cannot be open."""
    where = f"le service est derrière {hops} mandataire(s)" if hops else f"le service écoute sur « {host} »"
    return (
        f"QPV_GEO_SERVICE_REGISTER_OPEN=true, mais {where} ; "
        "écoutez sur 127.0.0.1 sans mandataire, ou réglez QPV_GEO_SERVICE_API_KEYS"
    )

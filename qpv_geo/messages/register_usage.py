"""What the help of `qpv register` says, and of what is kept in it, in French."""

from __future__ import annotations

HELP = """Les vérifications enregistrées, ce qui a été décidé ensuite, et pourquoi.

Rien n’y est modifié. Une décision ou une vérification plus récente remplace l’ancienne, qui est conservée. Chaque
enregistrement est lié au précédent par une empreinte numérique."""
COMMANDS = {
    "recheck": "Recalculer les vérifications et dire ce qui a changé.",
    "list": "Les vérifications enregistrées.",
    "show": "Une vérification, ce qui a été calculé et ce qui a été décidé.",
    "decide": "Enregistrer la décision d’une personne sur une vérification.",
    "verify": "Contrôler que rien n’a été modifié, retiré ou ajouté.",
    "export": "Écrire les vérifications dans un fichier, signé sur demande.",
    "import": "Reprendre les enregistrements d’un export.",
    "purge": "Effacer les adresses et les dossiers d’avant une date.",
}
LIST = """Lister les vérifications enregistrées, les plus récentes d’abord.

\b
Exemple :
  qpv register list --status uncertain --since 2026-01-01"""
SHOW = """Montrer une vérification : ce qui a été calculé, ce qui a été décidé, par qui et pourquoi.

\b
Exemple :
  qpv register show 12"""
SHOW_PDF = "Écrire aussi la fiche, un PDF d’une page : la réponse calculée et la décision."
DECIDE = """Enregistrer la décision d’une personne sur une vérification.

La réponse calculée est conservée. La décision s’affiche à côté.

\b
Exemple :
  qpv register decide 12 --status inside --reason "Plan cadastral vérifié sur place" --by "Service habitat" """
VERIFY = """Parcourir le registre et nommer le premier enregistrement modifié, retiré, ajouté ou déplacé.

\b
Exemple :
  qpv register verify"""
VERIFY_HEAD = (
    "Comparer aussi avec un export signé, gardé ailleurs : il montre si la fin du registre a été coupée ou réécrite."
)
EXPORT = """Écrire les vérifications, et tout ce qui s’y rapporte.

Vers .csv ou .xlsx : un tableau. Vers .jsonl : les enregistrements entiers, que qpv verify contrôle sur une autre
machine et que qpv register import reprend. Avec --address : tout ce qui est conservé sur une adresse.

\b
Exemple :
  qpv register export -o registre.jsonl --sign --new-key"""
EXPORT_OUTPUT = "Fichier à écrire : .csv, .xlsx ou .jsonl."
EXPORT_SIGN = "Signer l’export (.jsonl) avec la clé de cette machine."
EXPORT_NEW_KEY = "Créer la clé de signature s’il n’y en a pas."
EXPORT_HEAD = "N’écrire que l’empreinte numérique du dernier enregistrement, sans aucune adresse."
IMPORT = """Reprendre les enregistrements d’un export (.jsonl), par exemple sur un nouveau serveur.

Le registre d’ici doit être celui de l’export, ou ne pas exister encore.

\b
Exemple :
  qpv register import registre.jsonl"""
PURGE = """Effacer le contenu des vérifications enregistrées avant une date, et de tout ce qui s’y rapporte.

La date, le statut, le quartier, le résultat des dispositifs et l’empreinte numérique sont conservés : le registre peut
toujours être contrôlé. Ce qui est effacé ne peut pas être retrouvé.

\b
Exemple :
  qpv register purge --before 01/01/2024"""
PURGE_BEFORE = "Les vérifications enregistrées avant ce jour (heure UTC) sont purgées."
RECHECK = """Recalculer les vérifications enregistrées, avec les périmètres, les règles et le logiciel d’aujourd’hui.

Pour une date passée, les périmètres alors en vigueur s’appliquent toujours. --generation en impose d’autres. Ce qui a
changé est ajouté au registre. Un recalcul arrêté reprend où il en était.

\b
Exemple :
  qpv register recheck --generation qpv-2024 -o changements.xlsx --map changements.html"""
RECHECK_GENERATION = "Génération à imposer (qpv-2015, qpv-2024), quelle que soit la date."
RECHECK_ADDRESSES = (
    "Chercher à nouveau les adresses dans les index installés, au lieu de garder celles qui avaient été trouvées."
)
RECHECK_DISTANCE = "Écart de distance à la limite à signaler, en mètres. Sans cette option, 10."
RECHECK_OUTPUT = "Écrire aussi ce qui a changé : .xlsx ou .csv."
RECHECK_MAP = "Écrire aussi la carte de ce qui a changé, une page web."
SINCE = "Enregistrées ce jour-là ou après (heure UTC)."
UNTIL = "Enregistrées ce jour-là ou avant (heure UTC)."
QUARTIER = "Code du quartier, ou une partie de son nom."
STATUS_HELP = "Statut décidé, ou calculé si personne n’a décidé."
SCHEME = "Vérifications où ce dispositif a été examiné."
OUTCOME = "Résultat du dispositif."
CASE = "Numéro de dossier."
ADDRESS = "Mots entiers de l’adresse demandée ou trouvée, dans leur ordre, ou longitude et latitude."
CURRENT = "Ne pas montrer celles qu’une autre remplace."
LIMIT = "Nombre de vérifications à montrer. Sans cette option, 50."
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
DECIDE_QUARTIER = "Code du quartier décidé. Sans cette option, celui de la réponse."

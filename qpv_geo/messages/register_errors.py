"""What an error of the register says: one line of French each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages import verdicts
from qpv_geo.messages.typography import numeric_day, quoted, values

if TYPE_CHECKING:
    from datetime import date


def none_yet(name: str) -> str:
    return f"aucun registre ici : {name} ; ajoutez --save à une vérification pour le commencer"


def not_a_register(name: str) -> str:
    return f"registre illisible ou endommagé : {name} ; restaurez une sauvegarde, puis contrôlez-la"


def other_version(name: str, version: str | None, known: int) -> str:
    return (
        f"registre d’une autre version ({version}, ce logiciel lit la {known}) : {name} ; "
        "exportez-le avec la version de qpv-geo qui l’a écrit, puis importez-le ici"
    )


def busy(name: str) -> str:
    return f"registre occupé par un autre traitement : {name} ; rien n’a été enregistré, réessayez"


def server_absent(name: str, why: str) -> str:
    return f"le serveur du registre ne répond pas ({why}) : {name} ; vérifiez le serveur, puis relancez la commande"


def server_refused(name: str, why: str) -> str:
    return f"le serveur du registre refuse l’opération ({why}) : {name} ; vérifiez les droits du compte"


def bad_url() -> str:
    return (
        "QPV_GEO_REGISTER_URL n’est pas l’adresse d’une base PostgreSQL ; "
        "attendu : postgresql://utilisateur:mot_de_passe@serveur/base"
    )


def not_compacted(name: str) -> str:
    return (
        f"purge faite, mais un autre traitement lit le registre : {name} ; "
        "relancez la même commande pour effacer ce qui en reste sur le disque"
    )


def not_the_owner(name: str, table: str) -> str:
    return (
        f"purge faite, mais ce compte n’est pas propriétaire de la table {table} : {name} ; "
        f"pour effacer ce qui en reste sur le disque, son propriétaire lance VACUUM FULL {table}"
    )


def purge_in_the_future(day: date) -> str:
    return f"date de purge dans le futur : {numeric_day(day)} ; donnez une date passée, ou celle d’aujourd’hui"


def no_such_entry(name: str, *, several: bool) -> str:
    if several:
        return f"plusieurs enregistrements commencent par {quoted(name)} ; donnez l’identifiant entier"
    return f"aucun enregistrement {quoted(name)} dans le registre ; cherchez son numéro dans la liste des vérifications"


def not_a_check(name: str) -> str:
    return f"l’enregistrement {quoted(name)} n’est pas une vérification ; cherchez-la dans la liste"


def purged_check(name: str) -> str:
    return f"la vérification {quoted(name)} a été purgée ; enregistrez une nouvelle vérification"


def record_of_another_release(sequence: int) -> str:
    return f"fiche impossible, la vérification {quoted(sequence)} vient d’une autre version ; affichez la vérification"


def superseded(sequence: int, later: int) -> str:
    return f"la vérification {quoted(sequence)} est déjà remplacée par la {quoted(later)} ; remplacez celle-ci"


def superseded_twice(sequence: int) -> str:
    return f"la vérification {quoted(sequence)} serait remplacée deux fois ; ne la remplacez qu’une fois"


def altered_entry(sequence: int) -> str:
    return (
        f"l’enregistrement {quoted(sequence)} a été modifié, il n’est pas montré ; "
        "contrôlez le registre, puis restaurez une sauvegarde"
    )


def empty_filter(name: str) -> str:
    return f"filtre vide : {name} ; donnez une valeur, ou retirez-le pour tout montrer"


def address_without_words(given: str) -> str:
    return f"adresse sans lettre ni chiffre : {quoted(given)} ; donnez des mots entiers, dans leur ordre"


def bad_status(value: str, choices: list[str]) -> str:
    return f"statut inconnu : {quoted(value)} ; valeurs possibles : {values(choices)}"


def needed(what: str) -> str:
    told = {"reason": "le motif de la décision", "by": "le nom de la personne qui décide"}[what]
    return f"il manque {told} ; une décision indique toujours son auteur et son motif"


def long_label(what: str, value: str, most: int) -> str:
    named = {"case": "numéro de dossier", "service": "nom du service", "by": "nom de la personne", "reason": "motif"}
    return f"{named[what]} trop long : {quoted(value)} ; {verdicts.number(most)} caractères au plus"


def quartier_without_status(code: str) -> str:
    return f"un quartier ({code}) ne va qu’avec une décision en QPV ou à vérifier ; retirez-le, ou changez le statut"


def unknown_quartier(code: str) -> str:
    return f"aucun quartier {quoted(code)} dans les périmètres installés ; vérifiez le code"


def supersedes_with_reason() -> str:
    return "--supersedes et --reason vont ensemble ; indiquez la vérification remplacée, et le motif"


def saving_without_save(options: list[str]) -> str:
    return f"{', '.join(options)} sans --save ; ajoutez --save pour enregistrer la vérification"


def saving_with_perimeters() -> str:
    return "--save et --perimeters ne vont pas ensemble ; installez d’abord ces périmètres"


def recheck_in_progress() -> str:
    return "un autre recalcul du registre est en cours ; attendez qu’il finisse, puis relancez la même commande"


def no_key(path: str) -> str:
    return f"aucune clé de signature : {path} ; ajoutez --new-key pour en créer une"


def bad_key(path: str) -> str:
    return f"clé de signature illisible : {path} ; remplacez-la par sa sauvegarde, ou retirez-la et ajoutez --new-key"


def not_a_public_key(given: str) -> str:
    return f"clé publique illisible : {quoted(given)} ; donnez le fichier register-key.pub, ou ce qu’il contient"


def not_an_export(name: str) -> str:
    return f"ce n’est pas un export du registre : {quoted(name)} ; donnez un fichier .jsonl exporté du registre"


def altered_export(name: str, what: str, sequence: int | None) -> str:
    where = "" if sequence is None else f", enregistrement n° {sequence}"
    return f"export modifié ({EXPORT_FAULT[what]}{where}) : {quoted(name)} ; reprenez le fichier d’origine"


def other_register(name: str, here: str) -> str:
    return f"{quoted(name)} vient d’un autre registre que {here} ; importez-le dans un QPV_GEO_HOME sans registre"


def diverging_export(name: str, sequence: int) -> str:
    return f"{quoted(name)} et le registre diffèrent à l’enregistrement n° {sequence} ; gardez les deux et comparez-les"


def partial_export(name: str, sequence: int) -> str:
    return f"{quoted(name)} ne contient pas l’enregistrement n° {sequence}, le suivant ici ; importez un export entier"


def key_of_an_export_only() -> str:
    return "--key demande un export du registre (.jsonl) ; une réponse seule n’a pas de signature, retirez --key"


def key_of_a_head_only() -> str:
    return "--key sans --head ; donnez l’export signé à comparer, ou retirez --key"


def other_key(name: str, fingerprint: str) -> str:
    return f"{quoted(name)} est signé par une autre clé ({fingerprint}) ; prenez l’export signé par la clé attendue"


def only_signed(path: str) -> str:
    return f"--sign, --new-key et --head demandent un fichier .jsonl, pas {quoted(path)}"


EXPORT_FAULT = {
    "file": "le fichier n’est plus celui qui a été écrit",
    "altered": "un enregistrement a été modifié",
    "content_altered": "le contenu d’un enregistrement a été modifié",
    "content_missing": "le contenu d’un enregistrement a été effacé sans purge",
    "content_added": "un contenu a été ajouté sans enregistrement",
    "missing": "un enregistrement manque",
    "head": "les derniers enregistrements manquent",
    "signature": "la signature n’est pas celle de ce contenu",
}

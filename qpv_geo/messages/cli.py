"""What the command line says, in French: help, headings, and the words of its answers."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from qpv_geo.messages import verdicts as tell
from qpv_geo.messages.typography import one_line, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

USAGE = "Usage : "
_HEADINGS = {"Commands": "Commandes", "Positional arguments": "Arguments"}
HELP_OPTION = "Afficher cette aide."
REQUIRED = "obligatoire"
VERSION_OPTION = "Afficher la version."


def heading(english: str) -> str:
    return f"{_HEADINGS.get(english, english)} :"


def error_line(message: str) -> str:
    return f"qpv : {one_line(message)}"


# ── Wrong use ────────────────────────────────────────────────────────────────────────────────────────────────


def see_help(wrong: str, command: str) -> str:
    return f"{wrong} ; voyez : {command} --help"


def _meant(near: Iterable[str]) -> str:
    return " ou ".join(map(quoted, near)) and f" ; vouliez-vous dire {' ou '.join(map(quoted, near))} ?"


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
    return f"argument en trop : {quoted(arguments)}"


def wrong_use() -> str:
    return "commande mal formée"


def not_a_choice(value: str, choices: list[str]) -> str:
    return f"valeur inconnue : {quoted(value)} ; valeurs possibles : {', '.join(choices)}"


def not_within(value: object, least: int, most: int) -> str:
    return f"valeur invalide : {quoted(value)} ; donnez un nombre entier de {least} à {most}"


def not_a_number(value: object) -> str:
    return f"valeur invalide : {quoted(value)} ; donnez un nombre"


def needs_site() -> str:
    return "--layer et --encoding décrivent le fichier d’un site ; donnez-le avec --site"


def lines_alone() -> str:
    return "des adresses lues sur l’entrée standard (-) ne vont pas avec un point, un site, --scheme, --pdf ou --save"


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
    return " ; ".join(f"{word} : {numbers}" for word, numbers in parts if numbers)


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


def dated(day: str, generation: str | None, *, forced: bool) -> str:
    if generation is None:
        return day
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


STATED = "Commune"


def stated(text: str, source: str) -> str:
    """Return what a town says of a place: « entré dans le QPV en 2024 d’après la ville de Loos » (source : …)."""
    return f"{quoted(text)} (source : {source})"


def fingerprint(digest: str) -> str:
    return f"{digest[:16]}… (qpv verify la recalcule d’après la sortie --format json)"


# ── Perimeters ───────────────────────────────────────────────────────────────────────────────────────────────

EMBEDDED, INSTALLED = "livré", "installé"
COVERAGE = {"all": "toute la France", "area": "partielle", "none": "inconnue"}
_EXPORTED = {
    "all": "Périmètres complets pour toute la France.",
    "area": "Périmètres complets dans la zone « coverage » seulement. Ailleurs, les données sont incomplètes.",
    "none": "On ne sait pas où ces périmètres sont complets.",
}
CAN_BE_FETCHED = "À télécharger"
ALIASES, AREA, COMMUNES, CODE, DATASET = "Nom d’usage", "Surface", "Communes", "Code", "Jeu"


def export_description(coverage: str, commune: str | None) -> str:
    """Say where the perimeters of an exported file are complete; `coverage` is a `Coverage.kind`."""
    chosen = "" if commune is None else f" Seuls ceux de la commune {quoted(commune)} sont dans ce fichier."
    return _EXPORTED[coverage] + chosen


def exported(count: int, path: str) -> str:
    return f"{path} : {perimeters(count)}"


def perimeters(count: int) -> str:
    return f"{count} périmètre{'s' if count > 1 else ''}"


def dataset_line(dataset: str, state: str, title: str) -> str:
    return f"{dataset}  [{state}]  {title}"


def dataset_facts(count: int, kind: str, coverage: str, precision: str) -> str:
    return f"{perimeters(count)} ({kind}), couverture : {coverage}, coordonnées à {precision} près"


def used_for(generation: str) -> str:
    return f"utilisé pour {generation}"


def dataset_origin(source: str, edition: str | None, licence: str | None, sha256: str) -> str:
    parts = [source, f"édition {edition}" if edition else "", licence or "", f"sha256 {sha256[:12]}…"]
    return ", ".join(part for part in parts if part)


def local_name(name: str, label: str, source: str) -> str:
    return f"{quoted(name)} est un nom d’usage ({source}). Ce qui suit est le quartier {label} entier."


def download_line(download: str, title: str, command: str) -> str:
    return f"{download}  {title} : {command}"


def installed(dataset: str, count: int, coverage: str, precision: str, path: str) -> str:
    facts = f"{perimeters(count)}, couverture : {coverage}, coordonnées à {precision} près"
    return f"{dataset} installé : {facts}, dans {path}"


def recorded(sha256: str, source: str) -> str:
    return f"empreinte numérique enregistrée : sha256 {sha256} ({source})"


def downloading(title: str) -> str:
    return f"Téléchargement : {title}"


def downloaded(share: float) -> str:
    return f"{100 * share:.0f} %"


def correspondence_kept(later: int, earlier: int, entered: int, merged: int, split: int) -> str:
    parts = [
        f"{tell.number(later)} quartiers de 2024",
        f"{tell.number(earlier)} de 2015",
        f"{entered} entré{_s(entered)}" if entered else "",
        f"{merged} qui réuni{'ssent' if merged > 1 else 't'} plusieurs anciens" if merged else "",
        f"{split} ancien{_s(split)} partagé{_s(split)}" if split else "",
    ]
    return f"correspondance enregistrée : {', '.join(part for part in parts if part)}"


def _s(count: int) -> str:
    return "s" if count > 1 else ""


def removed(dataset: str) -> str:
    return f"{dataset} retiré"


def dataset_sound(dataset: str, count: int, sha256: str) -> str:
    return f"{dataset} : intact, {perimeters(count)}, sha256 {sha256[:12]}…"


# ── Verification ─────────────────────────────────────────────────────────────────────────────────────────────

IDENTICAL = "IDENTIQUE : le verdict recalculé est le même, empreinte numérique comprise."
SAME_ANSWER = "MÊME RÉPONSE, mais quelque chose diffère."
OTHER_ANSWER = "RÉPONSE DIFFÉRENTE de celle du verdict conservé."
ALTERED_RECORD = "VERDICT MODIFIÉ : son contenu ne correspond pas à son empreinte numérique."
UNEXPLAINED = (
    "Le logiciel, les données et les seuils sont les mêmes. "
    "Le verdict conservé n’a donc pas été calculé tel qu’il est écrit."
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


# ── Redraw ───────────────────────────────────────────────────────────────────────────────────────────────────

UNKNOWN = "inconnue"
CHANGE = {
    "entering": "entre",
    "leaving": "sort",
    "modified": "modifié",
    "unchanged": "inchangé",
    "not_comparable": "non comparable",
    "added": "ajouté",
    "removed": "retiré",
}
_COUNTED = {
    "entering": ("entre", "entrent"),
    "leaving": ("sort", "sortent"),
    "modified": ("modifié", "modifiés"),
    "unchanged": ("inchangé", "inchangés"),
    "not_comparable": ("non comparable", "non comparables"),
}
NO_QUARTIER = (
    "Aucun quartier. Vérifiez la commune : son code INSEE (59360 pour Loos), pas son code postal, ou son nom entier."
)


def redraw(before: str, after: str, commune: str | None) -> str:
    return f"De {before} à {after}" + (f", commune {commune}" if commune else "")


def redraw_missing(generation: str) -> str:
    return f"Périmètres {generation} absents : la comparaison est incomplète. Ce qui est publié ou a été mesuré :"


def about(text: str) -> str:
    return f"environ {text}"


def fact_source(source: str, read_on: date) -> str:
    return f"[{source}, lu le {tell.day(read_on)}]"


NO_FACTS = "Rien n’est livré sur le redécoupage de cette commune."


def redraw_counts(counts: dict[str, int]) -> str:
    total = sum(counts.values())
    parts = [f"{count} {_COUNTED[change][count > 1]}" for change, count in counts.items() if count]
    return f"{total} quartier{'s' if total > 1 else ''} : {', '.join(parts)}."


def redraw_totals(before: str, after: str, added: str, removed: str, unknown: str | None) -> str:
    rest = f" Non comparable (données incomplètes ici) : {unknown}." if unknown else ""
    return f"Surface : {before} → {after}. Ajouté : {added}, retiré : {removed}.{rest}"


def redraw_rule(width: str, area: str) -> str:
    return (
        f"Les écarts de moins de {width} de large (arrondis) ne comptent pas. "
        f"Les parties d’au moins {area} m² sont citées."
    )


def redraw_unattached(count: int) -> str:
    return (
        f"{count} quartier{'s' if count > 1 else ''} du département sans code INSEE ni nom de commune : "
        "on ne peut pas les rattacher à une commune."
    )


def redraw_areas(before: str, after: str) -> str:
    return f"Surface : {before} → {after}"


def redraw_piece(change: str, area: str, lon: float, lat: float, code: str) -> str:
    return f"{change} : {area} m² autour de longitude {lon:.5f}, latitude {lat:.5f} ({code})"


def redraw_smaller(count: int, area: str) -> str:
    return f"et {count} partie{'s' if count > 1 else ''} plus petite{'s' if count > 1 else ''} ({area} m² en tout)"


def redraw_incomplete(area: str | None) -> str:
    if area is None:
        return "Non comparable : les données sont incomplètes ici."
    return f"Non comparable sur {area} m² : les données y sont incomplètes."


# ── Addresses ──────────────────────────────────────────────────────────────────────────────────────────────────────

NO_ADDRESSES = "Aucun index d’adresses. Pour en télécharger un : qpv addresses fetch 86"
NOTHING_NEAR = "Aucune adresse connue à moins de quelques centaines de mètres."


def indexing(name: str) -> str:
    return f"Indexation : {name}"


def addresses_of(department: str) -> str:
    return f"adresses du département {department}"


def index_facts(count: int, rows: str, places: str, megabytes: str) -> str:
    return f"{rows} adresse{'s' if count > 1 else ''}, {places} voies, lieux-dits et communes, {megabytes} Mo"


def imported_at(moment: str) -> str:
    return f"importé le {moment}"


def near(label: str, lon: float, lat: float, source: str) -> str:
    return f"{label}  (longitude {lon:.6f}, latitude {lat:.6f}, {source})"

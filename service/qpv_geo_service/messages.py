"""French texts of the HTTP API: titles and details of its problems, and its documentation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qpv_geo.messages.errors import other_workbook
from qpv_geo.messages.typography import joined, number, one_line, quoted, values
from qpv_geo_service import messages_list, messages_register
from qpv_geo_service.parameter_names import nearest_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

# ── Titles of problems ─────────────────────────────────────────────────────────────────────────────────────────────

BAD_INPUT = "Demande incomprise"
BAD_PERIMETERS = "Périmètres inutilisables"
ALTERED_DATA = "Données altérées"
MISSING_DATA = "Données manquantes"
MISSING_PERIMETERS = "Périmètres non installés"
REMOTE_FAILED = "Service distant en échec"
REMOTE_STALLED = "Service distant sans réponse"
UNAUTHORIZED = "Clé d’accès requise"
UNKNOWN = "Introuvable"
UNFINISHED = "Pas de résultat"
NOT_RESUMABLE = "Reprise impossible"
UNSUPPORTED = "Format non pris en charge"
TOO_LARGE = "Demande trop volumineuse"
SLOW_CLIENT = "Envoi trop lent"
TOO_MANY = "Trop de demandes"
BUSY = "Service occupé"
TIMED_OUT = "Réponse trop longue"
STORAGE = "Stockage indisponible"
INTERNAL = "Erreur interne"
INTERNAL_DETAIL = "le service n’a pas pu répondre ; prévenez l’administrateur, l’erreur est dans le journal"
STORAGE_DETAIL = "l’espace de travail du service ne peut pas être lu ou écrit ; prévenez l’administrateur"
HTTP = {
    400: "Demande incomprise",
    404: "Introuvable",
    405: "Méthode non permise",
    415: "Format non pris en charge",
    422: "Demande incomprise",
}
HTTP_DETAIL = {
    400: "la demande ne respecte pas le format attendu",
    404: "aucune ressource à cette adresse ; voyez /docs",
    405: "cette méthode n’est pas permise à cette adresse ; voyez /docs",
}

# ── Details ────────────────────────────────────────────────────────────────────────────────────────────────────────

MISSING_KEY = "clé d’accès absente ou inconnue ; joignez-la dans l’en-tête X-API-Key"
UPLOADS_BUSY = "trop de fichiers sont traités en ce moment ; réessayez dans quelques secondes"
QUEUE_FULL = "trop de fichiers attendent leur tour ; réessayez plus tard"
NO_FILE = "aucun fichier reçu ; joignez un fichier CSV ou XLSX au champ « file » d’un formulaire multipart/form-data"
SEVERAL_FILES = "plusieurs fichiers reçus ; joignez-en un seul au champ « file »"
EMPTY_FILE = "le fichier reçu est vide"
NOT_MULTIPART = "corps attendu : multipart/form-data, avec le fichier dans le champ « file »"
BAD_FORM = (
    "formulaire multipart illisible ou trop chargé ; envoyez un fichier dans « file » et les options, rien d’autre"
)
NOT_GEOJSON_BODY = "corps attendu : un objet GeoJSON (géométrie, Feature ou FeatureCollection) en longitude et latitude"
NO_BODY_EXPECTED = "corps inattendu ; donnez les options en paramètres de l’adresse"
NO_DOCS_ASSETS = "la documentation interactive (Swagger UI) n’est pas installée ; prévenez l’administrateur"
NO_MAP_ASSETS = "les fichiers de la carte (Leaflet) ne sont pas installés ; prévenez l’administrateur"
NOT_A_LIST_BODY = (
    "corps attendu : une liste JSON de questions, chacune un objet avec les noms des paramètres de /v1/check"
)
NOT_A_QUESTION = "question attendue : un objet JSON, avec les noms des paramètres de /v1/check"
NOT_FEATURES = "FeatureCollection incomplète : le membre « features » doit être une liste"
TOO_DEEP = "corps imbriqué trop profondément ; retirez les propriétés inutiles"
ONE_OF_Q_LON_LAT_SITE = "donnez une adresse (q), un point (lon et lat) ou un site (site), un seul des trois"
ONE_OF_Q_LON_LAT = "donnez une adresse (q) ou un point (lon et lat), l’un ou l’autre"
STOPPED_TOO_OFTEN = "le traitement de ce fichier a été interrompu trois fois et abandonné ; prévenez l’administrateur"
JOB_CRASHED = "le traitement de ce fichier a échoué ; prévenez l’administrateur, l’erreur est dans le journal"


def too_many(count: int, window_s: int, seconds: int) -> str:
    window = {1: "par seconde", 60: "par minute", 3600: "par heure", 86_400: "par jour"}.get(
        window_s, f"en {window_s} s"
    )
    return f"plus de demandes que la limite ({count} {window}) ; réessayez dans {seconds} s"


def body_too_large(limit: int) -> str:
    return f"corps de plus de {number(limit)} octets ; envoyez un fichier plus petit"


def too_many_rows(limit: int) -> str:
    return f"plus de {number(limit)} lignes ; divisez le fichier"


def too_many_questions(limit: int, count: int) -> str:
    received = f"{number(count)} questions reçues, {number(limit)} au plus"
    return f"{received} ; envoyez-les en plusieurs fois, ou en fichier à /v1/batch"


def not_json(expected: str, line: int, column: int) -> str:
    return f"{expected} ; JSON illisible à la ligne {line}, colonne {column}"


def given_twice(name: str) -> str:
    return f"{quoted(name)} est donné deux fois dans un même objet ; gardez une seule valeur"


def feature(number: int) -> str:
    return f"objet n° {number}"


def not_a_feature(number: int) -> str:
    return (
        f"{feature(number)} de la collection invalide ; donnez un Feature GeoJSON, avec « properties » (objet ou null)"
    )


def has_an_answer(number: int) -> str:
    return f"{feature(number)} de la collection : propriété « qpv » déjà présente ; renommez-la ou retirez-la"


def slow_client(seconds: float) -> str:
    return f"le corps de la demande n’est pas arrivé en {seconds:.0f} s ; réessayez"


def timed_out(seconds: float) -> str:
    return f"pas de réponse en {seconds:.0f} s ; réessayez"


def sync_timed_out(seconds: float) -> str:
    return f"fichier non traité en {seconds:.0f} s ; renvoyez-le avec job=true pour le traiter en tâche de fond"


def unknown_job(job: str) -> str:
    return f"traitement {quoted(job)} introuvable ; son identifiant est inconnu, ou son résultat n’est plus disponible"


def job_unfinished(state: str) -> str:
    return f"pas encore de résultat, traitement à l’état {quoted(state)} ; redemandez son avancement"


def job_failed(cause: str) -> str:
    return f"pas de résultat : {cause}"


def not_resumable(state: str) -> str:
    return f"traitement à l’état {quoted(state)} ; la reprise vaut après une panne du géocodeur ou une donnée absente"


def without_geocoder(message: str) -> str:
    return (
        f"{message} ; ou renvoyez le fichier avec offline=true, les adresses absentes de ce serveur seront alors "
        "non localisées"
    )


def unknown_perimeter(code: str, generation: str | None) -> str:
    where = "" if generation is None else f" de {generation}"
    return f"périmètre {quoted(code)} absent{where or ' des périmètres installés'}"


def unknown_set(name: str, known: Iterable[str]) -> str:
    return f"jeu de périmètres inconnu : {quoted(name)} ; valeurs possibles : {values(known)}"


def unknown_kind(kind: str, known: Iterable[str]) -> str:
    return f"type de périmètre inconnu : {quoted(kind)} ; valeurs possibles : {values(known)}"


def bad_prefix(value: str) -> str:
    return (
        f"X-Forwarded-Prefix : {quoted(value)} n’est pas un chemin ; corrigez-le dans le mandataire, par exemple /qpv"
    )


def bad_bbox(value: str) -> str:
    return f"bbox invalide : {quoted(value)} ; donnez lon_min,lat_min,lon_max,lat_max en degrés"


def wide_bbox(most: float) -> str:
    return f"emprise trop grande : au plus {str(most).replace('.', ',')} degré de côté ; réduisez « bbox »"


def unsupported_file(name: str, known: Iterable[str]) -> str:
    return (
        other_workbook(name[:80]) or f"format non pris en charge : {quoted(name)} ; formats acceptés : {values(known)}"
    )


# ── Parameters ─────────────────────────────────────────────────────────────────────────────────────────────────────

FAULT = "valeur refusée"
UNKNOWN_PARAMETER = "paramètre inconnu"
FAULTS = {
    "missing": "paramètre obligatoire absent",
    "repeated": "paramètre donné plusieurs fois",
    "float_parsing": "nombre attendu, avec un point décimal",
    "float_type": "nombre attendu, avec un point décimal",
    "finite_number": "nombre fini attendu",
    "int_parsing": "nombre entier attendu",
    "int_type": "nombre entier attendu",
    "bool_parsing": "true ou false attendu",
    "greater_than": "valeur trop petite",
    "greater_than_equal": "valeur trop petite",
    "less_than": "valeur trop grande",
    "less_than_equal": "valeur trop grande",
    "string_type": "texte attendu, entre guillemets",
    "tuple_type": "liste attendue",
    "dict_type": "objet GeoJSON attendu",
    "string_too_short": "texte trop court",
    "string_too_long": "texte trop long",
    "string_pattern_mismatch": "forme inattendue",
    "literal_error": "valeur inconnue",
    "too_long": "trop de valeurs",
    "date_from_datetime_parsing": "date attendue, de la forme AAAA-MM-JJ",
    "date_parsing": "date attendue, de la forme AAAA-MM-JJ",
}


_AT_LEAST, _AT_MOST = ("gt", "ge", "min_length"), ("lt", "le", "max_length")


def fault(kind: str, value: object = None, bounds: Mapping[str, object] | None = None) -> str:
    """Return what is wrong with a value: nombre attendu, avec un point décimal ; reçu « x »."""
    parts = [FAULTS.get(kind, FAULT)]
    for names, words in ((_AT_LEAST, "au moins"), (_AT_MOST, "au plus")):
        parts += [f"{words} {bound}" for name, bound in (bounds or {}).items() if name in names]
    if bounds and "expected" in bounds:  # 'short' or 'all'
        possible = re.findall("'([^']*)'", str(bounds["expected"]))
        parts.append(f"valeurs possibles : {values(possible)}")
    if isinstance(value, str | int | float) and kind not in {"missing", "repeated"}:
        parts.append(f"reçu {quoted(value, 40)}")
    return joined(parts)


def unknown_parameter(name: str, known: Collection[str], fields: Collection[str] = ()) -> str:
    """Return that a parameter is unknown, with the nearest known one, else the form that has it, else all known."""
    told, like = f"{UNKNOWN_PARAMETER} : {quoted(name)}", name[:60].strip().lower().replace("-", "_")
    if like in fields:
        return f"{told} ; {quoted(like)} est un champ du formulaire, à joindre au corps de la demande"
    near = nearest_name(like, known)
    if near is not None:
        return f"{told} ; vouliez-vous dire {quoted(near)} ?"
    return f"{told} ; " + (f"paramètres possibles : {values(known)}" if known else "cette adresse n’en prend aucun")


def bad_parameters(faults: Iterable[tuple[str, str]]) -> str:
    return joined(text if text.startswith(UNKNOWN_PARAMETER) else f"{name} : {text}" for name, text in faults)


# ── Documentation ──────────────────────────────────────────────────────────────────────────────────────────────────

API_TITLE = "qpv-geo"
API_DESCRIPTION = (
    "Une adresse, un point ou un site est-il en quartier prioritaire (QPV) à une date donnée ? La réponse, son degré "
    "de certitude et ses justificatifs.\n\nCoordonnées en degrés WGS84, dates ISO 8601, distances en "
    "mètres, négatives à l’intérieur. Un paramètre vide compte comme absent. Les erreurs suivent la RFC 9457 "
    "(`application/problem+json`).\n\n"
    "*Résultat indicatif, ne vaut pas attestation réglementaire.*"
)
TAG_ANSWERS, TAG_ADDRESSES, TAG_PERIMETERS = "Réponses", "Adresses", "Périmètres"
TAG_REFERENCE, TAG_FILES, TAG_OPERATIONS = "Référence", "Fichiers", "Exploitation"
TAGS = {
    TAG_ANSWERS: "Une adresse, un point ou un site est-il en QPV ?",
    TAG_ADDRESSES: "Suggestions d’adresses",
    TAG_PERIMETERS: "Les périmètres, en GeoJSON",
    TAG_REFERENCE: "Dispositifs, projets financés, redécoupages",
    TAG_FILES: "Traiter un fichier entier",
    messages_register.TAG: messages_register.TAG_DESCRIPTION,
    TAG_OPERATIONS: "Surveiller le service",
}
CHECK = "Une adresse ou un point est-il en QPV ?"
CHECK_SITE = "Un site (GeoJSON) est-il en QPV ?"
CHECK_SITE_DESCRIPTION = (
    "Une géométrie ou un Feature est un seul site. Une FeatureCollection (1 000 objets au plus) est rendue telle "
    "quelle, et chaque objet reçoit la propriété `qpv` : son verdict, ou le problème rencontré (géométrie absente, par "
    "exemple). Une collection dont un objet a déjà une propriété `qpv` est refusée."
)
CHECKS = "Poser plusieurs questions à la fois"
CHECKS_DESCRIPTION = (
    "Une liste d’au plus 1 000 questions, chacune avec les noms des paramètres de `GET /v1/check`, ou un site GeoJSON "
    "(`site`) ; `answers` donne dans l’ordre le même verdict que `GET /v1/check`, ou un problème : une question "
    "fautive n’empêche pas les autres. Les adresses absentes de ce serveur sont demandées ensemble au service "
    "national, qui donne seulement la plus ressemblante. La réponse est la même que pour une question seule, mais les "
    "justificatifs et l’empreinte numérique diffèrent."
)
SUGGEST = "Suggestions d’adresses"
ADDRESSES = "Les adresses installées dans une emprise"
ADDRESSES_DESCRIPTION = (
    "Les numéros des index d’adresses installés dans une emprise d’au plus 0,03 degré de côté, du plus proche au plus "
    "éloigné de son centre. Une liste vide dit qu’aucune adresse n’est installée ici, pas qu’il n’y en a aucune."
)
WRITING = {
    "lon_lat": "longitude, latitude",
    "lat_lon": "latitude, longitude",
    "lambert_93": "Lambert 93",
}
PERIMETERS = "Les périmètres, en GeoJSON"
PERIMETER = "Un périmètre, en GeoJSON"
SCHEMES = "Les dispositifs connus"
PROJECTS = "Les projets financés publiés, et leurs sommes"
DIFF = "Ce qui a changé entre deux générations"
FICHE = "La fiche PDF d’une réponse"
BATCH = "Traiter un fichier d’adresses ou de coordonnées"
JOB = "L’avancement d’un traitement"
RESUME = "Reprendre un traitement arrêté par une panne du géocodeur ou une donnée absente"
RESUME_DESCRIPTION = (
    "Un traitement qui a `links.resume` reprend où il s’est arrêté, une fois le géocodeur revenu ou la donnée "
    "installée. Avec `offline`, il recommence sans le service national : les adresses absentes de ce serveur sont non "
    "localisées, jamais hors QPV."
)
RESULT = "Le fichier d’un traitement terminé"
HEALTH = "Le service est-il en vie ?"
READY = "Les données sont-elles chargées et intactes ?"
METRICS = "Mesures, au format de Prometheus"
CARTE = "La carte des projets financés"

PARAMETER = {
    "q": "Adresse. Sinon, lon et lat.",
    "lon": "Longitude, en degrés.",
    "lat": "Latitude, en degrés.",
    "on": "Date de la question, AAAA-MM-JJ ou JJ/MM/AAAA. Sans elle, aujourd’hui.",
    "generation": "Génération à utiliser quelle que soit la date, par exemple qpv-2015.",
    "accuracy": "Marge d’erreur du point, en mètres.",
    "citycode": "Code INSEE de la commune (ce n’est pas le code postal).",
    "postcode": "Code postal.",
    "scheme": "Dispositif à examiner ; peut être répété.",
    "amount": "Montant demandé, en euros, pour les dispositifs.",
    "answer": "Réponse à une question des dispositifs, QUESTION:oui ou QUESTION:non ; peut être répété.",
    "kind": "Type de périmètre à vérifier ; peut être répété.",
    "limit": "Nombre maximal de résultats.",
    "offline": "Ne rien demander au service national.",
    "offset": "Rang du premier résultat, à partir de 0.",
    "commune": "Commune : code INSEE (ce n’est pas le code postal) ou nom.",
    "bbox": "Emprise : lon_min,lat_min,lon_max,lat_max, en degrés.",
    "by": "Critère de regroupement.",
    "before": "Périmètres d’avant.",
    "after": "Périmètres d’après.",
    "min_area": "Surface à partir de laquelle une partie est citée, en m².",
    "format": "json ou geojson.",
    "code": "Code du périmètre, par exemple QN05975M.",
    "id": "Identifiant du traitement.",
    "site": "Site GeoJSON, en longitude et latitude : géométrie, Feature ou FeatureCollection (réunie). Sinon, q.",
} | messages_register.PARAMETER
FORM = {
    "file": "Fichier CSV, XLSX, Parquet, GeoPackage ou GeoJSON. La réponse est du même type.",
    "address_column": "Colonne d’adresse. Répétez-la pour les colonnes qui composent l’adresse, dans l’ordre.",
    "lon_column": "Colonne des longitudes.",
    "lat_column": "Colonne des latitudes.",
    "point_column": "Colonne qui donne le lieu en une cellule : « 46.58, 0.34 », WKT ou GeoJSON.",
    "date_column": "Colonne des dates.",
    "postcode_column": "Colonne des codes postaux.",
    "citycode_column": "Colonne des codes INSEE.",
    "amount_column": "Colonne des montants demandés, en euros, pour les dispositifs.",
    "on": "Date de toutes les lignes, AAAA-MM-JJ ou JJ/MM/AAAA.",
    "corrections": messages_list.CORRECTIONS,
    "generation": "Génération à utiliser quelle que soit la date.",
    "kind": "Type de périmètre à vérifier ; peut être répété.",
    "scheme": "Dispositif à examiner, dans une colonne dispositif_… de plus ; peut être répété.",
    "accuracy": "Marge d’erreur des coordonnées, en mètres.",
    "crs": "Système de coordonnées, par exemple EPSG:2154.",
    "encoding": "Encodage d’un CSV.",
    "delimiter": "Séparateur d’un CSV.",
    "layer": "Feuille d’un classeur, couche d’un GeoPackage.",
    "header_row": "Ligne des en-têtes d’un CSV ou d’un classeur, à partir de 1, si elle est mal reconnue.",
    "columns": "Colonnes de réponse : short (en français) ou all. Par défaut, short dans un classeur, all ailleurs.",
    "offline": PARAMETER["offline"],
    "strict": "S’arrêter à la première ligne illisible.",
    "replace_columns": "Remplacer les colonnes de réponse que le fichier a déjà.",
    "job": "Traiter en tâche de fond, quelle que soit la taille.",
    "dry_run": "Montrer seulement comment le fichier est lu.",
}


# ── What the library says ──────────────────────────────────────────────────────────────────────────────────────────

_FIELDS = FORM.keys() | {"amount", "answer"}

_SAID = re.compile(
    r"(?P<otherwise>,? ou [^,;:]*?)?(?:\bbatch )?--(?P<option>[a-z]+(?:-[a-z]+)*)"
    r"(?: (?P<value>EPSG:\d+|\d+|utf-8\+cp1252))?"
)


def by_fields(message: str) -> str:
    """Return a message of the library on one line, with API fields in place of command-line options.

    ``--lon-column`` becomes « lon_column », ``--crs EPSG:2154`` becomes « crs=EPSG:2154 ». An alternative (« ou … »)
    whose option is not a field of the API is dropped.
    """
    return _SAID.sub(_by_field, one_line(message))


def _by_field(said: re.Match[str]) -> str:
    otherwise, option, value = said.group("otherwise", "option", "value")
    name = (option or "").replace("-", "_")
    if name in _FIELDS:
        return f"{otherwise or ''}{quoted(f'{name}={value}' if value else name)}"
    return "" if otherwise else said[0]

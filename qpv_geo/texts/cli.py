"""What the command line says, in French: help, headings, and the words of its answers."""

from __future__ import annotations

USAGE = "Usage : "
HEADINGS = {"Commands": "Commandes", "Positional arguments": "Arguments"}
HELP_OPTION = "Afficher cette aide."
VERSION_OPTION = "Afficher la version."

# ── Help ─────────────────────────────────────────────────────────────────────────────────────────────────────

QPV = """Cette adresse, ce point, ce site est-il dans un quartier prioritaire (QPV), à cette date ?

La réponse dit aussi à quel point elle est sûre et ce qui la prouve. Résultat indicatif, ne vaut pas attestation
réglementaire."""

COMMANDS = {
    "addresses": "Les adresses hors ligne : importer, télécharger, voir.",
    "check": "Vérifier une adresse, un point ou un site à une date.",
    "diff": "Ce qui a changé entre deux générations de périmètres.",
    "perimeters": "Les périmètres : voir, télécharger, importer, contrôler.",
    "verify": "Recalculer un verdict conservé et dire ce qui diffère.",
}

CHECK = """Vérifier si une adresse, un point ou un site est en QPV à une date.

Une adresse : ADRESSE, cherchée dans les index de cette machine, puis auprès du service national. Un point :
--lon et --lat, en degrés décimaux. Un site : --site, un fichier de points, de lignes ou de polygones.
La date choisit la génération de périmètres en vigueur ; sans elle, c'est aujourd'hui.

Exemples : qpv check "Collège René Descartes, 59120 Loos" ; qpv check --lon 3.00671 --lat 50.60889 --on 2024-06-01"""
CHECK_POSTCODE = "Chercher l'adresse dans ce code postal."
CHECK_CITYCODE = "Chercher l'adresse dans la commune de ce code INSEE (pas le code postal)."
OFFLINE = "Ne rien demander au réseau : seuls les index de cette machine répondent."
NO_CACHE = "Ne pas utiliser les réponses conservées du service national, et n'en conserver aucune."
CHECK_LON = "Longitude du point, en degrés décimaux (WGS84)."
CHECK_LAT = "Latitude du point, en degrés décimaux (WGS84)."
CHECK_SITE = "Fichier du site : GeoJSON, GeoPackage, Shapefile ou GeoParquet."
CHECK_LAYER = "Couche du fichier, s'il en contient plusieurs."
CHECK_ON = "Date de la question ; sans elle, aujourd'hui."
CHECK_GENERATION = "Imposer une génération (qpv-2015, qpv-2024) quelle que soit la date."
CHECK_ACCURACY = "De combien de mètres le point peut être faux."
CHECK_KIND = "Type de périmètre sur lequel porte la réponse ; répétable. Sans lui : qpv."
FORMAT = "Présentation de la réponse."

ADDRESSES = """Chercher des adresses sans réseau.

Un index par département, fait de la Base Adresse Nationale ou d'une Base Adresse Locale."""
ADDRESSES_COMMANDS = {
    "import": "Faire l'index d'un fichier d'adresses.",
    "fetch": "Télécharger les adresses d'un département et en faire l'index.",
    "status": "Les index présents.",
    "near": "L'adresse la plus proche d'un point.",
}
ADDRESSES_IMPORT = """Faire l'index d'un fichier d'adresses : CSV de la Base Adresse Nationale, lieux-dits, ou Base
Adresse Locale (1.3, 1.4), compressé par gzip ou non.

Exemple : qpv addresses import adresses-86.csv.gz"""
ADDRESSES_ID = "Nom de l'index ; sans lui, le département que dit le nom du fichier, ou ce nom."
ADDRESSES_FETCH = "Télécharger les adresses d'un département (86, 2A, 974) et en faire l'index."
ADDRESSES_STATUS = "Montrer les index d'adresses présents : édition, taille, empreinte."
ADDRESSES_NEAR = "Donner l'adresse la plus proche d'un point."
NEAR_LIMIT = "Nombre d'adresses, 50 au plus."
NO_ADDRESSES = "Aucun index d'adresses ; téléchargez-en un : qpv addresses fetch 86"
NOTHING_NEAR = "Aucune adresse connue à moins de quelques centaines de mètres."


def indexing(name: str) -> str:
    return f"Indexation : {name}"


def addresses_of(department: str) -> str:
    return f"adresses du département {department}"


def index_facts(count: int, rows: str, places: str, megabytes: str) -> str:
    return f"{rows} adresse{'s' if count > 1 else ''}, {places} voies, lieux-dits et communes, {megabytes} Mo"


def imported_at(moment: str) -> str:
    return f"importé le {moment}"


def near(label: str, lon: float, lat: float, source: str) -> str:
    return f"{label}  (longitude {lon:.6f}, latitude {lat:.6f}, {source})"


PERIMETERS = """Voir, télécharger, importer et contrôler les périmètres.

Les périmètres 2024 de Poitiers et de Loos sont livrés ; ceux de toute la France se téléchargent avec fetch."""
PERIMETERS_COMMANDS = {
    "list": "Les jeux de périmètres présents, et ceux qui peuvent être téléchargés.",
    "show": "Un périmètre, par son code, son nom ou son nom d'usage.",
    "fetch": "Télécharger les périmètres officiels d'une génération.",
    "import": "Installer les périmètres d'un fichier.",
    "remove": "Retirer un jeu installé.",
    "verify": "Contrôler que les fichiers présents sont bien ceux qui ont été enregistrés.",
}
LIST = "Lister les jeux de périmètres présents, et ceux qui peuvent être téléchargés."
SHOW = """Montrer un périmètre, par son code, son nom ou son nom d'usage.

Exemple : qpv perimeters show "Épi de Soil" """
SHOW_DATASET = "Chercher dans ce jeu ou cette génération seulement."
FETCH = """Télécharger et installer les périmètres officiels d'une génération : qpv-2024 ou qpv-2015.

Le fichier reçu est comparé à l'édition connue. Une autre édition n'est installée que sur demande (--accept-new) ;
son empreinte est alors enregistrée."""
FETCH_ACCEPT = "Accepter une édition dont l'empreinte n'est pas connue."
FETCH_URL = "Prendre le fichier à une autre adresse (miroir) ; les contrôles restent les mêmes."
IMPORT = """Installer les périmètres d'un fichier GeoJSON, GeoPackage, Shapefile (zip compris) ou GeoParquet.

Pour une génération nationale : --generation qpv-2015 ou qpv-2024. Pour des zones locales : un identifiant à vous et
leur type, par exemple --generation zones-poitiers --kind municipal_zone."""
IMPORT_ID = "Génération du fichier, ou identifiant de vos zones ; sans elle, devinée d'après les codes."
IMPORT_KIND = "Type des périmètres : qpv, municipal_zone, watch_area ou un type à vous."
IMPORT_COVERAGE = (
    "Où le fichier est complet : all (toute la France), none, OUEST,SUD,EST,NORD en degrés, ou un fichier de "
    "polygones. Sans elle : all si le nombre de périmètres est le nombre officiel ; sinon, seuls les points dans un "
    "périmètre ont une réponse ferme."
)
IMPORT_PRECISION = "Précision des limites, en mètres ; sans elle, d'après l'arrondi des coordonnées."
IMPORT_CRS = "Système de coordonnées d'un fichier qui n'annonce pas le sien, par exemple EPSG:2154."
IMPORT_LAYER = "Couche, ou fichier du zip, s'il y en a plusieurs."
IMPORT_FROM = "Premier jour de validité de zones locales."
IMPORT_TO = "Dernier jour de validité de zones locales."
IMPORT_SOURCE = "D'où vient le fichier (adresse, organisme)."
IMPORT_EDITION = "Édition du fichier."
IMPORT_LICENCE = "Licence du fichier."
IMPORT_REPLACE = "Remplacer le jeu du même identifiant."
REMOVE = "Retirer un jeu de périmètres installé ; ceux qui sont livrés restent."
VERIFY_FILES = "Contrôler l'empreinte de chaque fichier de périmètres présent."

DIFF = """Dire ce qui a changé entre deux générations, quartier par quartier.

AVANT et APRÈS sont des générations ou des jeux présents (qpv-2015, qpv-2024) ou des fichiers.

Exemple : qpv diff qpv-2015 qpv-2024 --commune 59360"""
DIFF_COMMUNE = "Code INSEE (pas le code postal) ou nom de la commune à garder."
DIFF_MIN_AREA = "Surface à partir de laquelle un morceau ajouté ou retiré est cité, en m²."
DIFF_CORRESPONDENCE = (
    "Fichier CSV officiel de correspondance des codes 2015-2024 ; sans lui, d'après les surfaces communes."
)

VERIFY = """Recalculer un verdict conservé (la sortie de qpv check --format json) et dire ce qui diffère.

FICHIER peut être - pour lire l'entrée standard."""

# ── Wrong use ────────────────────────────────────────────────────────────────────────────────────────────────


def see_help(command: str) -> str:
    return f"voyez : {command} --help"


def no_such_option(name: str, near: list[str]) -> str:
    return f"option inconnue : {name}" + (f" (vouliez-vous {' ou '.join(sorted(near))} ?)" if near else "")


def no_such_command(name: str) -> str:
    return f"commande inconnue : {name}"


def missing_parameter(name: str) -> str:
    return f"il manque {name}"


def bad_parameter(name: str, message: str) -> str:
    return f"{name} : {message}"


def option_needs_value(name: str) -> str:
    return f"option sans valeur ou avec une valeur de trop : {name}"


def unexpected_arguments(arguments: str) -> str:
    return f"argument en trop : {arguments}"


def wrong_use() -> str:
    return "commande mal formée"


def not_a_choice(value: str, choices: list[str]) -> str:
    return f"{value!r} n'est pas un choix possible ({', '.join(choices)})"


def not_within(value: object, least: int, most: int) -> str:
    return f"{value!r} n'est pas un nombre entier de {least} à {most}"


def not_a_number(value: object) -> str:
    return f"{value!r} n'est pas un nombre"


def interrupted() -> str:
    return "interrompu : rien n'a été modifié ; relancez la même commande"


OUTPUT = "la sortie"


def cannot_write(path: str, why: str) -> str:
    return f"lecture ou écriture impossible : {path} ({why}) ; vérifiez les droits et la place disponible"


# ── A verdict ────────────────────────────────────────────────────────────────────────────────────────────────

STATUS = {
    "inside": "EN QPV",
    "outside": "HORS QPV",
    "uncertain": "À VÉRIFIER",
    "not_located": "NON LOCALISÉE",
}
STATUS_OTHER_KINDS = {"inside": "DANS LA ZONE", "outside": "HORS ZONE"}
REASON = {
    "clear": "réponse franche",
    "near_boundary": "la limite passe trop près",
    "imprecise_location": "position trop imprécise",
    "weak_match": "adresse mal reconnue",
    "site_straddles": "site à cheval sur la limite",
    "street_straddles": "rue à cheval sur la limite",
    "not_covered": "lieu non couvert par les périmètres présents",
    "no_match": "adresse introuvable",
    "commune_without_perimeter": "commune sans périmètre",
}
KIND = {"qpv": "QPV", "municipal_zone": "zone municipale", "watch_area": "quartier de veille active"}

SIDES = {"odd": "Côté impair", "even": "Côté pair"}
CANDIDATES = "Possibles"
STATUS_SHORT = {"inside": "dedans", "outside": "dehors", "uncertain": "à vérifier", "not_located": "non localisée"}


def side(inside: str, outside: str, uncertain: str) -> str:
    parts = (("dedans", inside), ("dehors", outside), ("à vérifier", uncertain))
    return " ; ".join(f"{word} : {numbers}" for word, numbers in parts if numbers)


def candidate(label: str, score: str, status: str) -> str:
    return f"{label} (score {score}) : {status}"


def found(label: str, score: str, accuracy: str, source: str) -> str:
    return f"{label} (score {score}, à {accuracy} près, {source})"


PLACE, DATE, REASON_LABEL, SHARE, EDGE = "Lieu", "Date", "Motif", "Part en QPV", "Limite"
SHARE_OTHER_KINDS = "Part en zone"
PERIMETERS_LABEL, DECREES, DATA, FINGERPRINT = "Périmètres", "Textes", "Données", "Empreinte"
FUTURE = "Date à venir : réponse d'après les périmètres en vigueur aujourd'hui."


def point(lon: float, lat: float, accuracy: str | None) -> str:
    return f"longitude {lon}, latitude {lat}" + (f" (à {accuracy} près)" if accuracy else "")


def site(lon: float, lat: float) -> str:
    return f"site autour de longitude {lon}, latitude {lat}"


def dated(day: str, generation: str | None, *, forced: bool) -> str:
    if generation is None:
        return day
    return f"{day}, génération {generation} {'imposée' if forced else 'en vigueur'}"


def edge(distance: str, signed_m: float, name: str) -> str:
    if signed_m == 0:
        return f"{name}, traverse le lieu"
    return f"{name}, à {distance}, côté {'intérieur' if signed_m < 0 else 'extérieur'}"


def matched(name: str, kind: str, share: str) -> str:
    return f"{name}, {kind}, {share}"


def data(title: str | None, edition: str | None, sha256: str | None) -> str:
    if title is None or sha256 is None:
        return ""
    return f"{title}{f' (édition {edition})' if edition else ''}, sha256 {sha256[:12]}…"


def fingerprint(digest: str) -> str:
    return f"{digest[:16]}… (à conserver : la sortie --format json, que qpv verify recalcule)"


# ── Perimeters ───────────────────────────────────────────────────────────────────────────────────────────────

EMBEDDED, INSTALLED = "livré", "installé"
COVERAGE = {"all": "toute la France", "area": "une partie du territoire", "none": "non connue"}
ANSWERS = "répond pour sa génération"
CAN_BE_FETCHED = "À télécharger"
ALIASES, AREA, COMMUNES, CODE, DATASET = "Dit aussi", "Surface", "Communes", "Code", "Jeu"


def perimeters(count: int) -> str:
    return f"{count} périmètre{'s' if count > 1 else ''}"


def dataset_line(dataset: str, state: str, title: str) -> str:
    return f"{dataset}  [{state}]  {title}"


def dataset_facts(count: int, kind: str, coverage: str, precision: str) -> str:
    return f"{perimeters(count)} ({kind}), complet : {coverage}, coordonnées à {precision} près"


def dataset_origin(source: str, edition: str | None, licence: str | None, sha256: str) -> str:
    parts = [source, f"édition {edition}" if edition else "", licence or "", f"sha256 {sha256[:12]}…"]
    return ", ".join(part for part in parts if part)


def download_line(download: str, title: str, command: str) -> str:
    return f"{download}  {title} : {command}"


def installed(dataset: str, count: int, coverage: str, precision: str, path: str) -> str:
    facts = f"{perimeters(count)}, complet : {coverage}, coordonnées à {precision} près"
    return f"{dataset} installé : {facts}, dans {path}"


def recorded(sha256: str, source: str) -> str:
    return f"empreinte enregistrée : sha256 {sha256} ({source})"


def downloading(title: str) -> str:
    return f"Téléchargement : {title}"


def removed(dataset: str) -> str:
    return f"{dataset} retiré"


def dataset_sound(dataset: str, count: int, sha256: str) -> str:
    return f"{dataset} : intact, {perimeters(count)}, sha256 {sha256[:12]}…"


# ── Verification ─────────────────────────────────────────────────────────────────────────────────────────────

IDENTICAL = "IDENTIQUE : le verdict recalculé est le même, empreinte comprise."
SAME_ANSWER = "MÊME RÉPONSE, mais quelque chose a changé depuis."
OTHER_ANSWER = "RÉPONSE DIFFÉRENTE de celle du verdict conservé."
ALTERED_RECORD = "VERDICT MODIFIÉ : son contenu ne correspond pas à son empreinte."
WHAT = {"answer": "réponse", "data": "données", "thresholds": "seuils", "software": "logiciel"}


def difference(what: str, field: str, recorded_value: str, computed_value: str) -> str:
    return f"{what}, {field} : {recorded_value} → {computed_value}"


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
    "Aucun quartier. Vérifiez la commune : son code INSEE (59360 pour Loos), pas son code postal, ou son nom entier."
)


def redraw(before: str, after: str, commune: str | None) -> str:
    return f"De {before} à {after}" + (f", commune {commune}" if commune else "")


def redraw_counts(counts: dict[str, int]) -> str:
    total = sum(counts.values())
    parts = [f"{count} {_COUNTED[change][count > 1]}" for change, count in counts.items() if count]
    return f"{total} quartier{'s' if total > 1 else ''} : {', '.join(parts)}."


def redraw_totals(before: str, after: str, added: str, removed: str, unknown: str | None) -> str:
    rest = f" Différent, sans qu'on puisse dire si c'est nouveau : {unknown}." if unknown else ""
    return f"Surface : {before} → {after}. Ajouté : {added}, retiré : {removed}.{rest}"


def redraw_rule(width: str, area: str) -> str:
    return (
        f"Les écarts de moins de {width} de large (arrondis) ne comptent pas ; "
        f"les morceaux d'au moins {area} m² sont cités."
    )


def redraw_unattached(count: int) -> str:
    return (
        f"{count} quartier{'s' if count > 1 else ''} du département sans code INSEE ni nom de commune : "
        "impossible de dire s'ils sont de cette commune."
    )


def redraw_areas(before: str, after: str) -> str:
    return f"Surface : {before} → {after}"


def redraw_piece(change: str, area: str, lon: float, lat: float, code: str) -> str:
    return f"{change} : {area} m² autour de longitude {lon:.5f}, latitude {lat:.5f} ({code})"


def redraw_smaller(count: int, area: str) -> str:
    return f"et {count} morceau{'x' if count > 1 else ''} plus petit{'s' if count > 1 else ''} ({area} m² en tout)"


def redraw_incomplete(area: str | None) -> str:
    if area is None:
        return "Hors de la zone où les deux jeux sont complets : on ne peut pas dire ce qu'il est devenu."
    return f"{area} m² diffèrent hors de la zone où les deux jeux sont complets : on ne peut pas dire s'ils ont changé."

"""What an error says: one line of French each, with what is wrong, the value, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import number, numeric_day, plural, quoted, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

_MOST_SHOWN = 80


def other_version(here: str, there: str) -> str:
    return (
        f"qpv-geo {here} sur ce poste de calcul, et {quoted(there)} sur celui qui demande ; installez la même "
        "version partout"
    )


def index_not_here(name: str, path: str) -> str:
    return (
        f"index d’adresses {quoted(name)} absent ou d’une autre édition sur ce poste de calcul ; copiez-le dans {path}"
    )


def extra_missing(extra: str, command: str) -> str:
    what = {
        "dask": "Dask",
        "maps": "la carte",
        "register": "l’enregistrement",
        "reports": "la fiche PDF",
        "service": "la page du guichet",
        "spark": "Spark",
    }[extra]
    return f"les bibliothèques nécessaires à {what} ne sont pas installées ; installez-les par {command}"


# ── What was asked ─────────────────────────────────────────────────────────────────────────────────────────────────


def bad_setting(name: str, value: object) -> str:
    return f"réglage invalide : {name} = {quoted(value)} ; corrigez ou retirez cette variable d’environnement"


def shown(value: object) -> str:
    """Return a value as it is written in code, cut if it is very long."""
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits
        text = type(value).__name__
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def half_coordinates(missing: str) -> str:
    return f"coordonnées incomplètes : il manque {missing} ; donnez la longitude et la latitude ensemble"


def not_a_number(name: str, value: object) -> str:
    return f"valeur de {name} invalide : {quoted(value)} ; donnez des degrés décimaux, par exemple 3.00671"


def non_finite(lon: float, lat: float) -> str:
    return f"coordonnées non finies : longitude {lon}, latitude {lat} ; donnez des degrés décimaux"


def swapped(lon: float, lat: float) -> str:
    return (
        f"longitude et latitude semblent inversées : longitude {lon}, latitude {lat} ; "
        f"essayez la longitude {lat} et la latitude {lon}"
    )


def abroad(lon: float, lat: float) -> str:
    return (
        f"point hors des territoires de la politique de la ville : longitude {lon}, latitude {lat} ; "
        "vérifiez les coordonnées (degrés décimaux, WGS84)"
    )


def at_row(row: int, message: str) -> str:
    return f"ligne {row} : {message}"


def bad_accuracy(value: object) -> str:
    return f"marge d’erreur invalide : {quoted(value)} ; donnez un nombre de mètres, de 0 à 100 000"


def lengths_differ(lon: int, lat: int) -> str:
    lons, lats = (f"{count} {noun}{plural(count)}" for count, noun in ((lon, "longitude"), (lat, "latitude")))
    return f"{lons} pour {lats} ; donnez-en autant"


def accuracy_of_a_point_only() -> str:
    return "une marge d’erreur ne se donne que pour un point ; retirez-la pour une adresse ou un site"


def code_of_an_address_only() -> str:
    return "un code postal ou INSEE ne précise qu’une adresse ; donnez l’adresse, ou retirez ce code"


def accuracies_differ(given: int, count: int) -> str:
    return f"{number(given)} marges d’erreur pour {number(count)} points ; donnez-en une seule, ou une par point"


def labels_differ() -> str:
    return "longitudes et latitudes n’ont pas les mêmes étiquettes de lignes ; prenez deux colonnes du même tableau"


def not_numbers(name: str) -> str:
    return f"valeur illisible parmi les {name} ; donnez des nombres, en degrés décimaux"


def bad_horizon(value: object) -> str:
    return f"horizon invalide : {quoted(value)} ; donnez un nombre de mètres, positif"


def bad_date(value: object) -> str:
    return f"date invalide : {quoted(value)} ; écrivez JJ/MM/AAAA ou AAAA-MM-JJ, par exemple 01/06/2024"


def date_too_early(on: date, first: date) -> str:
    return (
        f"date trop ancienne : {quoted(numeric_day(on))} ; les quartiers prioritaires existent depuis le "
        f"{numeric_day(first)}, et les zones d’avant (ZUS) ne sont pas connues ici"
    )


def nowhere_prioritised(territory: str, on: date) -> str:
    return f"{quoted(territory)} n’a pas de quartiers prioritaires connus au {numeric_day(on)} ; vérifiez le lieu"


def bad_id(value: str) -> str:
    return (
        f"identifiant invalide ou réservé : {quoted(value)} ; "
        "employez des minuscules, des chiffres et des tirets, par exemple zones-poitiers"
    )


def what_to_check() -> str:
    return "rien à vérifier ; donnez une adresse, un point (--lon et --lat) ou un site (--site)"


def one_thing_at_a_time(given: Sequence[str]) -> str:
    return f"plusieurs lieux à la fois ({' et '.join(given)}) ; donnez une adresse, un point ou un site"


def unknown_kind(kind: str, known: Iterable[str]) -> str:
    return f"aucun périmètre de type {quoted(kind)} n’est installé ; types présents : {values(sorted(known))}"


def bad_kinds(value: object) -> str:
    return f"types de périmètre invalides : {quoted(value)} ; donnez des noms, par exemple qpv"


def no_kind() -> str:
    return "aucun type de périmètre demandé ; donnez-en au moins un, par exemple qpv"


# ── Sites ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def site_empty(name: str) -> str:
    return f"site vide : {quoted(name)} ; donnez au moins un point, une ligne ou un polygone"


def site_part_empty(name: str, number: int, label: str) -> str:
    which = f"n° {number} ({quoted(label)})" if label else f"n° {number}"
    return f"site {quoted(name)}, élément {which} : géométrie absente ou vide ; retirez cet élément ou dessinez-le"


def site_self_crossing(name: str, near: str) -> str:
    where = f" près de {near}" if near else ""
    return f"site invalide ({quoted(name)}) : son contour se croise ou se replie{where} ; corrigez-le"


def site_unknown_crs(name: str) -> str:
    return (
        f"site sans système de coordonnées connu : {quoted(name)} ; enregistrez-le en WGS84 (GeoJSON) ou avec son .prj"
    )


def site_not_a_geometry(value: object) -> str:
    kind = value.get("type") if isinstance(value, dict) else None
    found = (
        f"type {quoted(kind)}" if kind is not None else "sans type" if isinstance(value, dict) else type(value).__name__
    )
    return f"site illisible ({found}) ; donnez une géométrie GeoJSON (ou shapely) valide, en longitude, latitude"


def site_unreadable(reason: str) -> str:
    return f"site illisible : {reason}"


def site_in_two_territories(first: str, second: str) -> str:
    return f"site à cheval sur deux territoires : {first} et {second} ; vérifiez ses coordonnées ou séparez ses parties"


# ── Files ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def file_missing(path: str) -> str:
    return f"fichier introuvable : {quoted(path)} ; vérifiez le chemin"


_OTHER_WORKBOOKS = (".xls", ".xlsb", ".xlt", ".ods", ".fods", ".ots", ".sxc", ".numbers", ".gnumeric")


def other_workbook(name: str) -> str | None:
    """Say what to do with a workbook that is not an XLSX; None for any other file."""
    if not name.lower().endswith(_OTHER_WORKBOOKS):
        return None
    return f"{quoted(name)} est un classeur d’un autre format. Enregistrez le fichier en .xlsx, puis recommencez."


def not_vector(name: str) -> str:
    return (
        f"{quoted(name)} n’est pas un fichier vectoriel lisible ; donnez GeoJSON, GeoPackage, Shapefile ou GeoParquet"
    )


def not_json(name: str) -> str:
    return f"{quoted(name)} n’est pas du JSON lisible ; vérifiez le fichier ou son extension"


def not_gzip(name: str) -> str:
    return f"{quoted(name)} n’est pas un fichier gzip entier ; téléchargez-le de nouveau"


def not_in_its_encoding(name: str, encoding: str) -> str:
    return (
        f"le texte de {quoted(name)} n’est pas en {encoding} ; enregistrez-le en UTF-8, "
        "ou donnez son encodage (--encoding cp1252)"
    )


def encoding_unknown(value: str) -> str:
    return f"encodage inconnu : {quoted(value)} ; donnez par exemple utf-8 ou cp1252"


def unpacks_to_too_much(name: str, limit: int) -> str:
    return f"{quoted(name)} dépasse {limit // 1_000_000} Mo une fois décompressé ; vérifiez le fichier ou divisez-le"


def line_too_long(name: str, limit: int) -> str:
    return f"{quoted(name)} contient une ligne de plus de {limit // 1_000_000} Mo ; vérifiez le fichier"


def not_geojson(name: str) -> str:
    return f"{quoted(name)} n’est pas du GeoJSON ; donnez une FeatureCollection, une Feature ou une géométrie"


def bad_geojson_geometry(name: str) -> str:
    return f"{quoted(name)} contient une géométrie GeoJSON mal formée ; vérifiez les coordonnées"


def unknown_crs(name: str, crs: object) -> str:
    return (
        f"{quoted(name)} indique un système de coordonnées inconnu : {quoted(crs)} ; enregistrez-le en WGS84 "
        "(EPSG:4326)"
    )


def bad_crs(text: str) -> str:
    return f"système de coordonnées inconnu : {quoted(text)} ; donnez par exemple EPSG:2154"


def crs_contradicts_file(text: str, found: str) -> str:
    return f"--crs {text} contredit le fichier, qui indique {found} ; retirez l’option"


def file_without_crs(name: str) -> str:
    return (
        f"{quoted(name)} n’indique pas son système de coordonnées ; donnez-le avec --crs, par exemple --crs EPSG:2154"
    )


def several_layers(name: str, layers: Sequence[str]) -> str:
    return f"{quoted(name)} contient plusieurs couches : {values(layers)} ; choisissez avec --layer"


def no_such_layer(name: str, layer: str | None) -> str:
    return f"{quoted(name)} ne contient pas la couche {quoted(layer)} ; vérifiez --layer"


# ── Network ────────────────────────────────────────────────────────────────────────────────────────────────────────


def cause_no_host() -> str:
    return "nom d’hôte introuvable"


def cause_refused() -> str:
    return "connexion refusée"


def cause_no_trust() -> str:
    return "certificat non reconnu"


def cause_no_connection(seconds: float) -> str:
    return f"pas de connexion en {seconds:g} s"


# ── Downloads ──────────────────────────────────────────────────────────────────────────────────────────────────────


def remote_not_zip(url: str) -> str:
    return f"archive zip incomplète : {url} ; relancez ou importez le fichier"


def remote_no_member(url: str, member: str) -> str:
    return f"l’archive de {url} ne contient pas {quoted(member)} ; l’édition a changé, importez le fichier"


def remote_not_features(url: str) -> str:
    return f"réponse inattendue de {url}, qui n’est pas du GeoJSON ; relancez plus tard"


def remote_incomplete(url: str, received: int, announced: int) -> str:
    return (
        f"{url} annonce {number(announced)} périmètres et en donne {number(received)} ; rien n’est installé, relancez"
    )


def remote_unusable(url: str, why: str) -> str:
    return f"données inutilisables reçues de {url} : {why}"


def remote_mixed_crs(url: str) -> str:
    return f"plusieurs systèmes de coordonnées dans les pages reçues de {url} ; relancez plus tard"


def edition_unknown(on: date) -> str:
    return f"inconnue, téléchargée le {on.isoformat()}"


def wrong_count(name: str, count: int, expected: int) -> str:
    return (
        f"{quoted(name)} : {number(count)} périmètres reçus, {number(expected)} attendus ; "
        "ajoutez --accept-new pour accepter cette édition"
    )


def unknown_edition(name: str, sha256: str, size: int, known: str | None) -> str:
    why = "aucune empreinte numérique n’est connue" if known is None else f"attendu {known[:12]}…"
    return (
        f"édition inconnue de {quoted(name)} : sha256 {sha256}, {number(size)} octets ({why}) ; "
        "vérifiez-la, puis ajoutez --accept-new pour l’installer"
    )


# ── Records ────────────────────────────────────────────────────────────────────────────────────────────────────────


def not_a_record(name: str, why: str) -> str:
    return f"{quoted(name)} n’est pas une réponse conservée ({why}) ; donnez une réponse enregistrée au format JSON"


def unknown_software(software: object) -> str:
    return f"logiciel inconnu : {quoted(software)}"


def field_twice(field: str) -> str:
    return f"{quoted(field)} y figure deux fois"


def record_of_a_later_release(name: str, software: str, own: str) -> str:
    return (
        f"{quoted(name)} vient de {quoted(software)}, plus récent que ce logiciel ({own}) ; mettez qpv-geo à "
        "jour pour le vérifier"
    )

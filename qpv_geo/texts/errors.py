"""What an error says: one line of French each, with what is wrong, the value, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.texts.verdicts import fetch_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

# ── What was asked ───────────────────────────────────────────────────────────────────────────────────────────


def bad_setting(name: str, value: object) -> str:
    return f"réglage invalide : {name}={value!r} ; corrigez ou retirez cette variable d'environnement"


def half_coordinates(missing: str) -> str:
    return f"coordonnées incomplètes : il manque {missing} ; donnez la longitude et la latitude ensemble"


def not_a_number(name: str, value: object) -> str:
    return f"{name} n'est pas un nombre : {value!r} ; attendu des degrés décimaux, par exemple 3.00671"


def non_finite(lon: float, lat: float) -> str:
    return f"coordonnées non finies : longitude {lon}, latitude {lat} ; attendu des degrés décimaux"


def swapped(lon: float, lat: float) -> str:
    return (
        f"longitude et latitude semblent inversées : longitude {lon}, latitude {lat} ; "
        f"essayez la longitude {lat} et la latitude {lon}"
    )


def abroad(lon: float, lat: float) -> str:
    return (
        f"point hors des territoires de la politique de la ville : longitude {lon}, latitude {lat} ; "
        "vérifiez les coordonnées (degrés décimaux, WGS84)"
    )


def at_row(row: int, message: str) -> str:
    return f"ligne {row} : {message}"


def bad_accuracy(value: object) -> str:
    return f"précision de la position invalide : {value!r} ; attendu un nombre de mètres, de 0 à 100 000"


def lengths_differ(lon: int, lat: int) -> str:
    return f"autant de longitudes que de latitudes sont attendues : {lon} et {lat} reçues"


def accuracy_of_a_point_only() -> str:
    return "une précision ne se donne que pour un point : celle d'une adresse vient de sa position, un site n'en a pas"


def code_of_an_address_only() -> str:
    return "un code postal ou INSEE ne précise qu'une adresse ; donnez l'adresse, ou retirez ce code"


def accuracies_differ(given: int, count: int) -> str:
    return f"une précision, ou une par point, est attendue : {given} reçues pour {count} points"


def labels_differ() -> str:
    return "longitudes et latitudes n'ont pas les mêmes étiquettes de lignes ; prenez deux colonnes du même tableau"


def not_numbers(name: str) -> str:
    return f"{name} : des nombres sont attendus, en degrés décimaux ; une valeur ne peut pas être lue"


def bad_horizon(value: object) -> str:
    return f"horizon invalide : {value!r} ; attendu un nombre de mètres, positif"


def bad_date(value: object) -> str:
    return f"date invalide : {value!r} ; attendu AAAA-MM-JJ, par exemple 2024-06-01"


def date_too_early(on: date, first: date) -> str:
    return (
        f"date trop ancienne : {on.isoformat()} ; la géographie prioritaire commence le {first.isoformat()}, "
        "les zonages antérieurs (ZUS) ne sont pas connus"
    )


def what_to_check() -> str:
    return "rien à vérifier : donnez une adresse, un point (--lon et --lat) ou un site (--site)"


def one_thing_at_a_time(given: Sequence[str]) -> str:
    return f"une seule chose à la fois : {' et '.join(given)} reçus ; donnez une adresse, un point ou un site"


def unknown_kind(kind: str, known: Iterable[str]) -> str:
    return f"aucun périmètre de type {kind!r} n'est installé ; types présents : {', '.join(sorted(known))}"


def no_kind() -> str:
    return "aucun type de périmètre demandé ; donnez-en au moins un, par exemple qpv"


# ── Sites ────────────────────────────────────────────────────────────────────────────────────────────────────


def site_empty(name: str) -> str:
    return f"site vide : {name} ; attendu au moins un point, une ligne ou un polygone"


def site_self_crossing(name: str, near: str) -> str:
    where = f" près de {near}" if near else ""
    return f"site invalide : {name} se croise lui-même ou se replie{where} ; corrigez son contour"


def site_unknown_crs(name: str) -> str:
    return f"site sans système de coordonnées connu : {name} ; enregistrez-le en WGS84 (GeoJSON) ou avec son .prj"


def site_not_a_geometry(value: object) -> str:
    return f"site illisible : {type(value).__name__} ; attendu une géométrie shapely ou GeoJSON en longitude, latitude"


def site_in_two_territories(first: str, second: str) -> str:
    return f"site à cheval sur deux territoires : {first} et {second} ; vérifiez ses coordonnées ou séparez ses parties"


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────


def file_missing(path: str) -> str:
    return f"fichier introuvable : {path} ; vérifiez le chemin"


def not_vector(name: str) -> str:
    return f"{name} n'est pas un fichier vectoriel lisible ; attendu GeoJSON, GeoPackage, Shapefile ou GeoParquet"


def not_json(name: str) -> str:
    return f"{name} n'est pas du JSON lisible ; vérifiez le fichier ou son extension"


def not_gzip(name: str) -> str:
    return f"{name} n'est pas un fichier gzip entier ; téléchargez-le de nouveau"


def not_geojson(name: str) -> str:
    return f"{name} n'est pas du GeoJSON ; attendu une FeatureCollection, une Feature ou une géométrie"


def bad_geojson_geometry(name: str) -> str:
    return f"{name} contient une géométrie GeoJSON mal formée ; vérifiez les coordonnées"


def unknown_crs(name: str, crs: object) -> str:
    return f"{name} annonce un système de coordonnées inconnu : {crs!r} ; enregistrez-le en WGS84 (EPSG:4326)"


def bad_crs(text: str) -> str:
    return f"système de coordonnées inconnu : {text!r} ; attendu par exemple EPSG:2154"


def crs_contradicts_file(text: str, found: str) -> str:
    return f"--crs {text} contredit le fichier, qui annonce {found} ; retirez l'option"


def file_without_crs(name: str) -> str:
    return f"{name} n'annonce aucun système de coordonnées ; donnez-le avec --crs, par exemple --crs EPSG:2154"


def several_layers(name: str, layers: Sequence[str]) -> str:
    return f"{name} contient plusieurs couches : {', '.join(layers)} ; choisissez avec --layer"


def no_such_layer(name: str, layer: str | None) -> str:
    return f"{name} ne contient pas la couche {layer!r} ; vérifiez --layer"


# ── Perimeters ───────────────────────────────────────────────────────────────────────────────────────────────


def no_perimeter(name: str) -> str:
    return f"{name} ne contient aucun périmètre ; vérifiez le fichier"


def no_code_column(name: str, wanted: Sequence[str], found: Sequence[str]) -> str:
    columns = ", ".join(found) or "aucune"
    return f"{name} n'a pas de colonne de code ({', '.join(wanted)}) ; colonnes présentes : {columns}"


def missing_code(name: str, row: int) -> str:
    return f"{name}, périmètre n° {row} : code absent ; complétez la colonne code_qp"


def duplicate_code(name: str, code: str) -> str:
    return f"{name} contient deux fois le code {code} ; un code désigne un seul périmètre"


def code_of_another_generation(name: str, code: str, generation: str) -> str:
    return f"{name} : le code {code} n'est pas un code de la génération {generation} ; vérifiez --generation"


def generation_unknown(name: str, code: str | None) -> str:
    shown = "pas de code" if code is None else f"code {code}"
    return (
        f"{name} : génération non reconnue ({shown}) ; dites laquelle avec --generation, et --kind pour une zone locale"
    )


def empty_perimeter(name: str, code: str) -> str:
    return f"{name}, {code} : géométrie absente ou vide ; retirez ce périmètre ou réparez le fichier"


def not_a_polygon(name: str, code: str, kind: str) -> str:
    return f"{name}, {code} : géométrie de type {kind} ; un périmètre est un polygone"


def non_finite_perimeter(name: str, code: str) -> str:
    return f"{name}, {code} : coordonnées non finies ; réparez le fichier"


def perimeter_without_area(name: str, code: str) -> str:
    return f"{name}, {code} : contour sans surface ; réparez le fichier"


def perimeter_swapped(name: str, code: str, place: tuple[float, float]) -> str:
    return (
        f"{name}, {code} : longitude et latitude semblent inversées (longitude {place[0]:.5f}, latitude {place[1]:.5f})"
    )


def perimeter_abroad(name: str, code: str, place: tuple[float, float]) -> str:
    return (
        f"{name}, {code} : hors des territoires français (longitude {place[0]:.5f}, latitude {place[1]:.5f}) ; "
        "vérifiez le système de coordonnées du fichier"
    )


def unknown_generation(value: str, known: Iterable[str]) -> str:
    return f"génération inconnue : {value!r} ; générations connues : {', '.join(known)}"


def unknown_perimeters(value: str, known: Iterable[str]) -> str:
    return f"périmètres inconnus : {value!r} n'est ni un fichier ni un jeu connu ({', '.join(known)})"


def unknown_download(value: str, known: Iterable[str]) -> str:
    return f"téléchargement inconnu : {value!r} ; possibles : {', '.join(known)}"


def not_installed(name: str) -> str:
    return f"{name!r} n'est pas installé ; voyez : qpv perimeters list"


def unknown_perimeter(value: str) -> str:
    return f"aucun périmètre ne s'appelle {value!r} dans les jeux présents ; voyez : qpv perimeters list"


def missing_generation(generation: str, *, unpinned: bool) -> str:
    return (
        f"périmètres {generation} non installés ; lancez : {fetch_command(generation, unpinned=unpinned)}, "
        f"ou : qpv perimeters import FICHIER --generation {generation}"
    )


def bad_id(value: str) -> str:
    return (
        f"identifiant invalide ou réservé : {value!r} ; "
        "attendu des minuscules, chiffres et tirets, par exemple zones-poitiers"
    )


def local_needs_kind(name: str) -> str:
    return (
        f"{name!r} n'est pas une génération : pour des zones locales, dites leur type avec --kind, "
        "par exemple --kind municipal_zone"
    )


def generation_is_qpv(generation: str, kind: str) -> str:
    return f"la génération {generation} est faite de QPV : retirez --kind {kind}, ou donnez un autre identifiant"


def generation_has_dates(generation: str) -> str:
    return f"les dates de la génération {generation} sont fixées par décret ; retirez --from et --to"


def dates_reversed(start: date, end: date) -> str:
    return f"dates inversées : de {start.isoformat()} à {end.isoformat()}"


def bad_precision(value: float) -> str:
    return f"précision invalide : {value} m ; attendu entre 0 et 1000 m"


def bad_coverage(text: str) -> str:
    return (
        f"couverture invalide : {text!r} ; attendu all, LON,LAT,LON,LAT (ouest,sud,est,nord) ou un fichier de polygones"
    )


def coverage_not_polygons(name: str) -> str:
    return f"la couverture {name} ne contient pas que des polygones"


def coverage_self_crossing(name: str) -> str:
    return f"la couverture {name} se croise elle-même ; corrigez son contour"


def already_installed(name: str, title: str, count: int) -> str:
    return f"{name} est déjà installé ({title}, périmètres : {count}) ; ajoutez --replace pour le remplacer"


def bad_record(path: str) -> str:
    return f"fiche d'installation illisible : {path} ; réinstallez ces périmètres"


def altered_record(path: str) -> str:
    return f"fiche d'installation modifiée depuis l'installation : {path} ; réinstallez ces périmètres"


def file_gone(name: str, path: str) -> str:
    return f"fichier des périmètres {name} introuvable : {path} ; réinstallez-les"


def altered(name: str, path: str, found: str, expected: str) -> str:
    return (
        f"fichier des périmètres {name} modifié sur le disque : {path} "
        f"(sha256 {found[:12]}…, attendu {expected[:12]}…) ; réinstallez-les"
    )


# ── Downloads ────────────────────────────────────────────────────────────────────────────────────────────────


def remote_status(url: str, status: int) -> str:
    return f"téléchargement refusé : {url} répond {status} ; réessayez plus tard ou importez le fichier"


def remote_unreachable(url: str, cause: str) -> str:
    return f"téléchargement impossible : {url} ({cause}) ; vérifiez le réseau et relancez"


def remote_stalled(url: str, seconds: float) -> str:
    return f"téléchargement arrêté : plus rien de {url} depuis {seconds:g} s ; relancez"


def remote_truncated(url: str) -> str:
    return f"téléchargement incomplet : {url} a coupé la connexion ; relancez"


def remote_not_zip(url: str) -> str:
    return f"ce que sert {url} n'est pas une archive zip entière ; relancez ou importez le fichier"


def remote_no_member(url: str, member: str) -> str:
    return f"l'archive de {url} ne contient pas {member} ; l'édition a changé, importez le fichier"


def remote_not_features(url: str) -> str:
    return f"ce que sert {url} n'est pas une page GeoJSON ; relancez plus tard"


def remote_too_large(url: str, limit: int) -> str:
    return f"ce que sert {url} dépasse {limit // 1_000_000} Mo ; téléchargement abandonné"


def remote_incomplete(url: str, received: int, announced: int) -> str:
    return f"{url} annonce {announced} périmètres et en donne {received} ; rien n'est installé, relancez"


def remote_unusable(url: str, why: str) -> str:
    return f"ce que sert {url} ne peut pas être utilisé : {why}"


def remote_mixed_crs(url: str) -> str:
    return f"les pages que sert {url} ne sont pas toutes dans le même système de coordonnées ; relancez plus tard"


def edition_unknown(on: date) -> str:
    return f"inconnue, téléchargée le {on.isoformat()}"


def wrong_count(name: str, count: int, expected: int) -> str:
    return f"{name} : {count} périmètres reçus, {expected} attendus ; ajoutez --accept-new pour accepter cette édition"


def unknown_edition(name: str, sha256: str, size: int, known: str | None) -> str:
    why = "aucune empreinte n'est connue d'avance" if known is None else f"attendu {known[:12]}…"
    return (
        f"édition inconnue de {name} : sha256 {sha256}, {size} octets ({why}) ; "
        "vérifiez-la, puis ajoutez --accept-new pour l'installer"
    )


# ── Records ──────────────────────────────────────────────────────────────────────────────────────────────────


def not_a_record(name: str, why: str) -> str:
    return f"{name} n'est pas un verdict de qpv-geo ({why}) ; attendu la sortie de : qpv check … --format json"


# ── Redraw ───────────────────────────────────────────────────────────────────────────────────────────────────


def not_a_correspondence(name: str, missing: Sequence[str], found: Sequence[str]) -> str:
    columns = ", ".join(found) or "aucune"
    return f"{name} n'est pas une table de correspondance : il manque {', '.join(missing)} ; colonnes : {columns}"


def correspondence_unreadable(name: str) -> str:
    return f"{name} n'est pas un CSV lisible en UTF-8 ; enregistrez-le en CSV UTF-8"


def correspondence_empty(name: str) -> str:
    return f"{name} ne contient aucune correspondance ; vérifiez le fichier"


def correspondence_code(name: str, row: int, code: str, generation: str) -> str:
    return f"{name}, ligne {row} : {code!r} n'est pas un code de la génération {generation} ; corrigez la table"


def bad_min_area(value: object) -> str:
    return f"surface minimale invalide : {value!r} ; attendu un nombre de m², positif ou nul"


def bad_sliver_width(value: object) -> str:
    return f"largeur minimale invalide : {value!r} ; attendu un nombre de mètres, positif ou nul"


def empty_commune(value: str) -> str:
    return f"commune invalide : {value!r} ; attendu un code INSEE (59360) ou un nom (Loos)"


# ── Addresses ────────────────────────────────────────────────────────────────────────────────────────────────


def bad_address(text: str, shortest: int, longest: int) -> str:
    return f"adresse inutilisable : {text[:60]!r} ; attendu de {shortest} à {longest} caractères"


def bad_postcode(value: str) -> str:
    return f"code postal invalide : {value!r} ; attendu cinq chiffres"


def bad_citycode(value: str) -> str:
    return f"code INSEE invalide : {value!r} ; attendu cinq caractères, par exemple 59360 ou 2A004"


def not_addresses(name: str, columns: Sequence[str]) -> str:
    return f"{name} n'est pas un fichier d'adresses BAN ou BAL ; colonnes lues : {', '.join(columns)[:120]}"


def bad_address_row(name: str, line: int, text: str) -> str:
    return f"{name}, ligne {line} : nombre illisible dans {text!r} ; corrigez le fichier"


def not_utf8(name: str) -> str:
    return f"{name} n'est pas en UTF-8 ; enregistrez-le dans ce codage"


def bad_address_index(path: str) -> str:
    return f"index d'adresses illisible ou d'un ancien format : {path} ; réimportez les adresses"


def no_address(name: str) -> str:
    return f"{name} ne contient aucune adresse ; vérifiez le fichier"


# ── Geocoding service ────────────────────────────────────────────────────────────────────────────────────────


def geocoder_status(url: str, status: int, detail: str) -> str:
    said = f" ({detail})" if detail else ""
    otherwise = "relancez plus tard" if status >= 500 else "vérifiez l'adresse cherchée"  # noqa: PLR2004 - HTTP's
    advice = {
        401: "vérifiez vos droits d'accès",
        403: "vérifiez vos droits d'accès",
        404: "vérifiez le réglage QPV_GEO_GEOCODER_URL",
    }.get(status, otherwise)
    return f"le géocodeur n'a pas répondu à la question : {url} répond {status}{said} ; {advice}"


def geocoder_moved(url: str, status: int, target: str) -> str:
    where = f"{url} répond {status} et renvoie vers {target}"
    return f"le géocodeur a changé d'adresse : {where} ; corrigez le réglage QPV_GEO_GEOCODER_URL"


def geocoder_busy(url: str, seconds: float | None) -> str:
    when = "relancez plus tard" if seconds is None else f"relancez dans {seconds:.0f} s"
    return f"le géocodeur reçoit trop de demandes : {url} répond 429 ; {when}"


def geocoder_stalled(url: str, seconds: float) -> str:
    return f"le géocodeur ne répond plus : plus rien de {url} depuis {seconds:g} s ; relancez plus tard"


def geocoder_cut(url: str) -> str:
    return f"réponse incomplète du géocodeur : {url} a coupé la connexion ; relancez"


def geocoder_unreachable(url: str, cause: str) -> str:
    return f"géocodeur injoignable : {url} ({cause}) ; vérifiez le réseau et le réglage QPV_GEO_GEOCODER_URL"


def geocoder_too_large(url: str, limit: int) -> str:
    return f"réponse démesurée du géocodeur : {url} dépasse {limit // 1_000_000} Mo ; relancez plus tard"


def geocoder_nonsense(url: str, why: str) -> str:
    return f"réponse inattendue du géocodeur {url} : {why} ; aucune adresse n'en est tirée, relancez plus tard"


def cause_no_host() -> str:
    return "nom d'hôte introuvable"


def cause_refused() -> str:
    return "connexion refusée"


def cause_no_trust() -> str:
    return "certificat non reconnu"


def cause_no_connection(seconds: float) -> str:
    return f"pas de connexion en {seconds:g} s"


def answer_is_a_page() -> str:
    return "une page web au lieu de données"


def answer_not_json() -> str:
    return "ce n'est pas du JSON entier"


def answer_not_csv() -> str:
    return "ce n'est pas du CSV entier en UTF-8"


def answer_lacks(what: str) -> str:
    return f"il manque {what}"


def answer_wrong(what: str, value: object) -> str:
    return f"{what} vaut {repr(value)[:60]}"


def answer_rows(sent: int, received: int) -> str:
    return f"{received} lignes pour {sent} envoyées"


def answer_at(where: str, number: int, why: str) -> str:
    return f"{where} {number}, {why}"


def bad_chunk(value: object, most: int) -> str:
    return f"taille de lot invalide : {value!r} ; attendu de 1 à {most} adresses"


def bad_kept_address() -> str:
    return "l'adresse conservée est illisible"


def bad_cache(path: str) -> str:
    return f"cache des adresses illisible : {path} ; supprimez ce fichier, ou ajoutez --no-cache"


def bad_department(value: str) -> str:
    return f"département inconnu : {value!r} ; attendu un code comme 86, 2A ou 974"


def nothing_offline(address: str) -> str:
    return (
        f"{address!r} n'est dans aucun index d'adresses présent ; importez le département : "
        "qpv addresses import adresses-XX.csv.gz, ou retirez --offline"
    )

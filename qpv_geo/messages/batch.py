"""What is said of a whole table, in French: its columns, its rows, its summary, and what goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qpv_geo.messages.cli import REASON as VERDICT_REASON
from qpv_geo.messages.cli import STATUS_SHORT_OTHER_KINDS
from qpv_geo.messages.errors import other_workbook
from qpv_geo.messages.typography import enumerated, number, plural, quoted, values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# ── Columns ────────────────────────────────────────────────────────────────────────────────────────────────────────


def half_coordinates(missing: str) -> str:
    option = "--lon-column" if missing == "longitude" else "--lat-column"
    return f"colonnes de coordonnées incomplètes : il manque la {missing} ; donnez {option}"


def no_such_column(name: str, names: Sequence[str]) -> str:
    return f"colonne {quoted(name)} absente ; colonnes du fichier : {values(names)}"


def no_place(names: Sequence[str]) -> str:
    return (
        f"aucune colonne d’adresse ni de coordonnées reconnue parmi {values(names)} ; "
        "nommez-les avec --address-column, --point-column, ou --lon-column et --lat-column"
    )


def not_degrees(lon: str, lat: str, values: str) -> str:
    return (
        f"les colonnes {quoted(lon)} et {quoted(lat)} ne contiennent pas des degrés ({values}) ; "
        "donnez leur système de coordonnées, par exemple --crs EPSG:2154"
    )


def geometries_not_degrees(values: str) -> str:
    return (
        f"les géométries ne sont pas en degrés ({values}) ; "
        "donnez leur système de coordonnées, par exemple --crs EPSG:2154"
    )


def geometries_without_crs(name: str) -> str:
    return (
        f"{quoted(name)} n’indique pas le système de coordonnées de ses géométries ; donnez-le, par exemple "
        "--crs EPSG:2154, ou choisissez d’autres colonnes avec --address-column, ou --lon-column et --lat-column"
    )


def header_elsewhere(name: str, row: int, names: Sequence[str]) -> str:
    return (
        f"en-tête de {quoted(name)} probable à la ligne {row} : {values([one for one in names if one.strip()])} ; "
        f"ajoutez --header-row {row}, ou supprimez les lignes au-dessus"
    )


# ── A run ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def unknown_format(path: str) -> str:
    return (
        other_workbook(path)
        or f"type de fichier inconnu : {quoted(path)} ; types acceptés : .csv, .xlsx, .parquet, .gpkg ou .geojson"
    )


def same_file(path: str) -> str:
    return f"le fichier de sortie est le fichier d’entrée : {quoted(path)} ; donnez un autre nom à -o"


def output_exists(path: str) -> str:
    return f"le fichier de sortie existe déjà : {quoted(path)} ; donnez un autre nom, ou remplacez-le avec --overwrite"


def cannot_be_output(path: str) -> str:
    return f"fichier de sortie impossible : {quoted(path)} ; donnez un nom en .csv, .xlsx, .parquet, .gpkg ou .geojson"


def no_parquet(folder: str) -> str:
    return f"aucun fichier .parquet dans {quoted(folder)} ; donnez un fichier, ou un dossier de fichiers Parquet"


def output_not_a_folder(path: str) -> str:
    return (
        f"la sortie d’un dossier est un autre dossier, pas {quoted(path)} ; donnez un nom de dossier, hors de la source"
    )


def goes_on(message: str) -> str:
    return f"{message} ; relancez ensuite la même commande, elle reprendra où elle s’est arrêtée"


def no_folder(path: str) -> str:
    return f"dossier introuvable : {quoted(path)} ; créez-le d’abord"


def columns_taken(names: Sequence[str]) -> str:
    return (
        f"le fichier a déjà des colonnes de réponse : {values(names)} ; renommez-les, "
        "ou remplacez-les avec --replace-columns"
    )


def frame_columns_taken(names: Sequence[str]) -> str:
    return f"le tableau a déjà des colonnes de réponse : {values(names)} ; renommez-les, ou donnez replace=True"


def no_such_messages(text: object, known: Sequence[str]) -> str:
    return f"valeur inconnue pour messages : {quoted(text)} ; valeurs possibles : {values(known)}"


def not_arrow(kind: str) -> str:
    return (
        f"un tableau Arrow est attendu, pas {quoted(kind)} ; donnez un RecordBatch, une Table ou un RecordBatchReader"
    )


def frame_without_crs() -> str:
    return "les géométries du tableau n’ont pas de système de coordonnées ; donnez-le avec crs= ou set_crs"


def run_in_progress(path: str) -> str:
    return f"un autre traitement écrit déjà ce fichier ({quoted(path)} est verrouillé) ; attendez qu’il finisse"


def not_a_journal(path: str) -> str:
    return f"journal de traitement illisible : {quoted(path)} ; supprimez-le ou ajoutez --restart"


CHANGED = {
    "input": "le fichier d’entrée",
    "options": "les options",
    "given": "le jeu de périmètres donné",
    "perimeters": "les périmètres installés",
    "addresses": "les index d’adresses",
    "schemes": "les dispositifs",
    "settings": "les réglages",
    "software": "la version de qpv-geo",
}


def run_changed(what: Sequence[str], journal: str) -> str:
    changed = enumerated([CHANGED.get(one, one) for one in what])
    verb = "ont" if len(what) > 1 or (what[0] != "input" and what[0] != "software") else "a"
    return (
        f"{changed} {verb} changé depuis l’arrêt de ce traitement ({quoted(journal)}) ; "
        "ajoutez --restart pour le recommencer"
    )


def strict_row(row: int, message: str) -> str:
    return f"ligne {row} : {message} (arrêt demandé par --strict, rien n’est écrit)"


def stopped(done: int, output: str) -> str:
    kept = f"interrompu après {number(done)} ligne{plural(done)} ; " if done else "interrompu ; "
    return f"{kept}ce qui est fait est conservé, relancez la même commande pour continuer vers {quoted(output)}"


# ── Summary ────────────────────────────────────────────────────────────────────────────────────────────────────────

STATUS = {
    "inside": "en QPV",
    "outside": "hors QPV",
    "uncertain": "à vérifier",
    "not_located": "non localisée",
    "error": "à corriger",
}
REASON = VERDICT_REASON | {
    "empty": "aucun lieu indiqué",
    "bad_input": "valeur illisible",
    "missing_perimeters": "périmètres de cette date non installés",
    "no_generation": "date sans quartier prioritaire",
}
TOTAL = "total"


def status_words(kinds: Sequence[str]) -> Mapping[str, str]:
    """Return the answers in French, by status; for other perimeters than QPV, none names them."""
    return STATUS if list(kinds) == ["qpv"] else STATUS | STATUS_SHORT_OTHER_KINDS


# ── What is shown ──────────────────────────────────────────────────────────────────────────────────────────────────

QUARTIERS = "Par quartier"
_FORMATS = {
    "csv": "CSV",
    "xlsx": "classeur XLSX",
    "parquet": "Parquet",
    "geopackage": "GeoPackage",
    "geojson": "GeoJSON",
}
_DELIMITERS = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre verticale"}
_DELIMITER_WORDS = {"tab": "\t", "\\t": "\t", "tabulation": "\t"}


def delimiter(text: str | None) -> str | None:
    return None if text is None else _DELIMITER_WORDS.get(text.lower(), text)


def reading(name: str, kind: str, how: Mapping[str, Any]) -> list[str]:
    facts = [_FORMATS[kind]]
    if how.get("encoding"):
        facts.append(f"encodage {how['encoding']}")
    if how.get("delimiter"):
        facts.append(f"séparateur : {_DELIMITERS.get(how['delimiter'], quoted(how['delimiter']))}")
    if how.get("layer"):
        facts.append(f"{'feuille' if kind == 'xlsx' else 'couche'} « {how['layer']} »")
    if (how.get("header_row") or 1) > 1:
        facts.append(f"en-tête ligne {how['header_row']}")
    return [f"{name} : {', '.join(facts)}"]


def left_above(lines: int) -> str:
    if lines == 1:
        return "la ligne au-dessus de l’en-tête n’est pas reprise : le fichier de sortie est d’un autre format"
    return (
        f"les {lines} lignes au-dessus de l’en-tête ne sont pas reprises : le fichier de sortie est d’un autre format"
    )


def same_name(name: str, count: int) -> str:
    return f"{count} colonnes s’appellent {quoted(name)} : seule la première est lue"


def note(text: str) -> str:
    return f"  ({text})"


def other_sheets(names: Sequence[str]) -> str:
    s = plural(len(names))
    return f"(feuille{s} non traitée{s} : {values(names)}. Pour en choisir une : --sheet)"


_PRECISION = "adresse ± 30 m, rue ou lieu-dit ± 500 m, commune ± 5 km"


def system(given: str, declared: str | None) -> str:
    return f"{given} (donné)" if declared in {None, given} else f"{given} (donné, le fichier indique {declared})"


def columns(used: dict[str, object], day: str | None, unused_date: str | None, system: str | None = None) -> list[str]:
    found = _places(used, system)
    for name, word in (
        ("postcode", "code postal"),
        ("citycode", "code INSEE"),
        ("amount", "montant"),
        ("case", "dossier"),
    ):
        if name in used:
            found.append(f"{word} : {quoted(used[name])}")
    if "date" in used:
        found.append(f"date : {quoted(used['date'])}" + (f", sinon {day}" if day else ""))
    else:
        found.append(f"date : {day} pour toutes les lignes")
    if unused_date is not None:
        found.append(f"(la colonne {quoted(unused_date)} n’est pas utilisée. Pour l’utiliser : --date-column)")
    return [f"  {line}" for line in found]


def _places(used: dict[str, object], system: str | None) -> list[str]:
    found = []
    if used["geometry"]:
        found.append("lieu : la géométrie de chaque ligne")
    if "lon" in used:
        guessed = _guessed(used, 2)
        found.append(f"lieu : longitude {quoted(used['lon'])}, latitude {quoted(used['lat'])}{guessed}")
    if "point" in used:
        found.append(f"lieu : {quoted(used['point'])}{_guessed(used, 1)}")
    if system is not None:
        found.append(f"système : {system}")
    if "match_type" in used:
        found.append(f"marge d’erreur : selon {quoted(used['match_type'])} ({_PRECISION})")
    if "address" in used and isinstance(used["address"], list):
        names = used["address"]
        alone = "à défaut, adresse" if {"lon", "point"} & used.keys() else "adresse"
        found.append(f"{alone} : {' + '.join(map(quoted, names))}{_guessed(used, len(names))}")
    return found


def _guessed(used: dict[str, object], columns: int) -> str:
    if not used["guessed"]:
        return ""
    return " (reconnues à leur nom)" if columns > 1 else " (reconnue à son nom)"


def written(rows: int, output: str) -> str:
    return f"{number(rows)} ligne{plural(rows)} dans {quoted(output)}"


def count(words: str, rows: int, share: str) -> str:
    return f"{number(rows):>9}  {words}{f' ({share})' if share else ''}"


def of_quartier(named: str, inside: int, uncertain: int) -> str:
    parts = [f"{number(inside)} en QPV" if inside else "", f"{number(uncertain)} à vérifier" if uncertain else ""]
    return f"{named} : {', '.join(part for part in parts if part)}"


def unanswered(rows: int) -> str:
    return f"Sans réponse : {number(rows)} ligne{plural(rows)}"


def row(number: int) -> str:
    return f"ligne {number}"


def and_others(rows: int) -> str:
    return f"et {number(rows)} autre{plural(rows)}, dans le fichier de sortie"


def and_other_quartiers(count: int) -> str:
    return f"et {number(count)} autre{plural(count)}. Liste entière : --format json, ou un fichier de sortie .xlsx"


def progress(done: int, rate: float, left_s: float | None) -> str:
    return f"{number(done)} ligne{plural(done)}{_pace(rate, left_s)}"


def finding(done: int, found: int, wanted: int, rate: float, left_s: float | None) -> str:
    of_next = f"adresses suivantes : {number(found)} sur {number(wanted)}"
    return f"{number(done)} ligne{plural(done)}{_pace(rate, left_s)}, {of_next}"


def _pace(rate: float, left_s: float | None) -> str:
    per_second = f", {number(rate)} par seconde" if rate >= 1 else ""
    return per_second + ("" if left_s is None else f", encore {_duration(left_s)}")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d}"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"

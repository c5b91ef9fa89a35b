"""What is said of funded projects: what a cell should hold, what is wrong with a table, the lines of a sum."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from qpv_geo.messages import verdicts as tell
from qpv_geo.messages.errors import other_workbook
from qpv_geo.messages.reports import euros
from qpv_geo.messages.typography import enumerated, joined, numeric_day, plural, quoted, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

_MOST_NAMES = 8

# ── What is expected of a cell ─────────────────────────────────────────────────────────────────────────────────────

A_TITLE = "l’intitulé du projet"
NOT_A_TOTAL = "un projet, ou un total égal à la somme des lignes au-dessus : vérifiez cette ligne, ou retirez-la"
AN_ID = "un identifiant"
A_UNIQUE_ID = "un identifiant différent pour chaque projet"
A_TEXT = "un texte"
A_YEAR = "une année entre 1970 et 2100, ou une date de cette année"
AN_AMOUNT = "un montant en euros, par exemple 1234.56, 1 234,56 € ou 12,5 k€, ou rien s’il n’est pas publié"
A_PORTION = "une part entre 0,01 et 1, par exemple 0.45 pour 45 %"
SOME_FUNDERS = "un ou plusieurs financeurs différents, séparés par un point-virgule"
AS_MANY_AMOUNTS = "un montant, ou autant de montants que de financeurs, dans le même ordre"
FUNDERS_GIVE_MORE = "un montant au moins égal à ce que donnent les financeurs du projet"
CENTS = "un montant au centime près : deux décimales au plus"
NO_AMBIGUOUS_SEPARATOR = "un montant sans ambiguïté : écrivez 1234 ou 1 234 pour des milliers, 1,23 pour des centimes"
A_SMALLER_AMOUNT = "un montant de moins de mille milliards d’euros"
A_LONGITUDE = "une longitude en degrés décimaux (WGS84), par exemple 3.00671"
A_LATITUDE = "une latitude en degrés décimaux (WGS84), par exemple 50.60889"
BOTH_COORDINATES = "la longitude et la latitude ensemble, ou aucune des deux"
NOT_SWAPPED = "la longitude, puis la latitude (elles semblent inversées)"
IN_FRANCE = "un point dans un territoire de la politique de la ville, en degrés décimaux (WGS84)"
A_SITE = "une géométrie valide et non vide en longitude, latitude (WKT ou GeoJSON)"
A_CODE = "un code de quartier prioritaire (QN08605M, QP059077), ou plusieurs séparés par un point-virgule"
SOME_NAMES = "un ou plusieurs quartiers différents, séparés par un point-virgule"
ALL_ALONE = "soit « tous », soit des quartiers nommés, pas les deux"
SOME_THEMES = "un ou plusieurs thèmes différents, séparés par un point-virgule"
SHARES_OF_THEMES = "la part de chaque thème, en pourcentages dont la somme fait 100 %, ou aucune"
SOME_PARTS = "des parts positives séparées par un point-virgule, par exemple 2;1"
AS_MANY_THEME_PARTS = "autant de parts que de thèmes, dans le même ordre, et aucun pourcentage à côté des thèmes"
AS_MANY_PARTS = "autant de parts que de quartiers ou de périmètres nommés, dans le même ordre"


def a_column(headings: Iterable[str]) -> str:
    return f"une colonne nommée {enumerated([quoted(one) for one in headings], 'ou')} (ou indiquez-la avec --mapping)"


def mapped_column(heading: str) -> str:
    return f"la colonne {quoted(heading)}, indiquée dans le fichier de correspondance"


def one_column(headings: Sequence[str]) -> str:
    return f"une seule colonne pour la même information, et non {enumerated([quoted(one) for one in headings])}"


SUBSIDIES_2_0, SUBSIDIES_2_1 = "2.0", "2.1"
A_HEADING = "l’intitulé d’une colonne"
SPELLINGS = "une liste d’autres écritures"
A_WEIGHT = "un nombre positif"


def bad_mapping(name: str, why: str) -> str:
    return f"{quoted(name)} : fichier de correspondance illisible ({why}) ; donnez un fichier TOML"


def unknown_in_mapping(name: str, key: str, known: Iterable[str]) -> str:
    return f"{quoted(name)} : {quoted(key)} inconnu ; noms possibles : {values(known)}"


def bad_value_in_mapping(name: str, key: str, value: object, expected: str) -> str:
    return f"{quoted(name)}, {quoted(key)} : {quoted(value)} ; donnez {expected}"


# ── Errors ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def fault(line: int, column: str, value: object, expected: str) -> str:
    where = f"ligne {line}, colonne {quoted(column)}" if column else f"ligne {line}"
    found = "cellule vide" if value is None else quoted(value)
    return f"{where} : {found} ; donnez {expected}"


def faulty_row(line: int, message: str) -> str:
    return f"ligne {line} : {message}"


def faulty_table(name: str, count: int, first: str) -> str:
    if count == 1:
        return f"{name} : {first}"
    return f"{name} : {count} anomalies, dont la première, {first}"


def total_aside(line: int, amount: Decimal | None, summed: Decimal, *, agrees: bool) -> str:
    told = "sans montant lisible" if amount is None else f"{euros(amount)}"
    compared = (
        ""
        if amount is None
        else (
            ", égal à la somme des lignes au-dessus"
            if agrees
            else f", alors que les lignes au-dessus font {euros(summed)} : vérifiez"
        )
    )
    return f"ligne {line} : total mis de côté ({told}){compared}"


def rows_left_out(amounts: Sequence[Decimal | None]) -> str:
    count, known = len(amounts), [amount for amount in amounts if amount is not None]
    many = plural(count)
    told = f"{tell.number(count)} ligne{many} laissée{many} de côté"
    if not known:
        return f"{told}, sans montant lisible"
    told += f" : {euros(sum(known, Decimal(0)))}"
    unread = count - len(known)
    return told + (f", et {tell.number(unread)} sans montant lisible" if unread else "")


def subsidies(version: str) -> str:
    return f"Subventions au format SCDL {version} : ces lignes n’ont pas de lieu ({quoted(NO_PLACE)})."


def unknown_table(name: str, known: Iterable[str]) -> str:
    return other_workbook(name) or (
        f"{quoted(name)} n’est pas un tableau de projets lisible ; donnez un fichier CSV, XLSX, GeoPackage, GeoJSON ou "
        f"Parquet, ou un jeu livré ({values(known)})"
    )


def geometry_without_crs(name: str) -> str:
    return f"{quoted(name)} n’indique pas son système de coordonnées ; enregistrez-le en WGS84 (EPSG:4326)"


def unknown_key(value: object, known: Iterable[str]) -> str:
    return f"critère de regroupement inconnu : {quoted(value)} ; valeurs possibles : {values(known)}"


def unknown_projects(ids: Sequence[str]) -> str:
    return f"réponses pour des projets absents du tableau : {values(ids)} ; vérifiez les identifiants"


def bad_answer(project: str) -> str:
    return f"réponse incomprise pour le projet {quoted(project)} ; donnez un ou plusieurs codes, outside ou uncertain"


def projects_lost(by: str, found: int, expected: int) -> str:
    return (
        f"les sommes par {by} comptent {found} projets au lieu de {expected} ; rien n’est écrit, signalez cette erreur"
    )


def does_not_reconcile(by: str, found: Decimal | None, expected: Decimal | None) -> str:
    return f"les sommes par {by} font {found} € au lieu de {expected} € ; rien n’est écrit, signalez cette erreur"


# ── Lines of a sum ─────────────────────────────────────────────────────────────────────────────────────────────────

NO_SINGLE_PLACE = "sans lieu unique"
OUTSIDE = "hors QPV"
OUTSIDE_ZONE = "hors QPV (zone municipale aux limites non publiées)"
TO_REVIEW = "à vérifier"
NO_PLACE = "sans lieu"
NEIGHBOURHOOD_NOT_STATED = "quartier non précisé"
NOT_STATED = "non précisé"
SEVERAL_COMMUNES = "plusieurs communes"
SEVERAL_FUNDERS = "plusieurs financeurs (part de chacun non publiée)"


# ── Schemes and their steps ────────────────────────────────────────────────────────────────────────────────────────

BY_COMMUNE, BY_CODE, BY_NEIGHBOURHOOD = "la colonne commune", "le code de quartier", "le nom du quartier"
BY_ADDRESS, BY_PLACE = "l’adresse trouvée", "le quartier où se trouve le lieu"
A_DAY = "une date, AAAA-MM-JJ ou JJ/MM/AAAA, entre 1970 et 2100"


def _choices(choices: Iterable[tuple[str, Sequence[str]]]) -> str:
    return joined(f"{quoted(one)} ({', '.join(communes) or 'partout'})" for one, communes in choices)


def scheme_recognised(name: str, label: str, sources: Sequence[str]) -> str:
    return f"Dispositif {quoted(name)} reconnu d’après {' et '.join(sources)} : {label}."


def scheme_without_commune(name: str, choices: Sequence[tuple[str, Sequence[str]]]) -> str:
    return (
        f"Dispositif {quoted(name)} non reconnu. La commune du projet n’est pas connue. "
        f"Dispositifs de ce nom : {_choices(choices)}. Complétez la commune, l’adresse ou le code du quartier."
    )


def scheme_communes_differ(name: str, communes: Mapping[str, Sequence[str]]) -> str:
    told = joined(f"{', '.join(some)} d’après {source}" for source, some in communes.items())
    return f"Dispositif {quoted(name)} non reconnu. Les communes indiquées ne concordent pas : {told}."


def scheme_elsewhere(name: str, choices: Sequence[tuple[str, Sequence[str]]], communes: Sequence[str]) -> str:
    return (
        f"Dispositif {quoted(name)} inconnu dans la commune du projet ({', '.join(communes)}). "
        f"Dispositifs de ce nom : {_choices(choices)}."
    )


def scheme_ambiguous(name: str, choices: Sequence[tuple[str, Sequence[str]]], communes: Sequence[str]) -> str:
    return (
        f"Dispositif {quoted(name)} non reconnu. Plusieurs communes sont possibles ({_few(communes)}). "
        f"Dispositifs de ce nom : {_choices(choices)}. Complétez la commune."
    )


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMES]) + ("…" if len(names) > _MOST_NAMES else "")


def step_dated(step: str, day: date) -> str:
    return f"{step} : {numeric_day(day)}"


def steps_missing(steps: Sequence[str]) -> str:
    return f"Étape{plural(len(steps))} sans date avant une étape datée : {', '.join(steps)}."


def steps_out_of_order(earlier: tuple[str, date], step: tuple[str, date]) -> str:
    return (
        f"Étapes dans le désordre : {step[0]} ({tell.day(step[1])}) est daté avant "
        f"{earlier[0]} ({tell.day(earlier[1])})."
    )


def steps_foreign(steps: Sequence[str]) -> str:
    return f"Étape{plural(len(steps))} inconnue{plural(len(steps))} de ce dispositif : {', '.join(steps)}."


def unknown_steps(headings: Sequence[str], known: Sequence[str]) -> str:
    s = plural(len(headings))
    steps = values(f"etape_{one}" for one in known)
    return f"étape{s} inconnue{s} : {values(headings)} ; étapes connues : {steps}"


def unknown_codes(codes: Sequence[str]) -> str:
    if len(codes) == 1:
        return f"Le code {quoted(codes[0])} n’existe pas dans les périmètres installés."
    return f"Les codes {values(codes)} n’existent pas dans les périmètres installés."


BY_QPV = "Certains projets n’ont qu’un point, un site ou un code. Pour les répartir par quartier, ajoutez --by qpv."

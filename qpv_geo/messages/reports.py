"""What assessments of projects, their sums and their workbook say, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages import verdicts as tell
from qpv_geo.messages.typography import number, plural, quoted, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

# ── Assessments ────────────────────────────────────────────────────────────────────────────────────────────────────

NO_SINGLE_PLACE = "Projet sans lieu unique. Il n’y a pas de lieu à vérifier."
REFUND = "Remboursement. Seul un montant demandé est examiné pour un dispositif."
_DECLARED = {"perimeter": "code déclaré dans le tableau", "neighbourhood": "quartier déclaré dans le tableau"}


def not_checked(why: str) -> str:
    return f"Lieu non vérifié : {why}."


def lapsed_codes(codes: Sequence[str], year: int | None) -> str:
    if year is None:
        return f"Le code {', '.join(codes)} n’est pas en vigueur aujourd’hui. À vérifier."
    return f"Le code {', '.join(codes)} n’était pas en vigueur en {year}. À vérifier."


def declared(status: str, basis: str, named: Sequence[str], labels: Iterable[str], codes: Sequence[str]) -> str:
    if status == "not_located":
        return "Le tableau n’indique pas le lieu de ce projet."
    what = ", ".join(dict.fromkeys(tell.named(*pair) for pair in zip(labels, codes, strict=False)))
    if status == "inside":
        return f"En QPV, {what}, d’après le {_DECLARED[basis]} (non vérifié)."
    if status == "outside":
        zone = ", ".join(named)
        said = f"{zone} : zone municipale aux limites non publiées"
        return f"{said}, hors QPV d’après le {_DECLARED[basis]} (non vérifié)."
    return f"{', '.join(named)} : QPV inconnu pour au moins un de ces noms. À vérifier."


def unknown_scheme(name: str) -> str:
    return f"Dispositif {quoted(name)} non reconnu."


# ── Words shared by the workbook and the command line ──────────────────────────────────────────────────────────────

STATUS = {
    "inside": "en QPV",
    "outside": "hors QPV",
    "uncertain": "à vérifier",
    "not_located": "non localisé",
    None: "sans lieu unique",
}
BASIS = {
    "site": "d’après le site",
    "point": "d’après le point",
    "address": "d’après l’adresse",
    "perimeter": "d’après le code déclaré",
    "neighbourhood": "d’après le quartier déclaré",
    "everywhere": "tous les quartiers",
    "not_stated": "lieu non précisé",
}
OUTCOME = {
    "place_ok": "lieu conforme",
    "eligible": "éligible",
    "not_eligible": "non éligible",
    "to_review": "à vérifier",
}
BY = {
    "quartier": "Quartier",
    "qpv": "QPV",
    "quartier-suivi": "Quartier suivi",
    "scheme": "Dispositif",
    "year": "Année",
    "lead": "Porteur",
    "theme": "Thème",
    "funder": "Financeur",
    "commune": "Commune",
}
"""Keys to sum by, as in `qpv_geo.projects.keys`."""
LINE_KIND = {
    "group": "",
    "outside": "hors QPV",
    "none": "sans lieu unique",
    "not_stated": "non précisé",
    "to_review": "à vérifier",
}
SUM_COLUMNS = ("ligne", "code", "nature", "projets", "montants non publiés", "montant")
"""Columns of sums in a file; by two keys, those of the second come before the last."""
UNPUBLISHED, UNPUBLISHED_SHORT = "montant non publié", "non publié"
IN_EUROS = "Montants en euros."
TOTAL = "TOTAL"


def euros(amount: Decimal) -> str:
    """1 234,56 €, a narrow space between thousands."""
    return f"{plain_euros(amount)} €"


def plain_euros(amount: Decimal) -> str:
    """1 234,56, a narrow space between thousands."""
    return f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",").replace("-", "−")


def projects_count(count: int) -> str:
    return f"{tell.number(count)} projet{plural(count)}"


def unpublished_count(count: int) -> str:
    return "" if count == 0 else f"dont {tell.number(count)} sans montant publié"


def and_others(count: int) -> str:
    return f"et {count} autre{plural(count)}"


# ── The workbook ───────────────────────────────────────────────────────────────────────────────────────────────────

SHEET_SUMMARY, SHEET_PROJECTS, SHEET_VERDICTS, SHEET_LEGEND = "Synthèse", "Projets", "Réponses", "Légende"
SHEET_TO_REVIEW = "À vérifier"

SUMMARY = {
    "regroupement": "critère de regroupement : quartier, QPV, dispositif, année, porteur, thème, financeur, commune",
    "ligne": "valeur du critère ; la ligne TOTAL est la somme des lignes du regroupement",
    "code": "code du périmètre, si la ligne en est un",
    "nature": (
        "vide pour une ligne ordinaire ; « sans lieu unique » : projets de tous les quartiers ; « hors QPV » ; "
        "« à vérifier » : lieu à préciser ; « non précisé » : absent du tableau"
    ),
    "projets": "projets de la ligne ; un projet réparti entre plusieurs lignes est compté dans chacune",
    "montant": "euros ; un projet en plusieurs lieux est réparti selon les parts du tableau, sinon à parts égales",
    "part": "part du montant dans le total",
    "montants non publiés": "projets dont le montant n’est pas publié (non compté dans les sommes)",
}
PROJECTS = {
    "id": "identifiant du projet dans son tableau",
    "intitulé": "intitulé du projet",
    "porteur": "qui porte le projet",
    "dispositif": "qui le finance",
    "année": "année du financement",
    "montant": "euros, ou « montant non publié »",
    "thèmes": "thèmes, séparés par un point-virgule",
    "financeurs": "qui finance, et combien si c’est publié",
    "quartiers": "quartiers déclarés dans le tableau",
    "codes déclarés": "codes de quartiers déclarés dans le tableau",
    "adresse": "adresse déclarée dans le tableau",
    "longitude": "degrés, WGS84",
    "latitude": "degrés, WGS84",
    "ligne du fichier": "ligne du projet dans le fichier d’origine",
}
VERDICTS = {
    "id": "identifiant du projet",
    "intitulé": "intitulé du projet",
    "réponse": "en QPV, hors QPV, à vérifier, non localisé, ou sans lieu unique",
    "fondement": (
        "origine de la réponse : lieu vérifié sur la carte (site, point, adresse), ou déclaré dans le tableau sans "
        "vérification (code, quartier)"
    ),
    "motif": "motif de la réponse",
    "demandé": "adresse demandée",
    "trouvé": "adresse trouvée, ou la plus ressemblante",
    "comparaison": "accord entre l’adresse demandée et l’adresse trouvée : numéro, rue, code postal, commune",
    "qpv_code": "QPV du projet",
    "part en QPV": "part du lieu en QPV, marge d’erreur comprise",
    "distance_m": "distance à la limite la plus proche, en mètres ; négative à l’intérieur",
    "date": "date de la question",
    "génération": "génération de périmètres utilisée",
    "explication": "la réponse en une phrase",
    "dispositif vérifié": "dispositif dont les règles ont été appliquées",
    "reconnu": "comment le dispositif a été reconnu, si le tableau n’en donne que le nom court",
    "décision": "lieu conforme, éligible, non éligible ou à vérifier selon ce dispositif",
    "étapes": "dates des étapes du dossier, dans l’ordre du dispositif",
    "suivi": "étapes sans date avant une étape datée, ou dans le désordre (aucun délai n’est publié)",
    "raisons": "raisons de la décision, ou de son absence (à l’écran, non imprimé)",
    "empreinte numérique": "empreinte numérique (sha256) de la réponse, pour la contrôler (à l’écran, non imprimé)",
}
TO_REVIEW = {
    "id": VERDICTS["id"],
    "intitulé": VERDICTS["intitulé"],
    "montant": PROJECTS["montant"],
    "réponse": "à vérifier ou non localisé",
    "explication": VERDICTS["explication"],
    "adresse": PROJECTS["adresse"],
    "trouvé": VERDICTS["trouvé"],
    "comparaison": VERDICTS["comparaison"],
    "date": VERDICTS["date"],
    "à installer": "ce que l’administrateur peut installer pour lever le doute",
}
LEGEND = ("feuille", "élément", "signification")
LEGEND_NOTICE, LEGEND_SOURCE, LEGEND_FILE, LEGEND_SOFTWARE = "Avertissement", "Source", "Fichier", "Logiciel"
LEGEND_IGNORED = "Colonnes non lues"


def crossed(rows: str, columns: str) -> str:
    return f"{rows} par {_lower(columns)}"


def funded(name: str, amount: Decimal | None) -> str:
    return name if amount is None else f"{name} {euros(amount)}"


def workbook_total(count: int, amount: Decimal | None, unpublished: int) -> str:
    parts = [projects_count(count), UNPUBLISHED if amount is None else euros(amount), unpublished_count(unpublished)]
    return ", ".join(part for part in parts if part)


def dataset(title: str, source: str | None, edition: str | None, licence: str | None, sha256: str | None) -> str:
    parts = [title, source, f"édition {edition}" if edition else "", licence, f"sha256 {sha256}" if sha256 else ""]
    return ", ".join(part for part in parts if part)


# ── The command line ───────────────────────────────────────────────────────────────────────────────────────────────

PROJECTS_HELP = """Additionner et vérifier des projets financés.

FICHIER : CSV, XLSX, GeoPackage, GeoJSON ou Parquet, ou un jeu livré (fiq-2024, loos-2024)."""
PROJECTS_COMMANDS = {
    "summary": "Additionner selon un ou deux critères : quartier, QPV, année, thème, financeur…",
    "check": "Vérifier le lieu et le dispositif de chaque projet.",
}
SUMMARY_HELP = """Additionner les projets d’un tableau. Le total est juste au centime près.

Les projets sans lieu unique, pas encore situés ou sans montant publié ont leur propre ligne.

\b
Exemple :
  qpv projects summary fiq-2024 --by qpv --by lead -o rapport.xlsx"""
CHECK_HELP = """Vérifier si le lieu de chaque projet est en QPV, et si son dispositif s’applique.

Un point, un site ou une adresse est vérifié sur la carte. Un code ou un quartier déclaré est repris sans être vérifié.
Sans --on, chaque projet est vérifié pour son année.

\b
Exemple :
  qpv projects check fiq-2024 --scheme fiq-poitiers"""
BY_HELP = "Critère de regroupement. Donné deux fois : en lignes, puis en colonnes."
OUTPUT_HELP = "Écrire aussi le rapport complet dans ce classeur .xlsx."
SCHEME_HELP = "Dispositif à examiner pour tous les projets. Sans lui, celui de chacun."
ON_HELP = "Date de la question pour tous les projets. Sans elle, l’année de chacun."
MAPPING_HELP = "Fichier de correspondance : le nom de chaque colonne et les thèmes de ce tableau."
MORE_WITH_DETAILS = "Pour connaître le motif de chaque réponse, ajoutez --details."
DETAILS_HELP = "Montrer aussi, pour chaque projet, le motif, l’adresse trouvée et la décision du dispositif."
KEEP_GOING_HELP = "Lire le tableau sans ses lignes illisibles. Leur somme est indiquée."
SUMMARY_OUTPUT_HELP = "Écrire aussi .xlsx (rapport complet), .csv, .parquet, .gpkg ou .geojson (un objet par quartier)."


def nothing_read(name: str, count: int) -> str:
    told = f"{quoted(name)} : {number(count)} anomalie{plural(count)}, le tableau n’est pas lu"
    return f"{told} ; corrigez le fichier et relancez"


def ignored_columns(names: Sequence[str], funders: Sequence[str]) -> str:
    text = f"colonnes non lues : {values(names)}"
    if not funders:
        return text
    asked = "sont-elles des financeurs" if len(funders) > 1 else "est-elle un financeur"
    return f"{text}. {values(funders)} {asked} ? Leurs montants ne sont pas comptés ; nommez-les avec --mapping"


def unknown_output(path: str, known: Iterable[str]) -> str:
    return f"{quoted(path)} : extension inconnue ; extensions possibles : {values(known)}"


def not_on_perimeters(path: str, keys: Sequence[str]) -> str:
    return f"{quoted(path)} contient des quartiers ; donnez d’abord --by {', --by '.join(keys[:-1])} ou --by {keys[-1]}"


def not_a_workbook(path: str) -> str:
    return f"le rapport est un classeur .xlsx, pas {quoted(path)} ; donnez par exemple -o rapport.xlsx"


def report_written(path: str) -> str:
    return f"Rapport écrit : {path}"


def sums_title(name: str, *by: str) -> str:
    """projets.csv, par quartier et par année."""
    return f"{name}, {' et '.join(f'par {_lower(BY[one])}' for one in by)}"


def _lower(word: str) -> str:
    return word if word.isupper() else word.lower()


def too_many_keys(keys: Sequence[str]) -> str:
    return f"--by accepte un ou deux critères différents, et non {values(keys)} ; retirez-en"


def counted(count: int, unpublished: int) -> str:
    return ", ".join(part for part in (projects_count(count), unpublished_count(unpublished)) if part)


def counts(statuses: Iterable[str | None]) -> list[str]:
    """En QPV : 3 projets; each status that is there, in order."""
    listed = list(statuses)
    return [f"{word} : {projects_count(listed.count(one))}" for one, word in STATUS.items() if one in listed]

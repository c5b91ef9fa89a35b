"""What assessments of projects, their workbook and the fiche of a verdict say, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.texts import verdicts as tell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

# ── Assessments ────────────────────────────────────────────────────────────────────────────────────────────────────

NO_SINGLE_PLACE = "Projet sans lieu unique : il n'y a pas de lieu à vérifier."
REFUND = "remboursement : le dispositif ne s'interroge que sur un montant demandé"
_BY = {"perimeter": "le code du tableau", "neighbourhood": "le quartier que dit le tableau"}
NOT_CHECKED_HERE = "rien n'a été vérifié sur la carte."


def not_checked(why: str) -> str:
    return f"Lieu non vérifié : {why}."


def lapsed_codes(codes: Sequence[str], year: int | None) -> str:
    when = "aujourd'hui" if year is None else f"en {year}"
    return f"{', '.join(codes)} : ce code n'est pas d'un périmètre en vigueur {when} : à vérifier."


def declared(status: str, basis: str, named: Sequence[str], labels: Iterable[str], codes: Sequence[str]) -> str:
    if status == "not_located":
        return "Le tableau ne dit pas où est ce projet."
    what = ", ".join(dict.fromkeys(tell.named(*pair) for pair in zip(labels, codes, strict=False)))
    if status == "inside":
        return f"D'après {_BY[basis]} : en QPV, {what} ; {NOT_CHECKED_HERE}"
    if status == "outside":
        zone = ", ".join(named)
        return f"{zone} : zone municipale dont le périmètre n'est pas publié, hors QPV d'après {_BY[basis]}."
    return f"{', '.join(named)} : le QPV n'est pas connu, ou pas pour tous ces quartiers : à vérifier."


def unknown_scheme(name: str) -> str:
    return f"dispositif « {name} » non reconnu : donnez-le avec --scheme (voyez : qpv schemes list)"


# ── Words shared by the workbook and the command line ──────────────────────────────────────────────────────────────

STATUS = {
    "inside": "en QPV",
    "outside": "hors QPV",
    "uncertain": "à vérifier",
    "not_located": "non localisé",
    None: "sans lieu unique",
}
BASIS = {
    "site": "verdict sur l'emprise",
    "point": "verdict sur le point",
    "address": "verdict sur l'adresse",
    "perimeter": "code déclaré",
    "neighbourhood": "quartier déclaré",
    "everywhere": "tous les quartiers",
    "not_stated": "lieu non précisé",
}
OUTCOME = {"eligible": "éligible", "not_eligible": "non éligible", "to_review": "à vérifier"}
BY = {
    "neighbourhood": "Quartier",
    "qpv": "QPV",
    "scheme": "Dispositif",
    "year": "Année",
    "lead": "Porteur",
    "theme": "Thème",
}
LINE_KIND = {
    "group": "",
    "outside": "hors QPV",
    "none": "sans lieu unique",
    "not_stated": "non précisé",
    "to_review": "à vérifier",
}
UNPUBLISHED = "montant non publié"
TOTAL = "TOTAL"


def euros(amount: Decimal) -> str:
    """1 234,56 €, a narrow space between thousands."""
    return f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",") + "\u00a0€"


def projects_count(count: int) -> str:
    return f"{count} projet{'s' if count > 1 else ''}"


def unpublished_count(count: int) -> str:
    return "" if count == 0 else f"dont {count} sans montant publié"


# ── The workbook ───────────────────────────────────────────────────────────────────────────────────────────────────

SHEET_SUMMARY, SHEET_PROJECTS, SHEET_VERDICTS, SHEET_LEGEND = "Synthèse", "Projets", "Verdicts", "Légende"

SUMMARY = {
    "regroupement": "ce par quoi les projets sont regroupés : quartier, QPV, dispositif, année, porteur, thème",
    "ligne": "ce que la ligne rassemble ; la ligne TOTAL de chaque regroupement est la somme de ses lignes",
    "code": "code du périmètre, si la ligne en est un",
    "nature": (
        "vide pour un regroupement ordinaire ; « sans lieu unique » : projets de tous les quartiers ; « hors QPV » ; "
        "« à vérifier » : lieu que rien ne permet encore de situer ; « non précisé » : le tableau ne le dit pas"
    ),
    "projets": "projets de la ligne ; un projet réparti entre plusieurs lignes est compté dans chacune",
    "montant": "euros ; un projet en plusieurs lieux est réparti selon les parts du tableau, sinon à parts égales",
    "part": "part du montant dans le total",
    "montants non publiés": "projets de la ligne dont le montant n'est pas publié : il n'est pas compté, et n'est pas 0",
}
PROJECTS = {
    "id": "identifiant du projet dans son tableau",
    "intitulé": "intitulé du projet",
    "porteur": "qui porte le projet",
    "dispositif": "qui le finance",
    "année": "année du financement",
    "montant": "euros, ou « montant non publié »",
    "thème": "thème du contrat de ville",
    "quartiers": "quartiers que nomme le tableau",
    "codes déclarés": "périmètres que nomme le tableau",
    "adresse": "adresse que donne le tableau",
    "longitude": "degrés, WGS84",
    "latitude": "degrés, WGS84",
    "ligne du fichier": "ligne du projet dans le fichier d'origine",
}
VERDICTS = {
    "id": "identifiant du projet",
    "intitulé": "intitulé du projet",
    "réponse": "en QPV, hors QPV, à vérifier, non localisé, ou sans lieu unique",
    "fondement": (
        "ce qui fonde la réponse : un verdict (emprise, point, adresse), ou la seule déclaration du tableau (code, "
        "quartier), qui n'est pas vérifiée sur la carte"
    ),
    "motif": "pourquoi le verdict est ce qu'il est",
    "qpv_code": "QPV du projet",
    "part en QPV": "part du lieu, avec son imprécision, qui est en QPV",
    "distance_m": "distance à la limite la plus proche, en mètres ; négative à l'intérieur",
    "date": "jour pour lequel le verdict est rendu",
    "génération": "génération de périmètres qui a répondu",
    "explication": "la réponse en une phrase",
    "dispositif vérifié": "dispositif dont les règles ont été appliquées",
    "décision": "éligible, non éligible ou à vérifier selon ce dispositif",
    "raisons": "ce qui fonde la décision, ou pourquoi il n'y en a pas",
    "empreinte": "sha256 du verdict, que qpv verify recalcule",
}
LEGEND = ("feuille", "élément", "ce qu'il dit")
LEGEND_NOTICE, LEGEND_SOURCE, LEGEND_FILE, LEGEND_SOFTWARE = "Avertissement", "Source", "Fichier", "Logiciel"
LEGEND_IGNORED = "Colonnes non lues"


def workbook_title(name: str) -> str:
    return f"Projets financés : {name}"


def workbook_total(count: int, amount: Decimal | None, unpublished: int) -> str:
    parts = [projects_count(count), UNPUBLISHED if amount is None else euros(amount), unpublished_count(unpublished)]
    return ", ".join(part for part in parts if part)


def dataset(title: str, source: str | None, edition: str | None, licence: str | None, sha256: str | None) -> str:
    parts = [title, source, f"édition {edition}" if edition else "", licence, f"sha256 {sha256}" if sha256 else ""]
    return ", ".join(part for part in parts if part)

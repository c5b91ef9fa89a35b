"""What is written on a map, in French: titles, legend, panel, popups, and what its command says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.cli import REASON
from qpv_geo.messages.perimeters import CHANGE, redraw_not_compared, redraw_totals
from qpv_geo.messages.typography import enumerated, plural, quoted
from qpv_geo.messages.verdicts import NOTICE, metres, named, number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

__all__ = ["CHANGE", "NOTICE", "REASON", "metres", "named", "number", "redraw_not_compared", "redraw_totals"]

_SQUARE_METRES_IN_HECTARE = 10_000

# ── What the script of a page says ─────────────────────────────────────────────────────────────────────────────────

CONTROLS = {
    "map": "Carte",
    "skip": "Aller au panneau",
    "pages": "Pages",
    "zoomIn": "Zoomer",
    "zoomOut": "Dézoomer",
    "fullscreen": "Plein écran",
    "measure": "Mesurer une distance",
    "measuring": "Cliquez pour ajouter des points. Échap pour effacer.",
    "print": "Imprimer",
    "panel": "Afficher ou masquer le panneau",
    "close": "Fermer",
    "home": "Recentrer",
    "towns": "Aller à",
    "noBackground": "Le fond de carte ne répond pas. Les quartiers et les projets restent affichés.",
    "filters": "Filtrer les projets",
    "every": "tous",
    "filtered": "{} projets sur {} : {}. Le montant d’un projet est compté en entier.",
    "filteredOne": "{} projet sur {} : {}.",
    "noAmount": "montant non publié",
    "reset": "Tout afficher",
    "itsProjects": "Projets de ce quartier ({}) : {}",
    "perInhabitant": "{}/hab.",
    "noProject": "Aucun projet de ce tableau dans ce quartier.",
    "search": "Rechercher",
    "searchHint": "Un quartier, un projet…",
    "nothingFound": "Aucun résultat sur cette carte.",
    "background": "Fond de carte",
    "layers": "Couches",
    "legend": "Légende",
    "listing": "Tout ce que montre la carte",
    "page": "{} à {} sur {}",
    "previous": "Précédents",
    "next": "Suivants",
    "oneProject": "1 projet",
    "projects": "{} projets",
    "more": "et {} autres résultats. Précisez la recherche.",
}

# ── Backgrounds ────────────────────────────────────────────────────────────────────────────────────────────────────

PLAN_IGN, OSM, BLANK = "Plan IGN", "OpenStreetMap", "Fond uni"
IGN_CREDIT = 'Plan IGN © <a href="https://www.ign.fr/">IGN</a>, Géoplateforme'
OSM_CREDIT = '© les contributeurs d\'<a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a>'
NO_BACKGROUND = "Carte hors ligne : sans fond de plan."

# ── Layers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

PERIMETERS, PROJECTS, REDRAW = "Périmètres", "Projets", "Redécoupage"
LAYER_MONEY = "Montants par périmètre"
LAYER_SITES = "Sites des projets"
LAYER_LOCATED = "Projets situés"
LAYER_GATHERED = "Projets placés par quartier"
LAYER_ADDED, LAYER_REMOVED = "Parties ajoutées", "Parties retirées"
LAYER_NOT_COMPARABLE = "Périmètres non comparables"


def layer_perimeters(dataset: str) -> str:
    return f"Périmètres {dataset}"


# ── Legend ─────────────────────────────────────────────────────────────────────────────────────────────────────────

LEGEND_THEMES = "Thème du projet"
LEGEND_MONEY = "Montant par périmètre"
LEGEND_SIZE = "Taille du cercle : montant du projet"
LEGEND_GATHERED = "Somme des projets placés par quartier, sur la somme de tout le périmètre"
LEGEND_CLUSTER = "Nombre et somme des projets regroupés"
SEVERAL_THEMES = "plusieurs thèmes"
OTHER_THEMES = "autres thèmes"
NO_THEME = "non précisé"
NO_MONEY = "aucun montant"
REFUNDS = "remboursements (somme négative)"


def money_class(low: Decimal | None, high: Decimal) -> str:
    if high < 0:
        return REFUNDS
    return f"jusqu’à {euros(high)}" if low is None or low < 0 else f"de {euros(low)[:-2]} à {euros(high)}"


def euros(amount: Decimal | None) -> str:
    """450 000 €, 1 234,50 €, or that the amount is not published."""
    if amount is None:
        return "montant non publié"
    decimals = 0 if amount == amount.to_integral_value() else 2
    text = f"{amount:,.{decimals}f}".replace(",", "\u202f").replace(".", ",")
    return f"{text} €".replace("-", "−")


def hectares(area_m2: float | None) -> str:
    return "surface inconnue" if area_m2 is None else f"{number(area_m2 / _SQUARE_METRES_IN_HECTARE, 1)} ha"


def square_metres(area_m2: float) -> str:
    return f"{number(area_m2)} m²"


# ── Popups ─────────────────────────────────────────────────────────────────────────────────────────────────────────

FIELDS = {
    "amount": "Montant",
    "gathered": "Placés par quartier",
    "whole": "Tout le périmètre",
    "lead": "Porteur",
    "scheme": "Dispositif",
    "year": "Année",
    "theme": "Thème",
    "neighbourhood": "Quartier",
    "verdict": "Réponse",
    "reason": "Motif",
    "code": "Code",
    "area": "Surface",
    "change": "Évolution",
}
STATUS = {"inside": "en QPV", "outside": "hors QPV", "uncertain": "à vérifier", "not_located": "non localisé"}
STATUS_ELSEWHERE = STATUS | {"inside": "dans la zone", "outside": "hors de la zone"}
NOT_CHECKED = "non vérifié (emplacement non publié)"
BY_NEIGHBOURHOOD = "Placés par quartier, car leur adresse n’est pas publiée. Ce repère n’est pas leur adresse."


def verdict(status: str, name: str | None) -> str:
    return f"{status} : {name}" if name else status


def reason(text: str, distance: str | None) -> str:
    return f"{text} (limite à {distance})" if distance else text


def part_of(part: str, whole: str) -> str:
    return f"{part} sur {whole}"


# ── Panel ──────────────────────────────────────────────────────────────────────────────────────────────────────────

TITLE_PROJECTS = "Projets financés"
BY_PLACE = "Montants par quartier"
BY_PERIMETER = "Montants par périmètre"
NOT_ON_MAP = "Projets non localisés"
NOT_ON_MAP_NOTE = "Emplacement non publié. Ces projets comptent dans le total."
CHANGES = "Quartier par quartier"


def titled_projects(name: str) -> str:
    return f"{TITLE_PROJECTS} : {name}"


def projects_count(count: int) -> str:
    return f"{number(count)} projet{plural(count)}"


def totals(count: int, total: str, unpublished: int) -> str:
    if count == unpublished:
        return f"{projects_count(count)}, {total}." if count else f"{projects_count(count)}."
    rest = f", dont {number(unpublished)} au montant non publié" if unpublished else ""
    return f"{projects_count(count)}, {total} en tout{rest}."


NONE_ON_MAP = "Aucun projet n’est sur la carte, car leur emplacement n’est pas publié. Ils sont listés ici."


def balance(on_map: str, elsewhere: str | None) -> str:
    rest = "" if elsewhere is None else f" Projets non localisés : {elsewhere}."
    return f"Sur la carte : {on_map}.{rest}"


def map_title(schemes: Sequence[str], communes: Sequence[str], years: Sequence[int]) -> str:
    """Fonds d’initiatives pour les quartiers, Poitiers 2024."""
    when = "" if not years else str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"
    where = f"{enumerated(communes)} {when}".strip()
    return ", ".join(part for part in (enumerated(schemes) or TITLE_PROJECTS, where) if part)


def judged_by(dataset: str) -> str:
    return f"Réponses d’après les périmètres affichés ({dataset}), quelle que soit l’année du projet."


def simplified(tolerance_m: float) -> str:
    tolerance = number(tolerance_m, 0 if tolerance_m.is_integer() else 1)
    return f"Contours simplifiés à {tolerance} m près pour l’affichage. Les réponses suivent les contours exacts."


def source(title: str, origin: str, edition: str | None, licence: str | None) -> str:
    parts = [title, origin, f"édition {edition}" if edition else "", licence or ""]
    return f"Périmètres : {', '.join(dict.fromkeys(part for part in parts if part))}."


def source_projects(name: str) -> str:
    return f"Projets : {name}."


def titled_redraw(before: str, after: str, commune: str | None) -> str:
    return f"De {before} à {after}" + (f", commune {commune}" if commune else "")


def redraw_areas(before: str, after: str) -> str:
    return f"{before} → {after}"


def redraw_rule(width: str, area: str) -> str:
    return f"Les écarts de moins de {width} de large sont ignorés. Les parties d’au moins {area} sont dessinées."


UNKNOWN_CHANGE = "Non comparable : les données sont incomplètes ici."


def partly_unknown(area: str) -> str:
    return f"dont {area} non comparables"


def redraw_smaller(count: int, area: str) -> str:
    return f"et {number(count)} partie{plural(count)} plus petite{plural(count)} ({area})"


def redraw_unattached(count: int) -> str:
    many = plural(count)
    return f"{number(count)} quartier{many} sans commune connue, non comparé{many}."


# ── Picture ────────────────────────────────────────────────────────────────────────────────────────────────────────


def scale(length_m: float) -> str:
    """200 m, 5 km: a round length."""
    return f"{number(length_m)} m" if length_m < 1_000 else f"{number(length_m / 1_000)} km"  # noqa: PLR2004 - a km


LABELS = "Étiquettes : somme de tous les projets du périmètre"
CIRCLES = "Cercles : montant du projet"
UNLABELLED = "Certaines étiquettes sont masquées, faute de place."


def in_perimeters(amount: str) -> str:
    return f"Dans les périmètres : {amount}"


def beside_picture(label: str, amount: str, count: int) -> str:
    return f"{label} : {amount} ({projects_count(count)})"


def out_of_first_view(amount: str, count: int, *, towns: bool) -> str:
    more = "Choisissez une autre commune sur la carte." if towns else "Dézoomez."
    return f"Hors de la vue initiale : {amount} ({projects_count(count)}). {more}"


def other_lines(count: int, amount: str) -> str:
    return f"{number(count)} autre{plural(count)} ligne{plural(count)} : {amount}"


def out_of_sight(amount: str, count: int) -> str:
    return f"Dont hors de l’image : {amount} ({projects_count(count)})"


# ── Errors and command ─────────────────────────────────────────────────────────────────────────────────────────────


def asset_missing(name: str, package: str) -> str:
    return f"{quoted(name)} manque dans le paquet {quoted(package)} ; demandez à l’administrateur de le réinstaller"


def nothing_to_show() -> str:
    return "aucun périmètre à dessiner ; vérifiez la commune ou le jeu de périmètres"


def bad_tolerance(value: object) -> str:
    return f"tolérance de simplification invalide : {quoted(value)} ; donnez un nombre de mètres, positif ou nul"


def not_a_page(path: str) -> str:
    return f"la carte est un fichier .html, pas {quoted(path)} ; donnez par exemple carte.html"


def not_a_picture(path: str) -> str:
    return f"l’image est un fichier .png, pas {quoted(path)} ; donnez par exemple carte.png"


def written(path: str, size: int) -> str:
    return f"fichier écrit : {path} ({number(size / 1e6, 1)} Mo)"


# ── Help ───────────────────────────────────────────────────────────────────────────────────────────────────────────

MAP = """Dessiner une carte des projets financés, dans un seul fichier HTML.

FICHIER : un tableau de projets (CSV, XLSX, GeoPackage, GeoJSON, Parquet) ou un jeu livré (fiq-2024, loos-2024).
Chaque projet est placé aussi précisément que publié. Ceux qui n’ont pas de lieu unique sont dans le panneau.

\b
Exemple :
  qpv map fiq-2024 -o carte.html --png carte.png"""
MAP_OUTPUT = "Carte à écrire, un fichier .html."
MAP_PERIMETERS = "Génération, jeu de périmètres installé ou fichier à dessiner. Sans lui, qpv-2024."
MAP_EARLIER = "Génération précédente, pour montrer aussi ce qui a été ajouté et retiré."
MAP_TITLE = "Titre de la carte. Sans lui, le nom du tableau."
MAP_OFFLINE = "Ne rien demander au réseau : ni fond de plan, ni adresse cherchée auprès du service national."
MAP_PNG = "Écrire aussi une image .png, sans fond de plan, pour un rapport."
DIFF_OUTPUT = "Écrire aussi une carte, un fichier .html."
DIFF_OFFLINE = "Carte sans fond de plan, qui ne demande rien au réseau."

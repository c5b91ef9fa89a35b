"""What an error about a workbook says, and the names that a written one carries; see `qpv_geo.messages.errors`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA_SHEET = "Données"
OTHER_SHEET = "Feuille"

# ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────────


def old_or_locked(name: str) -> str:
    return (
        f"{name} est un classeur .xls ancien ou protégé par mot de passe ; enregistrez-le en .xlsx, sans mot de passe"
    )


def not_a_workbook(name: str) -> str:
    return f"{name} n'est pas un classeur XLSX lisible ; ouvrez-le dans un tableur et enregistrez-le en .xlsx"


def too_large(name: str, part: str, size: int) -> str:
    return f"{name} se déplie démesurément : {part}, {size // 1_000_000} Mo ; enregistrez de nouveau le classeur"


def has_doctype(name: str, part: str) -> str:
    return f"{name} déclare des entités XML ({part}), ce qu'aucun tableur n'écrit ; enregistrez de nouveau le classeur"


def missing_sheet_part(name: str, part: str) -> str:
    return f"{name} est incomplet : il manque {part} ; demandez de nouveau le fichier ou réparez-le dans un tableur"


def damaged_sheet(name: str, sheet: str, row: int) -> str:
    return f"{name}, feuille {sheet!r} : illisible après la ligne {row} ; réparez le classeur dans un tableur"


def too_many_rows_read(name: str, sheet: str, limit: int) -> str:
    return f"{name}, feuille {sheet!r} : plus de {limit} lignes, ce qu'aucun tableur n'écrit ; réparez le classeur"


def no_such_sheet(name: str, sheet: str, sheets: Sequence[str]) -> str:
    return f"{name} ne contient pas la feuille {sheet!r} ; feuilles présentes : {', '.join(sheets)}"


def no_header(name: str, sheet: str) -> str:
    return f"{name}, feuille {sheet!r} : aucune cellule remplie ; attendu une ligne d'en-têtes, puis les données"


def no_such_header(name: str, sheet: str, row: int) -> str:
    return f"{name}, feuille {sheet!r} : la ligne {row} ne peut pas être celle des en-têtes, elle est vide ou absente"


def no_sheet(name: str) -> str:
    return f"{name} ne contient aucune feuille de cellules ; enregistrez le tableau dans une feuille ordinaire"


def surplus_cells(columns: Sequence[str]) -> str:
    where = f"en colonne {columns[0]}" if len(columns) == 1 else f"en colonnes {', '.join(columns)}"
    return f"des cellules remplies au-delà des en-têtes, {where} ; donnez un en-tête à chaque colonne"


def uncomputed() -> str:
    return "formule dont le résultat n’est pas enregistré ; ouvrez le classeur dans un tableur et enregistrez-le"


# ── Writing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def too_many_rows(sheet: str, limit: int) -> str:
    return (
        f"feuille {sheet!r} : un classeur s'arrête à {limit} lignes ; écrivez un CSV ou un Parquet, ou divisez la table"
    )


def too_many_columns(sheet: str, limit: int) -> str:
    return f"feuille {sheet!r} : un classeur s'arrête à {limit} colonnes ; écrivez un CSV ou un Parquet"


def cell_too_long(sheet: str, row: int, column: str, limit: int) -> str:
    return (
        f"feuille {sheet!r}, ligne {row}, colonne {column} : texte de plus de {limit} caractères, "
        "trop long pour une cellule ; écrivez un CSV ou un Parquet"
    )


def cannot_be_copied(name: str) -> str:
    return (
        f"{name} ne peut pas être repris tel quel ; enregistrez-le de nouveau dans un tableur, ou écrivez un CSV "
        "(-o, nom en .csv)"
    )

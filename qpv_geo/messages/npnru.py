"""What is said of lists of urban renewal conventions, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import all_quoted, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE_QUOTED = "une source entre guillemets si elle contient le séparateur"


def unreadable(name: str) -> str:
    return f"liste illisible : {quoted(name)} ; donnez un fichier CSV en UTF-8"


def columns(name: str, missing: Sequence[str], expected: Sequence[str]) -> str:
    return f"{quoted(name)} : colonne absente ({all_quoted(missing)}) ; colonnes à fournir : {all_quoted(expected)}"


def row(name: str, line: int, column: str, value: str, expected: str) -> str:
    return f"{quoted(name)}, ligne {line} : {column} invalide : {quoted(value)} ; donnez par exemple {expected}"


def kept(count: int) -> str:
    return f"{count} convention{'s' if count > 1 else ''} NPNRU enregistrée{'s' if count > 1 else ''}"

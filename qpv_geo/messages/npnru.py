"""What is said of lists of urban renewal conventions, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import plural, quoted, values

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE_QUOTED = "une source entre guillemets si elle contient le séparateur"


def unreadable(name: str) -> str:
    return f"liste illisible : {quoted(name)} ; donnez un fichier CSV en UTF-8"


def columns(name: str, missing: Sequence[str], expected: Sequence[str]) -> str:
    return f"{quoted(name)} : colonne absente : {values(missing)} ; colonnes à fournir : {values(expected)}"


def row(name: str, line: int, column: str, value: str, expected: str) -> str:
    return f"{quoted(name)}, ligne {line}, colonne {quoted(column)} : {quoted(value)} ; donnez par exemple {expected}"


def kept(count: int) -> str:
    return f"{count} convention{plural(count)} NPNRU enregistrée{plural(count)}"

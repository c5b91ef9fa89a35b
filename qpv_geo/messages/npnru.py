"""What is said of lists of urban renewal conventions, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import plural, quoted, values

if TYPE_CHECKING:
    from collections.abc import Sequence

_WRONG = {
    "code_qp": "n’est pas un code de quartier ; exemple : QN05975M",
    "level": "n’est pas un niveau ; donnez national, regional ou unknown",
    "convention": "n’est pas une date ; donnez un jour (2019-12-16) ou un mois (2019-12)",
    "source": "est suivi d’une colonne en trop ; mettez entre guillemets une source qui contient le séparateur",
}


def unreadable(name: str) -> str:
    return f"liste illisible : {quoted(name)} ; donnez un fichier CSV en UTF-8"


def columns(name: str, missing: Sequence[str], expected: Sequence[str]) -> str:
    return f"{quoted(name)} : colonne absente : {values(missing)} ; colonnes à fournir : {values(expected)}"


def row(name: str, line: int, column: str, value: str) -> str:
    return f"{quoted(name)}, ligne {line}, colonne {quoted(column)} : {quoted(value)} {_WRONG[column]}"


def kept(count: int) -> str:
    return f"{count} convention{plural(count)} NPNRU enregistrée{plural(count)}"

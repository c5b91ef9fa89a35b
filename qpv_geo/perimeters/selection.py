"""Which perimeters of a set lie in a commune, as its file says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from qpv_geo import messages as msg
from qpv_geo.arrondissements import commune_of
from qpv_geo.errors import InputError
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from qpv_geo.perimeters.read import PerimeterSet

_INSEE = re.compile(r"\d{5}|2[AB]\d{3}")


def rows_of_commune(perimeters: PerimeterSet, commune: str, rows: Iterable[int] | None = None) -> NDArray[np.int64]:
    """Return the rows of the perimeters of a commune, in the order of the set.

    Parameters
    ----------
    perimeters
        The set to search.
    commune
        INSEE code, or name without regard to case and accents. The code of an arrondissement is that of its commune, as
        files of perimeters have no other: an arrondissement without perimeters would be a wrong no.
    rows
        Rows to choose from, by default all.

    Raises
    ------
    InputError
        The file of the set gives no commune at all in that form.
    """
    by_code = bool(_INSEE.fullmatch(commune.strip().upper()))
    told = perimeters.insee if by_code else perimeters.communes
    if not any(told):
        name = perimeters.dataset.id
        errors = msg.perimeter_errors
        raise InputError(errors.no_commune_codes(name) if by_code else errors.no_commune_names(name))
    wanted = {fold(commune), commune_of(commune.strip())}
    chosen = range(len(perimeters)) if rows is None else rows
    return np.array(
        [row for row in chosen if not wanted.isdisjoint(map(fold, re.split("[,;]", told[row])))], dtype=np.int64
    )

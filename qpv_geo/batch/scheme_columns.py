"""The columns of the schemes asked: one each, with the outcome in French for every row that has an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from qpv_geo import messages as msg
from qpv_geo.eligibility.location import Place, point_place, site_place
from qpv_geo.errors import InputError
from qpv_geo.files import sha256_of
from qpv_geo.schemes.bulk_outcomes import BulkOutcomes, SchemeQuestion
from qpv_geo.schemes.load import find_scheme
from qpv_geo.schemes.npnru import lists

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

    from qpv_geo.batch.options import BatchOptions
    from qpv_geo.batch.rows import RowQuestions
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.schemes.model import Scheme


def scheme_columns(options: BatchOptions, checker: Checker) -> SchemeColumns | None:
    """Return the columns of the schemes asked, None without any.

    Raises
    ------
    InputError
        An unknown scheme, a set of perimeters that no scheme reads, or amounts without a scheme.
    """
    if options.schemes and options.perimeters is not None:
        raise InputError(msg.schemes.schemes_and_perimeters())
    if options.named.amount is not None and not options.schemes:
        raise InputError(msg.schemes.amounts_without_scheme())
    return SchemeColumns(options.schemes, checker) if options.schemes else None


def scheme_schema(ids: Iterable[str]) -> pa.Schema:
    """Return the name and type of the column of each scheme."""
    return pa.schema([(f"dispositif_{one}", pa.string()) for one in ids])


class SchemeColumns:
    """The columns of some schemes, answered block by block.

    Parameters
    ----------
    ids
        The schemes; one named twice has one column.
    checker
        Its perimeters and thresholds decide.

    Raises
    ------
    InputError
        There is no such scheme, or its file is invalid.
    """

    def __init__(self, ids: Sequence[str], checker: Checker) -> None:
        home, generations = checker.settings.home, checker.catalogue.registry.generations
        self._schemes: list[Scheme] = [find_scheme(one, home, generations=generations) for one in dict.fromkeys(ids)]
        self._lists = lists(home)
        self._outcomes = BulkOutcomes(self._schemes, checker)
        self.schema = scheme_schema(one.id for one in self._schemes)

    def identity(self) -> list[Any]:
        """Return what the outcomes depend on beside the perimeters: the files of the schemes and of conventions."""
        return [*([one.id, one.sha256] for one in self._schemes), sha256_of(self._lists)]

    def columns(
        self, rows: RowQuestions, found: Mapping[int, GeocodingResult], faults: Collection[int]
    ) -> list[pa.Array]:
        """Return the column of each scheme; the cells of rows with a fault are empty.

        Parameters
        ----------
        found
            What was found for the address of a row, by row.
        faults
            The rows without an answer.
        """
        asked = questions_of(rows, found, set(faults))
        told = dict(zip(asked, self._outcomes.of(list(asked.values())), strict=True))
        every = range(len(rows.lon))
        return [
            pa.array([msg.reports.OUTCOME[told[row][k]] if row in told else None for row in every], pa.string())
            for k in range(len(self._schemes))
        ]


def questions_of(
    rows: RowQuestions, found: Mapping[int, GeocodingResult], faults: Collection[int]
) -> dict[int, SchemeQuestion]:
    """Return the question of each row that has an answer, with what was found for its address."""
    asked: dict[int, SchemeQuestion] = {}
    known: dict[Hashable, Place] = {}

    def put(row: int, identity: Hashable, place: Place | GeocodingResult) -> None:
        asked[row] = SchemeQuestion(place, identity, rows.day(row), rows.amounts.get(row))

    for row in rows.points.tolist():
        if row not in faults:
            lon, lat, accuracy_m = (float(one[row]) for one in (rows.lon, rows.lat, rows.accuracy_m))
            point = (lon, lat, accuracy_m)
            if point not in known:
                known[point] = point_place(lon=lon, lat=lat, accuracy_m=accuracy_m)
            put(row, point, known[point])
    for row, site in rows.sites.items():
        if row not in faults:
            if site.wkb not in known:
                known[site.wkb] = site_place(site)
            put(row, site.wkb, known[site.wkb])
    for row, query in rows.queries.items():
        if row in found and row not in faults:
            put(row, query, found[row])
    return asked

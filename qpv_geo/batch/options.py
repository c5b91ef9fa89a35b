"""The options of a run over a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qpv_geo.batch.columns import NamedColumns
from qpv_geo.tables.protocol import ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from qpv_geo.geocoding.protocol import Query


@dataclass(frozen=True)
class BatchOptions:
    """Options of a run.

    Attributes
    ----------
    source, output
        The file to read, and the one to write.
    named
        Columns named by the user.
    on
        Date of all rows, or of those without their own; today if there is no date column.
    crs
        CRS of the coordinates, such as ``EPSG:2154``, or of the geometries, overriding the file. If None, coordinates
        are in degrees, and geometries in the CRS of the file.
    perimeters
        Set to use instead of the registered ones: the id of a dataset, or a file.
    schemes
        Ids of the schemes whose outcome has a column; they read the perimeters that they need.
    answer_columns
        ``short`` (the answer in French) or ``all``; by default short in a workbook.
    messages
        Which rows are told in a sentence; by default all, and in a Parquet those in doubt.
    offline, cached
        Whether to skip the national service, and whether to cache its answers.
    strict
        Whether the first invalid row stops the run.
    corrections
        Addresses that a person chose for some rows, in place of what the file says, by position of the row from 0.
    kept
        What the register keeps with every row, beside its case; None if it keeps none.
    overwrite, replace_columns, restart
        Whether to replace an existing output, to replace existing answer columns, and to restart a stopped run.
    """

    source: Path
    output: Path
    named: NamedColumns = field(default_factory=NamedColumns)
    reading: ReadingOptions = field(default_factory=ReadingOptions)
    on: str | date | None = None
    generation: str | None = None
    kinds: tuple[str, ...] = ("qpv",)
    accuracy_m: float = 0.0
    crs: str | None = None
    perimeters: str | None = None
    schemes: tuple[str, ...] = ()
    answer_columns: str | None = None
    messages: str | None = None
    offline: bool = False
    cached: bool = True
    strict: bool = False
    corrections: Mapping[int, Query] = field(default_factory=dict)
    kept: Mapping[str, str | None] | None = None
    overwrite: bool = False
    replace_columns: bool = False
    restart: bool = False

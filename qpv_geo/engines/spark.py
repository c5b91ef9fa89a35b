"""Check a Spark DataFrame: each executor answers its own rows, as this machine would."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from qpv_geo.batch.arrow import ArrowOptions, CheckedBatches
from qpv_geo.batch.table import TableCheck, TableOptions, table_options
from qpv_geo.eligibility.check import default_checker
from qpv_geo.engines.portable_home import PortableHome, pack_home
from qpv_geo.extras import needed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa
    from pyspark.sql import DataFrame


def check(df: DataFrame, address: str | Sequence[str] | None = None, **options: Unpack[ArrowOptions]) -> DataFrame:
    """Check every row of a Spark DataFrame; lazy, as any transformation.

    Parameters
    ----------
    df
        The table. Executors need qpv-geo, in the version of this machine, and nothing else: the installed perimeters
        are broadcast with the function, and the address indexes are added to the files of the session.
    address, **options
        As for `qpv_geo.check_arrow`. Without `on`, the date is today's on this machine.

    Returns
    -------
    pyspark.sql.DataFrame
        The rows with the columns that `qpv_geo.check_arrow` adds, and its answers.

    Raises
    ------
    InputError
        As for `qpv_geo.check_arrow`.
    MissingError
        pyspark is not installed; raised by the job: an executor has another version of qpv-geo.
    """
    with needed("spark"):
        from pyspark.sql.types import DoubleType, StringType, StructField, StructType  # noqa: PLC0415 - an extra

    checker = default_checker()
    asked = table_options(df.columns, address, **options, offline=True).for_workers(checker)
    added = TableCheck(checker, df.columns, asked)
    home, indexes = pack_home(addresses=bool(asked.named.address))
    if indexes:
        df.sparkSession.addArtifacts(*map(str, indexes), file=True)
    kinds = {"string": StringType(), "double": DoubleType()}
    fields = [field for field in df.schema.fields if field.name not in added.taken]
    fields += [StructField(field.name, kinds[str(field.type)]) for field in added.schema]
    return df.mapInArrow(partial(_answered, home=home, options=asked), StructType(fields))


def _answered(batches: Iterable[pa.RecordBatch], home: PortableHome, options: TableOptions) -> Iterator[pa.RecordBatch]:
    """Answer the batches of a partition, in the Python process of an executor."""
    checked: CheckedBatches | None = None
    for batch in batches:
        if checked is None:
            checked = CheckedBatches(home.checker(_session_file), batch.schema, options)
        yield from checked.answered([batch])


def _session_file(name: str) -> Path:
    from pyspark import SparkFiles  # noqa: PLC0415 - on executors alone

    return Path(SparkFiles.get(name))

"""Check a Dask DataFrame: each worker answers its own partitions, as this machine would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from qpv_geo.batch.frame import check_frame
from qpv_geo.batch.table import table_options
from qpv_geo.eligibility.check import default_checker
from qpv_geo.engines.portable_home import PortableHome, pack_home
from qpv_geo.extras import needed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from dask.dataframe import DataFrame

    from qpv_geo.batch.arrow import ArrowOptions
    from qpv_geo.batch.table import TableOptions
    from qpv_geo.untyped import AnyValue


def check(ddf: DataFrame, address: str | Sequence[str] | None = None, **options: Unpack[ArrowOptions]) -> DataFrame:
    """Check every row of a Dask DataFrame; lazy, partition by partition.

    Parameters
    ----------
    ddf
        The table. Workers need qpv-geo, in the version of this machine; the installed perimeters are sent to them once.
        Address indexes are not: workers open those of their own ``QPV_GEO_HOME``, which must be of the same editions.
    address, **options
        As for `qpv_geo.check_arrow`. Without `on`, the date is today's on this machine.

    Returns
    -------
    dask.dataframe.DataFrame
        The rows with the columns that `qpv_geo.check_table` adds, and its answers.

    Raises
    ------
    InputError
        As for `qpv_geo.check_arrow`.
    MissingError
        dask is not installed; raised by the computation: a worker has another version of qpv-geo, or lacks an index.
    """
    with needed("dask"):
        from dask.delayed import delayed  # noqa: PLC0415 - an extra

    checker = default_checker()
    asked = table_options(list(ddf.columns), address, **options, offline=True).for_workers(checker)
    home, _ = pack_home(addresses=bool(asked.named.address))
    partitions: AnyValue = ddf  # dask has few types
    meta = check_frame(checker, partitions._meta, asked)  # noqa: SLF001 - the documented way to an empty partition
    answered: DataFrame = partitions.map_partitions(_answered, delayed(home, pure=True), asked, meta=meta)
    return answered


def _answered(frame: pd.DataFrame, home: PortableHome, options: TableOptions) -> pd.DataFrame:
    """Answer a partition, in a worker."""
    return check_frame(home.checker(), frame, options)

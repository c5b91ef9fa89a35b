"""Public functions of `qpv_geo`: the same answers as the command line, with the settings of the environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.eligibility import check as _check
from qpv_geo.eligibility.index import HORIZON_M
from qpv_geo.errors import FormatError
from qpv_geo.model import Kind
from qpv_geo.perimeters import catalogue as _catalogue

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike
    from shapely.geometry.base import BaseGeometry

    from qpv_geo.geocoding.protocol import Geocoder
    from qpv_geo.model import Verdict
    from qpv_geo.perimeters.diff import PerimeterDiff
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.schemes.records import Verification
    from qpv_geo.untyped import AnyValue


def check(  # noqa: PLR0913 - one keyword a way of asking
    *,
    address: str | None = None,
    postcode: str | None = None,
    citycode: str | None = None,
    geocoder: Geocoder | None = None,
    lon: float | None = None,
    lat: float | None = None,
    site: BaseGeometry | Mapping[str, Any] | None = None,
    on: dt.date | str | None = None,
    generation: str | None = None,
    kinds: Sequence[str] = (Kind.QPV,),
    accuracy_m: float = 0.0,
    perimeters: PerimeterSet | None = None,
) -> Verdict:
    """Check whether an address, a point or a site is in a perimeter on a date, with the evidence.

    Give one of: `lon` and `lat`; `site`; `address`.

    Parameters
    ----------
    address
        Address as people write it, located by `geocoder`; or a point as text: degrees in either order, degrees and
        minutes, Lambert 93 metres.
    postcode, citycode
        Narrow the search to a postcode, or to the INSEE code of a commune; never guessed from five digits.
    geocoder
        Anything with the `search` method of `qpv_geo.geocoding.protocol.Geocoder`; by default those of the settings:
        installed indexes, published places, then the national service.
    lon, lat
        Degrees, WGS84.
    site
        A shapely geometry or a GeoJSON mapping in longitude and latitude: points, lines or polygons.
    on
        Date of the question, as a date or ISO 8601 text; today by default. It selects the generation in force in the
        territory.
    generation
        Forces a generation, such as ``qpv-2015``, whatever the date.
    kinds
        Kinds of perimeters that decide the status. Other matching perimeters are listed without changing it.
    accuracy_m
        Accuracy radius of the point, in metres; for a point only.
    perimeters
        Set to use instead of the registered ones.

    Returns
    -------
    Verdict
        Its digest proves it; `verify` computes it again.

    Raises
    ------
    CoordinatesError, SiteError, DateError, InputError
        The input is invalid.
    MissingPerimetersError
        The perimeters of the generation in force are not installed.
    IntegrityError
        A perimeter file changed on disk.
    RemoteError
        The national service failed.
    MissingError
        Offline, with no address index installed.
    """
    return _check.default_checker().check(
        address=address,
        postcode=postcode,
        citycode=citycode,
        geocoder=geocoder,
        lon=lon,
        lat=lat,
        site=site,
        on=on,
        generation=generation,
        kinds=kinds,
        accuracy_m=accuracy_m,
        perimeters=perimeters,
    )


def check_many(  # noqa: PLR0913 - one keyword a way of asking
    *,
    lon: ArrayLike,
    lat: ArrayLike,
    on: dt.date | str | None = None,
    accuracy_m: ArrayLike = 0.0,
    generation: str | None = None,
    kinds: Sequence[str] = (Kind.QPV,),
    horizon_m: float = HORIZON_M,
    perimeters: PerimeterSet | None = None,
) -> pd.DataFrame:
    """Check whether many points are in a perimeter: the same decision as `check`, without the evidence.

    Parameters
    ----------
    lon, lat
        Degrees, WGS84, shape ``(n,)``.
    on, generation, kinds, perimeters
        As for `check`, for all the points.
    accuracy_m
        Accuracy radius of the points, in metres: one number, or ``n``.
    horizon_m
        Maximum distance at which an edge is searched from a point outside, in metres; does not affect the status.

    Returns
    -------
    pandas.DataFrame
        One row per point, in the same order: ``status`` and ``reason`` (values of `Status` and `Reason`), ``code_qp``
        and ``lib_qp`` (the perimeter that holds most of the accuracy disc; missing where ``outside``),
        ``share_inside`` (0 to 1), ``distance_m`` (signed, negative inside, to the centimetre; inf where no edge is
        within the horizon, missing where ``not_covered``).

    Raises
    ------
    CoordinatesError
        A point is non-finite, swapped or outside France's territories; the message gives its index, from 0.
    InputError, DateError, MissingPerimetersError, IntegrityError
        As for `check`.
    """
    return _check.default_checker().check_many(
        lon=lon,
        lat=lat,
        on=on,
        accuracy_m=accuracy_m,
        generation=generation,
        kinds=kinds,
        horizon_m=horizon_m,
        perimeters=perimeters,
    )


def check_table(  # noqa: PLR0913 - one keyword a way of asking
    frame: pd.DataFrame,
    address: str | Sequence[str] | None = None,
    *,
    lon: str | None = "lon",
    lat: str | None = "lat",
    point: str | None = None,
    date: str | None = None,
    postcode: str | None = None,
    citycode: str | None = None,
    on: dt.date | str | None = None,
    generation: str | None = None,
    kinds: Sequence[str] = (Kind.QPV,),
    accuracy_m: float = 0.0,
    crs: str | None = None,
    offline: bool = False,
    replace: bool = False,
) -> pd.DataFrame:
    """Check every row of a table in memory, as ``qpv batch`` does for a file.

    Parameters
    ----------
    frame
        The table; not modified. The geometries of a GeoDataFrame are checked, in their own CRS, unless `address` is
        given or the `lon` and `lat` columns exist.
    address
        Column of addresses, or several to join; used in rows without coordinates.
    lon, lat
        Columns of coordinates; the default names may be absent from the table.
    point
        Column of whole places: ``46.58, 0.34`` (latitude first in ``geo_point_2d``, else the order that is in France),
        WKT or GeoJSON. The default names of `lon` and `lat` are then not used.
    date
        Column of the date of each row; `on` is used where it is empty.
    postcode, citycode
        Columns that narrow the address search.
    on, generation, kinds
        As for `check`, for all rows.
    accuracy_m
        Accuracy radius of the coordinates, in metres.
    crs
        CRS of the coordinates, such as ``EPSG:2154``; degrees (WGS84) by default. For geometries it overrides the CRS
        of the frame.
    offline
        Skip the national service: no socket is opened.
    replace
        Whether to replace existing answer columns.

    Returns
    -------
    pandas.DataFrame
        A copy of the table with the same index, and after its own the columns ``qpv_reponse, qpv_message, qpv_code,
        qpv_nom, qpv_status, qpv_reason, qpv_part, qpv_distance_m, qpv_generation``; with addresses, the ``result_*`` of
        the national service and ``qpv_mention`` too. An invalid row gets the status ``error``; the others are still
        answered.

    Raises
    ------
    InputError
        A column is missing, no column locates the rows, or answer columns already exist.
    RemoteError
        The national service failed.
    """
    from qpv_geo.batch.frame import check_frame  # noqa: PLC0415 - a single check does without
    from qpv_geo.batch.table import table_options  # noqa: PLC0415

    options = table_options(
        list(frame.columns),
        address,
        lon=lon,
        lat=lat,
        point=point,
        date=date,
        postcode=postcode,
        citycode=citycode,
        on=on,
        generation=generation,
        kinds=kinds,
        accuracy_m=accuracy_m,
        crs=crs,
        offline=offline,
        replace=replace,
    )
    return check_frame(_check.default_checker(), frame, options)


def load_perimeters(source: str | Path) -> PerimeterSet:
    """Load perimeters by the id of a generation or of a dataset, or from a file in any supported format.

    Parameters
    ----------
    source
        ``qpv-2024``, ``qpv-2015``, the id of installed local zones, or a path.

    Raises
    ------
    InputError, PerimeterError
        Neither an id nor a file, or a file that cannot be trusted.
    MissingPerimetersError
        No perimeters of the generation are installed.
    """
    return _catalogue.load_perimeters(source, catalogue=_check.default_checker().catalogue)


def diff(
    before: str | Path,
    after: str | Path,
    *,
    commune: str | None = None,
    min_area_m2: float = 500.0,
    correspondence: Path | None = None,
) -> PerimeterDiff:
    """Compare two sets of perimeters, quartier by quartier.

    Parameters
    ----------
    before, after
        As `load_perimeters` takes them.
    commune
        INSEE code (not the postcode) or name of a commune to keep.
    min_area_m2
        Smallest added or removed piece to list, in square metres.
    correspondence
        Official CSV that maps old codes to new ones; without it quartiers are matched by overlap.

    Raises
    ------
    InputError, PerimeterError, MissingPerimetersError
        As for `load_perimeters`.
    """
    from qpv_geo.perimeters.diff import compare, read_correspondence  # noqa: PLC0415 - a single check does without

    return compare(
        load_perimeters(before),
        load_perimeters(after),
        commune=commune,
        min_area_m2=min_area_m2,
        correspondence=None if correspondence is None else read_correspondence(correspondence),
    )


def verify(record: str | Path | Mapping[str, Any]) -> Verification:
    """Recompute a saved verdict, with its schemes, and report every field that differs.

    A digest proves that nothing was changed by mistake; whoever changes a record can also write its digest again, so
    every field is compared with what is computed now. What a geocoder found is in the question and is not asked again.

    Parameters
    ----------
    record
        JSON object of a verdict, or the path of a file that contains it.

    Raises
    ------
    FormatError
        `record` is not a saved verdict, or is that of a later release.
    InputError
        It has a scheme that is not known here.
    MissingPerimetersError
        The perimeters it needs are not installed.
    """
    from qpv_geo.schemes.records import verify_record  # noqa: PLC0415 - a single check does without

    checker = _check.default_checker()
    if not isinstance(record, str | Path):
        return verify_record(record, checker, name="l'objet donné")
    path = Path(record)
    if not path.is_file():
        raise FormatError(msg.errors.file_missing(str(path)))
    return verify_record(read_record(path.read_bytes(), name=path.name), checker, name=path.name)


def read_record(content: bytes, *, name: str) -> AnyValue:
    """Decode the JSON of a record.

    Raises
    ------
    FormatError
        The content is not JSON, or gives a field twice.
    """

    def once(pairs: list[tuple[str, AnyValue]]) -> dict[str, AnyValue]:
        document: dict[str, AnyValue] = {}
        for key, value in pairs:
            if key in document:  # readers differ on which one they show
                raise FormatError(msg.errors.not_a_record(name, msg.errors.field_twice(key)))
            document[key] = value
        return document

    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=once)
    except FormatError:
        raise
    except (ValueError, RecursionError) as error:
        raise FormatError(msg.errors.not_json(name)) from error

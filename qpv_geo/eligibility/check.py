"""Check a place: locate it, decide it with the pipeline in `bulk`, and write its verdict and evidence."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from qpv_geo import messages as msg
from qpv_geo.eligibility import outcome
from qpv_geo.eligibility.applicable import CheckOptions
from qpv_geo.eligibility.arrays import points, positive_horizon, row_labels
from qpv_geo.eligibility.bulk import answer_points, decide_addresses, decide_places
from qpv_geo.eligibility.compose import compose, compose_not_found
from qpv_geo.eligibility.contexts import Contexts
from qpv_geo.eligibility.index import HORIZON_M
from qpv_geo.eligibility.location import (
    Place,
    accuracies,
    point_place,
    refuse_misplaced,
    refuse_needless,
    site_place,
)
from qpv_geo.eligibility.typed_point import read_point
from qpv_geo.errors import InputError, QpvGeoError
from qpv_geo.model import Kind
from qpv_geo.perimeters.catalogue import Catalogue
from qpv_geo.perimeters.generations import day_in_france, parse_date
from qpv_geo.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    import pandas as pd
    from numpy.typing import ArrayLike
    from shapely.geometry.base import BaseGeometry

    from qpv_geo.eligibility.decided import DecidedPlace
    from qpv_geo.eligibility.measures import Measure
    from qpv_geo.geocoding.protocol import Geocoder
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.model import Verdict
    from qpv_geo.perimeters.read import PerimeterSet

_VARIABLES = tuple(f"QPV_GEO_{name.upper()}" for name in Settings.model_fields)
_ENCODED = tuple(map(os.fsencode, _VARIABLES))
_KEPT = 8
"""How many environments keep a checker: each holds the indexes of its perimeters."""


class Checker:
    """Gives verdicts with given settings, perimeters and clock; safe to share between threads.

    Parameters
    ----------
    settings
        Home folder and thresholds.
    catalogue
        Available perimeters; by default those of ``settings.home``.
    clock
        Returns the current time, timezone-aware; used for "today" and for ``checked_at``.

    Attributes
    ----------
    contexts
        Cached contexts in which places are decided.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        catalogue: Catalogue | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settings = settings
        self.catalogue = catalogue or Catalogue(settings.home)
        self.contexts = Contexts(self.catalogue, settings.thresholds)
        self._clock = clock

    def check(  # noqa: PLR0913 - one keyword a way of asking
        self,
        *,
        address: str | None = None,
        postcode: str | None = None,
        citycode: str | None = None,
        geocoder: Geocoder | None = None,
        lon: float | None = None,
        lat: float | None = None,
        site: BaseGeometry | Mapping[str, Any] | None = None,
        on: date | str | None = None,
        generation: str | None = None,
        kinds: Sequence[str] = (Kind.QPV,),
        accuracy_m: float = 0.0,
        perimeters: PerimeterSet | None = None,
    ) -> Verdict:
        """Tell whether an address, a point or a site is in a perimeter; see `qpv_geo.check`."""
        _refuse_several(address, lon, lat, site)
        refuse_needless(
            is_address=address is not None,
            is_point=address is None and site is None,
            codes=(postcode, citycode),
            accuracy_m=accuracy_m,
        )
        moment = self._clock()
        check_options = self.check_options(
            on=on, generation=generation, kinds=kinds, perimeters=perimeters, moment=moment
        )
        typed = read_point(address) if isinstance(address, str) and postcode is citycode is None else None
        if typed is not None:
            lon, lat = typed.lon, typed.lat
        elif address is not None:
            found = self.find(address, citycode, postcode=postcode, geocoder=geocoder, perimeters=perimeters)
            return self._check_found(found, check_options, moment)
        place = site_place(site) if site is not None else point_place(lon=lon, lat=lat, accuracy_m=accuracy_m)
        [verdict] = self.check_places([place], check_options, moment=moment)
        return verdict

    def check_places(
        self, places: Sequence[Place], check_options: CheckOptions, *, moment: datetime | None = None
    ) -> list[Verdict]:
        """Return the verdicts on points of one territory, measured at once, or on one site; same as from `check`."""
        moment = moment or self._clock()
        decided = decide_places(self.contexts, places, check_options)
        return [self._verdict(one, check_options, moment) for one in decided]

    def check_addresses(
        self, found: Sequence[GeocodingResult], check_options: CheckOptions, *, moment: datetime | None = None
    ) -> list[Verdict | QpvGeoError]:
        """Return the verdicts on addresses already geocoded, measured together; an error in place of those it prevents.

        Each is the same as from `check_found`.
        """
        moment = moment or self._clock()
        decided = decide_addresses(self.contexts, found, check_options)
        return [one if isinstance(one, QpvGeoError) else self._verdict(one, check_options, moment) for one in decided]

    def find(
        self,
        address: str,
        citycode: str | None = None,
        *,
        postcode: str | None = None,
        geocoder: Geocoder | None = None,
        perimeters: PerimeterSet | None = None,
    ) -> GeocodingResult:
        """Return what is found for an address, to check on several dates with `check_found`.

        Raises
        ------
        InputError
            The address is too short or too long, or a code is malformed.
        MissingError, RemoteError
            As `qpv_geo.eligibility.lookup.find`.
        """
        from qpv_geo.eligibility.lookup import find  # noqa: PLC0415 - a check of coordinates does without
        from qpv_geo.geocoding.protocol import make_query  # noqa: PLC0415
        from qpv_geo.geocoding.resolve import chain_of, geocoder_of  # noqa: PLC0415

        query = make_query(address, postcode=postcode, citycode=citycode)
        chain = chain_of(geocoder or geocoder_of(self.settings))
        return find(query, chain, self.contexts.places, perimeters=perimeters)

    def check_found(
        self,
        found: GeocodingResult,
        *,
        on: date | str | None = None,
        generation: str | None = None,
        kinds: Sequence[str] = (Kind.QPV,),
        perimeters: PerimeterSet | None = None,
    ) -> Verdict:
        """Return the verdict on an address that has already been geocoded."""
        moment = self._clock()
        check_options = self.check_options(
            on=on, generation=generation, kinds=kinds, perimeters=perimeters, moment=moment
        )
        return self._check_found(found, check_options, moment)

    def check_all(
        self, asked: Sequence[Place | GeocodingResult], check_options: CheckOptions
    ) -> list[Verdict | QpvGeoError]:
        """Return the verdicts on points, sites and addresses already geocoded, in order, measured together.

        Each is the same as from `check` or `check_found`; an error takes the place of those it prevents.
        """
        moment = self._clock()
        told: dict[int, Verdict | QpvGeoError] = {}
        together: dict[tuple[str, int | None], list[int]] = {}
        for k, one in enumerate(asked):
            if isinstance(one, Place):  # sites are checked one by one
                together.setdefault((one.territory.id, None if one.site is None else k), []).append(k)
        for rows in together.values():
            some: Sequence[Verdict | QpvGeoError]
            try:
                some = self.check_places([asked[k] for k in rows], check_options, moment=moment)  # type: ignore[misc]
            except QpvGeoError as error:
                some = [error] * len(rows)
            told |= zip(rows, some, strict=True)
        found = {k: one for k, one in enumerate(asked) if not isinstance(one, Place)}
        told |= zip(found, self.check_addresses(list(found.values()), check_options, moment=moment), strict=True)
        return [told[k] for k in range(len(asked))]

    def check_options(
        self,
        *,
        on: date | str | None = None,
        generation: str | None = None,
        kinds: Sequence[str] = (Kind.QPV,),
        perimeters: PerimeterSet | None = None,
        moment: datetime | None = None,
    ) -> CheckOptions:
        """Return the options of a question, normalised; the day defaults to today."""
        day = parse_date(on) if on is not None else day_in_france(moment or self._clock())
        if generation is not None and not isinstance(generation, str):
            raise InputError(msg.perimeter_errors.unknown_generation(generation, self.catalogue.registry.generations))
        return CheckOptions(day, generation, _kinds(kinds), perimeters)

    def check_many(  # noqa: PLR0913 - one keyword a way of asking
        self,
        *,
        lon: ArrayLike,
        lat: ArrayLike,
        on: date | str | None = None,
        accuracy_m: ArrayLike = 0.0,
        generation: str | None = None,
        kinds: Sequence[str] = (Kind.QPV,),
        horizon_m: float = HORIZON_M,
        perimeters: PerimeterSet | None = None,
    ) -> pd.DataFrame:
        """Check many points at once; see `qpv_geo.check_many`."""
        x, y = points(lon=lon, lat=lat)
        horizon_m = positive_horizon(horizon_m)
        refuse_misplaced(x, y, rows=True)
        accuracy = accuracies(accuracy_m)
        if accuracy.size != 1 and accuracy.shape != x.shape:
            raise InputError(msg.errors.accuracies_differ(accuracy.size, x.size))
        accuracy = np.broadcast_to(accuracy.reshape(-1), x.shape)
        check_options = self.check_options(on=on, generation=generation, kinds=kinds, perimeters=perimeters)
        table = answer_points(self.contexts, x, y, accuracy, check_options, horizon_m=horizon_m)
        return table.frame(index=row_labels(lon, lat))

    def _check_found(self, found: GeocodingResult, check_options: CheckOptions, moment: datetime) -> Verdict:
        [verdict] = self.check_addresses([found], check_options, moment=moment)
        if isinstance(verdict, QpvGeoError):
            raise verdict
        return verdict

    def _verdict(self, decided: DecidedPlace, check_options: CheckOptions, moment: datetime) -> Verdict:
        """Write the verdict on a decided place, with the zones that are only listed and the full geocoding result."""
        told, context = decided.outcome, decided.context
        if told.found is not None and told.found.named is None:
            told = told._replace(question=told.found.to_json())
        if context is None:
            return compose_not_found(
                told, check_options, self.contexts.thresholds, moment, generation=decided.generation
            )
        for other in context.applicable.others:
            index = self.contexts.index((other,))
            measured: list[Measure] = []
            if decided.place is not None:
                measured = outcome.measure_places(index, [decided.place])
            elif told.points:
                measured = outcome.measure_found(index, told.points)
            if measured:
                told = told._replace(matches=(*told.matches, *outcome.matches(other, other.kinds, measured)))
        return compose(told, context, moment)


def default_checker() -> Checker:
    """Return the checker for the current environment settings, cached by their values."""
    if os.supports_bytes_environ:  # nothing to decode: this is a tenth of a check
        return _checker(tuple(map(os.environb.get, _ENCODED)))
    return _checker(tuple(map(os.environ.get, _VARIABLES)))


@lru_cache(maxsize=_KEPT)
def _checker(_environment: tuple[str | bytes | None, ...]) -> Checker:
    return Checker(load_settings())


def _kinds(kinds: str | Sequence[str]) -> tuple[str, ...]:
    """Return the kinds asked about, stripped, in lower case and without duplicates."""
    named = (kinds,) if isinstance(kinds, str) else kinds
    if not isinstance(named, Iterable):
        raise InputError(msg.errors.bad_kinds(kinds))
    return tuple(dict.fromkeys(str(kind).strip().lower() for kind in named))


def _refuse_several(
    address: str | None, lon: float | None, lat: float | None, site: BaseGeometry | Mapping[str, Any] | None
) -> None:
    """Raise `InputError` unless exactly one place is asked about."""
    named = (("adresse", address), ("point", lon if lat is None else lat), ("site", site))
    given = [name for name, value in named if value is not None]
    if not given:
        raise InputError(msg.errors.what_to_check())
    if len(given) > 1:
        raise InputError(msg.errors.one_thing_at_a_time(given))

"""The one door to a verdict: gathers the location and the perimeters, measures, decides, and writes the evidence."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from qpv_geo import crs
from qpv_geo._version import __version__
from qpv_geo.eligibility.decide import REASONS, STATUSES, decide
from qpv_geo.eligibility.evidence import digest
from qpv_geo.eligibility.index import HORIZON_M, PerimeterIndex
from qpv_geo.eligibility.location import Place, accuracies, point_place, refuse_misplaced, site_place
from qpv_geo.errors import InputError, MissingPerimetersError, UnsupportedError
from qpv_geo.model import (
    Evidence,
    Kind,
    Nearest,
    OtherDataset,
    PerimeterMatch,
    Reason,
    Status,
    Verdict,
)
from qpv_geo.perimeters.catalogue import Catalogue
from qpv_geo.perimeters.generations import generation_in_force, parse_date
from qpv_geo.perimeters.read import PerimeterSet, combine
from qpv_geo.settings import Settings, load_settings
from qpv_geo.texts import errors as say
from qpv_geo.texts import verdicts as tell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry.base import BaseGeometry

    from qpv_geo.crs import Territory
    from qpv_geo.eligibility.measures import Measures
    from qpv_geo.model import Generation

SOFTWARE = f"qpv-geo {__version__}"
_METRES_DECIMALS = 2
_INDEXES_KEPT = 16


@dataclass(frozen=True, eq=False)
class _Grounds:
    """What a verdict rests on: the generation, the sets asked about, and those only listed."""

    generation: Generation | None
    forced: bool
    asked: tuple[PerimeterSet, ...]
    others: tuple[PerimeterSet, ...]
    kinds: tuple[str, ...]


class Checker:
    """Gives verdicts with given settings, perimeters and clock; safe to share between threads.

    Parameters
    ----------
    settings
        Home folder and thresholds.
    catalogue
        The perimeters at hand; by default those of ``settings.home``.
    clock
        Returns the present moment, aware; for "today" and for ``checked_at``.
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
        self._clock = clock
        self._index = lru_cache(maxsize=_INDEXES_KEPT)(_build_index)

    def check(  # noqa: PLR0913 - one keyword a way of asking
        self,
        *,
        address: str | None = None,
        lon: float | None = None,
        lat: float | None = None,
        site: BaseGeometry | Mapping[str, Any] | None = None,
        on: date | str | None = None,
        generation: str | None = None,
        kinds: Sequence[str] = (Kind.QPV,),
        accuracy_m: float = 0.0,
        perimeters: PerimeterSet | None = None,
    ) -> Verdict:
        """Tell whether a point or a site is in a perimeter; see `qpv_geo.check`."""
        place = _place(address, lon, lat, site, accuracy_m)
        moment = self._clock()
        day = parse_date(on) if on is not None else moment.astimezone().date()
        grounds = self._grounds(day, place.territory, generation, tuple(kinds), perimeters)
        index = self._index(grounds.asked)
        measures = _measure(index, place)
        status, reason = decide(measures, self.settings.thresholds, site=place.site is not None)
        unknown = REASONS[reason[0]] is Reason.NOT_COVERED
        kinds_by_row = [kind for one in grounds.asked for kind in one.kinds]
        matches = _matches(index.perimeters, kinds_by_row, measures)
        for other in grounds.others:
            matches += _matches(other, other.kinds, _measure(self._index((other,)), place))
        verdict = Verdict(
            status=STATUSES[status[0]],
            reason=REASONS[reason[0]],
            message="",
            on=day.isoformat(),
            generation=grounds.generation.id if grounds.generation else None,
            perimeters=tuple(sorted(matches, key=lambda match: (-match.share_inside, match.code))),
            nearest=None if unknown else _nearest(index.perimeters, measures),
            share_inside=float(measures.share[0]),
            distance_m=None if unknown else _metres(measures.distance_m[0]),
            location=place.location,
            evidence=self._evidence(place, day, grounds, moment),
        )
        return _sealed(replace(verdict, message=self._message(verdict, day, grounds, measures, place)))

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
        """Tell it for many points at once; see `qpv_geo.check_many`."""
        x, y = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (lon, lat))
        if x.shape != y.shape or x.ndim != 1:
            raise InputError(say.lengths_differ(x.size, y.size))
        if not horizon_m > 0:
            raise InputError(say.bad_horizon(horizon_m))
        refuse_misplaced(x, y, rows=True)
        accuracy = np.broadcast_to(accuracies(accuracy_m), x.shape)
        day = parse_date(on) if on is not None else self._clock().astimezone().date()
        answers = _Answers(len(x))
        place = crs.territory_index(lon=x, lat=y)
        for k in np.unique(place):
            mine = np.flatnonzero(place == k) if (place != k).any() else slice(None)
            grounds = self._grounds(day, crs.TERRITORIES[k], generation, tuple(kinds), perimeters)
            index = self._index(grounds.asked)
            measures = index.measure_points(lon=x[mine], lat=y[mine], accuracy_m=accuracy[mine], horizon_m=horizon_m)
            answers.put(mine, index.perimeters, measures, *decide(measures, self.settings.thresholds))
        return answers.frame()

    def _grounds(
        self, day: date, territory: Territory, forced: str | None, kinds: tuple[str, ...], given: PerimeterSet | None
    ) -> _Grounds:
        if not kinds:
            raise InputError(say.no_kind())
        if given is not None:
            known = given.dataset.generation
            generation = self.catalogue.generation(known) if known else None
            return _Grounds(generation, forced=True, asked=(given,), others=(), kinds=(given.dataset.kind,))
        in_force = generation_in_force(self.catalogue.registry.generations.values(), on=day, territory=territory)
        generation = in_force if forced is None else self.catalogue.generation(forced)
        local = self.catalogue.local_zones(day)
        asked = [self.catalogue.perimeters_of(generation)] if Kind.QPV in kinds else []
        asked += [one for one in local if one.dataset.kind in kinds]
        for kind in kinds:
            if kind not in {one.dataset.kind for one in asked}:
                raise MissingPerimetersError(say.unknown_kind(kind, {Kind.QPV, *(one.dataset.kind for one in local)}))
        others = [one for one in local if one.dataset.kind not in kinds]
        return _Grounds(generation, forced is not None, tuple(asked), tuple(others), kinds)

    def _evidence(self, place: Place, day: date, grounds: _Grounds, moment: datetime) -> Evidence:
        question = {"on": day.isoformat(), "kinds": list(map(str, grounds.kinds))}
        if grounds.forced and grounds.generation is not None:
            question["generation"] = grounds.generation.id
        first = grounds.asked[0]
        dataset = first.dataset
        return Evidence(
            input=place.question | question,
            dataset=dataset.id,
            title=dataset.title,
            source=dataset.source,
            edition=dataset.edition,
            licence=dataset.licence,
            sha256=dataset.sha256,
            precision_m=dataset.precision_m,
            coverage=first.coverage.kind,
            others=tuple(
                OtherDataset(one.dataset.id, one.dataset.kind, one.dataset.sha256)
                for one in (*grounds.asked[1:], *grounds.others)
            ),
            decrees=_decrees(grounds, place.territory),
            crs=f"EPSG:{place.territory.epsg}",
            thresholds=self.settings.thresholds,
            notice=tell.NOTICE,
            software=SOFTWARE,
            checked_at=moment.astimezone(UTC).isoformat(timespec="seconds"),
        )

    def _message(self, verdict: Verdict, day: date, grounds: _Grounds, measures: Measures, place: Place) -> str:
        what = "ce point" if place.site is None else "ce site"
        name = ", ".join(
            tell.named(match.name, match.code) for match in verdict.perimeters if match.kind in grounds.kinds
        )
        nearest = None if verdict.nearest is None else tell.named(verdict.nearest.name, verdict.nearest.code)
        distance_m, share, radius_m = verdict.distance_m or 0.0, float(measures.share[0]), float(measures.radius_m[0])
        if verdict.status is Status.INSIDE:
            of_site = None if place.site is None else share
            text = tell.inside(what, day, grounds.kinds, name, distance_m, share_of_site=of_site)
        elif verdict.status is Status.OUTSIDE and name and place.site is not None:
            text = tell.mostly_outside(what, day, grounds.kinds, name, share)
        elif verdict.status is Status.OUTSIDE:
            known = all(one.coverage.everywhere for one in grounds.asked)
            text = tell.outside(what, day, grounds.kinds, nearest, verdict.distance_m, all_known=known)
        elif verdict.reason is Reason.NOT_COVERED:
            text = tell.not_covered(day, verdict.generation, self._remedy(grounds))
        elif verdict.reason is Reason.SITE_STRADDLES:
            text = tell.site_straddles(day, name, share)
        elif verdict.reason is Reason.IMPRECISE_LOCATION:
            text = tell.imprecise_location(day, name, radius_m, share)
        else:
            text = tell.near_boundary(day, nearest or name, distance_m, radius_m)
        return tell.forced(text, verdict.generation) if grounds.forced and verdict.generation else text

    def _remedy(self, grounds: _Grounds) -> str | None:
        """Return the command that brings the perimeters of the whole country, where there is one."""
        if grounds.generation is None or Kind.QPV not in grounds.kinds:
            return None
        download = self.catalogue.registry.downloads.get(grounds.generation.id)
        return None if download is None else tell.fetch_command(download.id, unpinned=download.sha256 is None)


class _Answers:
    """The columns of `check_many`, filled part by part as positions in short lists, and spelt out at the end."""

    def __init__(self, n: int) -> None:
        self._status, self._reason = np.zeros(n, np.int8), np.zeros(n, np.int8)
        self._row = np.full(n, -1, np.int32)
        self._share, self._distance_m = np.zeros(n), np.full(n, np.inf)
        self._codes: list[str] = []
        self._names: list[str] = []

    def put(
        self,
        mine: NDArray[np.int64] | slice,
        perimeters: PerimeterSet,
        measures: Measures,
        status: NDArray[np.int8],
        reason: NDArray[np.int8],
    ) -> None:
        held = (measures.best >= 0) & (status != STATUSES.index(Status.OUTSIDE))
        self._row[mine] = np.where(held, measures.best + len(self._codes), -1)
        self._status[mine], self._reason[mine] = status, reason
        unknown = reason == REASONS.index(Reason.NOT_COVERED)
        distance_m = np.where(unknown, np.nan, np.round(measures.distance_m, _METRES_DECIMALS))
        self._share[mine], self._distance_m[mine] = measures.share, distance_m
        self._codes += perimeters.codes
        self._names += perimeters.names

    def frame(self) -> pd.DataFrame:
        import pandas as pd  # noqa: PLC0415 - heavy, and a single check does without

        def words(texts: Sequence[str], places: NDArray[np.int8] | NDArray[np.int32]) -> Any:  # noqa: ANN401
            return pd.array([*texts, ""], dtype="str").take(places, allow_fill=True)  # -1 is missing

        return pd.DataFrame(
            {
                "status": words(STATUSES, self._status),
                "reason": words(REASONS, self._reason),
                "code_qp": words(self._codes, self._row),
                "lib_qp": words(self._names, self._row),
                "share_inside": self._share,
                "distance_m": self._distance_m,
            }
        )


def default_checker() -> Checker:
    """Return the checker of the settings that the environment gives now; kept as long as they stay the same."""
    return _checker(tuple(sorted(item for item in os.environ.items() if item[0].startswith("QPV_GEO_"))))


@cache
def _checker(_environment: tuple[tuple[str, str], ...]) -> Checker:
    return Checker(load_settings())


def _build_index(sets: tuple[PerimeterSet, ...]) -> PerimeterIndex:
    return PerimeterIndex(combine(sets))


def _place(
    address: str | None,
    lon: float | None,
    lat: float | None,
    site: BaseGeometry | Mapping[str, Any] | None,
    accuracy_m: float,
) -> Place:
    given = [
        name
        for name, value in (("adresse", address), ("point", lon if lat is None else lat), ("site", site))
        if value is not None
    ]
    if not given:
        raise InputError(say.what_to_check())
    if len(given) > 1:
        raise InputError(say.one_thing_at_a_time(given))
    if address is not None:
        raise UnsupportedError(say.addresses_unsupported(address))
    return site_place(site) if site is not None else point_place(lon=lon, lat=lat, accuracy_m=accuracy_m)


def _decrees(grounds: _Grounds, territory: Territory) -> tuple[str, ...]:
    """Return the decrees a verdict on QPV rests on: municipal zones have none."""
    if grounds.generation is None or Kind.QPV not in grounds.kinds:
        return ()
    return grounds.generation.decrees(territory.id)


def _measure(index: PerimeterIndex, place: Place) -> Measures:
    if place.site is not None:
        return index.measure_site(place.site, territory=place.territory)
    location = place.location
    return index.measure_points(
        lon=[location.lon], lat=[location.lat], accuracy_m=location.accuracy_m, horizon_m=np.inf
    )


def _matches(perimeters: PerimeterSet, kinds: Sequence[str], measures: Measures) -> list[PerimeterMatch]:
    touch = measures.touch
    return [
        PerimeterMatch(perimeters.codes[row], perimeters.names[row], str(kinds[row]), round(float(share), 6))
        for row, share in zip(touch.row, touch.share, strict=True)
    ]


def _nearest(perimeters: PerimeterSet, measures: Measures) -> Nearest | None:
    row, distance_m = int(measures.nearest[0]), _metres(measures.distance_m[0])
    if row < 0 or distance_m is None:
        return None
    return Nearest(perimeters.codes[row], perimeters.names[row], distance_m)


def _metres(distance_m: float) -> float | None:
    """Return metres to the centimetre, or None where nothing is near enough to be measured."""
    return round(float(distance_m), _METRES_DECIMALS) + 0.0 if np.isfinite(distance_m) else None


def _sealed(verdict: Verdict) -> Verdict:
    return replace(verdict, evidence=replace(verdict.evidence, digest=digest(verdict.to_dict())))

"""Questions: their parameters in a query and in JSON, and how they are read before any is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ConfigDict, Field, FiniteFloat

from qpv_geo.eligibility.location import Place, point_place, refuse_needless, site_place
from qpv_geo.eligibility.typed_point import read_point
from qpv_geo.errors import InputError
from qpv_geo.geocoding.protocol import make_query
from qpv_geo.schemes.answers import read_answers, refuse_without_scheme
from qpv_geo.schemes.load import find_scheme
from qpv_geo_service import messages, messages_register
from qpv_geo_service.query_params import Parameters, read_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qpv_geo.eligibility.applicable import CheckOptions
    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.untyped import AnyValue
    from qpv_geo_service.state import ServiceState

MOST_QUESTIONS = 1_000
"""Most questions, or features, of a request."""
_MOST, _MOST_ANSWERS = 10, 40


class Question(Parameters):
    """The parameters of a question other than the place."""

    on: str | None = Field(default=None, max_length=40, examples=["2024-06-01"])
    generation: str | None = Field(default=None, max_length=40, examples=["qpv-2024"])
    scheme: tuple[str, ...] = Field(default=(), max_length=_MOST)
    amount: FiniteFloat | None = Field(default=None, examples=[None])
    answer: tuple[str, ...] = Field(default=(), max_length=_MOST_ANSWERS)
    kind: tuple[str, ...] = Field(default=(), max_length=_MOST)


class PlaceQuestion(Question):
    """A question about an address or a point."""

    q: str | None = Field(default=None, max_length=400)
    lon: FiniteFloat | None = Field(default=None, examples=[3.00671])
    lat: FiniteFloat | None = Field(default=None, examples=[50.60889])
    accuracy: FiniteFloat = 0.0
    citycode: str | None = Field(default=None, max_length=10)
    postcode: str | None = Field(default=None, max_length=10)


class FicheQuestion(PlaceQuestion):
    """A question whose answer is a fiche, with what its heading says."""

    case: str | None = Field(default=None, max_length=200)
    service: str | None = Field(default=None, max_length=200)


class ListedQuestion(PlaceQuestion):
    """A question of a JSON list, about an address, a point or a site; numbers are numbers and texts are texts."""

    model_config = ConfigDict(strict=True)

    site: dict[str, Any] | None = None
    case: str | None = Field(default=None, max_length=200)
    service: str | None = Field(default=None, max_length=200)
    by: str | None = Field(default=None, max_length=200, description=messages_register.BY)
    supersedes: int | None = Field(default=None, ge=1, le=2**53)
    reason: str | None = Field(default=None, max_length=10_000)

    def labels(self) -> dict[str, Any]:
        """Return what the register keeps with the verdict, if it does."""
        return {name: getattr(self, name) for name in ("case", "service", "by", "supersedes", "reason")}


class Saving(Parameters):
    """Whether the register keeps the verdicts."""

    save: bool = False


class PreparedQuestion(NamedTuple):
    """A question that is well formed, ready to be answered.

    Attributes
    ----------
    place
        The point or the site, or the address to find.
    answers
        Answers to the questions of the schemes, by id.
    """

    place: Place | Query
    check_options: CheckOptions
    schemes: tuple[str, ...]
    amount: float | None
    answers: Mapping[str, bool]


def read_question(document: AnyValue) -> ListedQuestion:
    """Read a question of a JSON list; null and empty values count as absent.

    Raises
    ------
    InputError
        Not an object, or a parameter is unknown or invalid.
    """
    if not isinstance(document, dict):
        raise InputError(messages.NOT_A_QUESTION)
    given = {name: value for name, value in document.items() if value not in (None, "") or name not in _NAMES}
    return read_values(
        ListedQuestion, {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    )


_NAMES = frozenset(ListedQuestion.model_fields)


def prepare(
    service: ServiceState, asked: Question, *, site: Mapping[str, Any] | None = None, name: str = "géométrie"
) -> PreparedQuestion:
    """Return a question ready to be answered.

    Parameters
    ----------
    site
        The GeoJSON site that is asked about, unless the question holds its place.
    name
        Name of the site in messages.

    Raises
    ------
    InputError
        No place, several, or an invalid one, an invalid option, or an amount or answers without a scheme.
    """
    check_options, answers = _options(service, asked)
    place = _place(asked) if isinstance(asked, PlaceQuestion) else site_place(site or {}, name=name)
    return PreparedQuestion(place, check_options, asked.scheme, asked.amount, answers)


def refuse_wrong_options(service: ServiceState, asked: Question) -> None:
    """Raise for what is wrong with a question wherever its place is; errors as in `prepare`, and an unknown scheme."""
    _options(service, asked)
    if asked.generation is not None:
        service.checker.catalogue.generation(asked.generation)
    for scheme in asked.scheme:
        find_scheme(scheme, service.checker.settings.home, generations=service.checker.catalogue.registry.generations)


def _options(service: ServiceState, asked: Question) -> tuple[CheckOptions, dict[str, bool]]:
    answers = read_answers(asked.answer, between=":")
    refuse_without_scheme(asked.scheme, amount=asked.amount, answers=answers)
    kinds = service.kinds(asked.kind)
    return service.checker.check_options(on=asked.on, generation=asked.generation, kinds=kinds), answers


def _place(asked: PlaceQuestion) -> Place | Query:
    is_address, is_point = asked.q is not None, asked.lon is not None or asked.lat is not None
    site = asked.site if isinstance(asked, ListedQuestion) else None
    if is_address + is_point + (site is not None) != 1:
        raise InputError(
            messages.ONE_OF_Q_LON_LAT_SITE if isinstance(asked, ListedQuestion) else messages.ONE_OF_Q_LON_LAT
        )
    codes = asked.postcode, asked.citycode
    refuse_needless(is_address=is_address, is_point=is_point, codes=codes, accuracy_m=asked.accuracy)
    if site is not None:
        return site_place(site)
    typed = None if asked.q is None or any(codes) else read_point(asked.q)
    if typed is not None:
        return point_place(lon=typed.lon, lat=typed.lat, accuracy_m=0.0)
    if asked.q is not None:
        return make_query(asked.q, postcode=asked.postcode, citycode=asked.citycode)
    return point_place(lon=asked.lon, lat=asked.lat, accuracy_m=asked.accuracy)

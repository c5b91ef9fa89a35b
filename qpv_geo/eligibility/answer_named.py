"""Answer a text that names something other than an address.

- A quartier: see `qpv_geo.eligibility.quartiers`.
- A place without a published position: ``not_located``, with what the town says about it.
- A cadastral plot: checked as a site if its geometry is known; otherwise ``outside`` if no perimeter touches its
  commune, as for an address, or else ``imprecise_location``, with the addresses on it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import shapely

from qpv_geo import messages as msg
from qpv_geo.eligibility import outcome
from qpv_geo.eligibility.address import asked_words, location_of
from qpv_geo.eligibility.decided import DecidedPlace, from_context, of_site
from qpv_geo.eligibility.location import point_place, site_place
from qpv_geo.eligibility.outcome import Outcome
from qpv_geo.eligibility.quartiers import answer_quartier
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.named import NamedKind
from qpv_geo.geocoding.result import MOST_LISTED, Shortlist
from qpv_geo.model import Location, PlausibleMatch, Reason, Status

if TYPE_CHECKING:
    from qpv_geo.eligibility.address import Answer
    from qpv_geo.eligibility.applicable import CheckOptions
    from qpv_geo.eligibility.contexts import Contexts
    from qpv_geo.geocoding.named import NamedPlace
    from qpv_geo.geocoding.result import GeocodingResult

_PLOT, _PLACE = "parcel", "poi"


def answer_named(contexts: Contexts, found: GeocodingResult, check_options: CheckOptions) -> DecidedPlace:
    """Answer a text that names something other than an address; `found.named` is not None.

    Raises
    ------
    MissingPerimetersError, DateError
        No perimeters for that day are installed there, or the day precedes the first generation.
    """
    named = found.named
    assert named is not None  # noqa: S101 - something is named
    if named.kind is NamedKind.QUARTIER:
        meant = contexts.places.quartiers(found.query, check_options.perimeters)
        return _unknown(found) if meant is None else answer_quartier(contexts, found, check_options, meant)
    if named.kind is NamedKind.PLACE:
        return _unpublished(contexts, found)
    return _of_plot(contexts, found, check_options, named)


def _unknown(found: GeocodingResult) -> DecidedPlace:
    """Answer for a name that was recognised at lookup but is no longer known."""
    return DecidedPlace(outcome.not_found(found)._replace(question=found.to_json()))


def _unpublished(contexts: Contexts, found: GeocodingResult) -> DecidedPlace:
    place = contexts.places.unpublished(found.query)
    if place is None:
        return _unknown(found)
    commune = gazetteer().commune(place.commune)
    town = "" if commune is None else commune.name
    label = ", ".join(filter(None, (place.name, town)))
    location = Location(None, None, None, _PLACE, None, label, place.commune, place.source, asked_words(found.query))
    message = msg.named_places.unpublished(place.name, town, place.told)
    return DecidedPlace(_outcome(found, (Status.NOT_LOCATED, Reason.NO_MATCH), location, message))


# ── Plots ────────────────────────────────────────────────────────────────────────────────────────────────────


def _of_plot(
    contexts: Contexts, found: GeocodingResult, check_options: CheckOptions, named: NamedPlace
) -> DecidedPlace:
    if named.surface is not None:
        place = site_place(named.surface)
        lon, lat, accuracy_m = place.point
        location = replace(_location(found), lon=lon, lat=lat, accuracy_m=accuracy_m, score=1.0, source=named.source)
        place = replace(place, location=location)
        return of_site(contexts, found, contexts.of(check_options, place.territory), place)
    if len(named.plots) != 1:
        return DecidedPlace(_of_several(found, named))
    context = contexts.of_communes(check_options, found)
    if context is not None:
        told = outcome.of_communes(found, contexts.index(context.applicable.asked).perimeters)
        if told is not None:
            return from_context(told._replace(question=found.to_json()), context)
    return _by_addresses(contexts, found, check_options) if found.candidates else DecidedPlace(_not_found(found))


def _by_addresses(contexts: Contexts, found: GeocodingResult, check_options: CheckOptions) -> DecidedPlace:
    """Answer a plot by the addresses on it; the plot may extend beyond them."""
    first = found.candidates[0]
    territory = point_place(lon=first.lon, lat=first.lat, accuracy_m=0.0).territory
    context = contexts.of(check_options, territory).about(shapely.Point(first.lon, first.lat))
    short, index = Shortlist(found.candidates, is_firm=False), contexts.index(context.applicable.asked)
    [told] = outcome.of_addresses([(found, short)], index, contexts.thresholds)
    labels, plot = [one.label for one in found.candidates], _location(found)
    where = replace(location_of(first, found.query), type=_PLOT, score=1.0, label=plot.label, citycode=plot.citycode)
    told = told._replace(
        question=found.to_json(),
        reason=Reason.IMPRECISE_LOCATION,
        location=where,
        message=msg.named_places.plot_by_addresses(plot.label or "", labels),
    )
    return from_context(told, context)


def _of_several(found: GeocodingResult, named: NamedPlace) -> Outcome:
    """Answer for a plot whose commune is unknown or ambiguous."""
    asked = found.query.text
    if not named.plots:
        message = msg.named_places.plot_without_commune(asked)
        return _outcome(found, (Status.NOT_LOCATED, Reason.NO_MATCH), _location(found), message)
    told = _outcome(
        found,
        (Status.UNCERTAIN, Reason.WEAK_MATCH),
        _location(found),
        msg.named_places.plot_of_several_communes(asked, [_town(one) or one for one in named.plots]),
    )
    listed = tuple(
        PlausibleMatch(msg.named_places.plot(one, _town(one)), 1.0, _PLOT, one[:5], Status.UNCERTAIN.value, None)
        for one in named.plots[:MOST_LISTED]
    )
    return told._replace(candidates=listed)


def _not_found(found: GeocodingResult) -> Outcome:
    location = _location(found)
    reason, message = Reason.NO_MATCH, msg.named_places.plot_unknown(location.label or "", found.searched)
    if found.missing:
        towns = [one.name for one in found.communes]
        reason = Reason.MISSING_ADDRESSES
        message = msg.addresses.addresses_missing(found.query.text, towns, found.missing)
    return _outcome(found, (Status.NOT_LOCATED, reason), location, message)


def _location(found: GeocodingResult) -> Location:
    """Return the location of a plot, without a point; labelled only if a single plot is meant."""
    plots = () if found.named is None else found.named.plots
    plot = plots[0] if len(plots) == 1 else None
    label = plot and msg.named_places.plot(plot, _town(plot))
    return Location(None, None, None, _PLOT, None, label, plot and plot[:5], found.searched, asked_words(found.query))


def _town(plot: str) -> str | None:
    commune = gazetteer().commune(plot[:5])
    return None if commune is None else commune.name


def _outcome(found: GeocodingResult, answer: Answer, location: Location, message: str) -> Outcome:
    return Outcome(found.to_json(), "address", *answer, location, found=found, message=message)

"""Who may use the register over HTTP: whoever has an API key, or, on a machine of one's own, its user."""

from __future__ import annotations

import ipaddress
from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from qpv_geo.errors import InputError, QpvGeoError
from qpv_geo.extras import needed
from qpv_geo_service import messages_register
from qpv_geo_service.errors import ForbiddenError, UnauthorizedError
from qpv_geo_service.state import service_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import Request

    from qpv_geo.register.store import Register
    from qpv_geo_service.answering import Answered
    from qpv_geo_service.questions import ListedQuestion
    from qpv_geo_service.settings import ServiceSettings

_OWN = frozenset({"same-origin", "none"})
"""Values of ``Sec-Fetch-Site`` (Fetch Metadata) of a request of this page, or typed by the user."""

_OF_A_PROXY = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})
"""Headers of a request that was passed on: whoever sent it may be elsewhere."""


def refuse_open_register(settings: ServiceSettings, host: str) -> None:
    """Raise `InputError` if the register is open and others than the users of this machine can reach the service."""
    if settings.register_open and (settings.proxy_hops or not is_loopback(host)):
        raise InputError(messages_register.not_loopback(host, settings.proxy_hops))


def register_offer(settings: ServiceSettings) -> str:
    """Return to whom the page offers the register: ``key`` to who gives a key, ``open`` to all, ``none`` to nobody."""
    if find_spec("sqlalchemy") is None or not (settings.api_keys or settings.register_open):
        return "none"
    return "key" if settings.api_keys else "open"


def is_loopback(host: str) -> bool:
    """Tell whether a host, as a name or an address, is this machine alone."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def admitted(request: Request, *, writes: bool) -> Register:
    """Return the register for a request that may use it.

    Raises
    ------
    UnauthorizedError
        No API key is set, and the register is not open to the users of this machine.
    ForbiddenError
        It writes, and comes from a page of another origin.
    MissingError
        The extra ``register`` is not installed.
    """
    service = service_of(request)
    if not service.settings.api_keys and not (service.settings.register_open and _is_of_this_machine(request)):
        raise UnauthorizedError(messages_register.NEEDS_A_KEY)
    if writes and not _is_of_own_origin(request):
        raise ForbiddenError(messages_register.OTHER_ORIGIN)
    with needed("register"):
        return service.register


def refuse_labels(question: ListedQuestion, *, saves: bool) -> None:
    """Raise `InputError` for what is kept with a verdict if none is, or a reason without a check to supersede."""
    labels = question.labels()
    if not saves and any(value is not None for value in labels.values()):
        raise InputError(messages_register.SAVED_FIELDS)
    if (labels["supersedes"] is None) is not (labels["reason"] is None):
        raise InputError(messages_register.SUPERSEDES_WITH_REASON)


def with_superseding(
    register: Register, asked: Sequence[ListedQuestion | QpvGeoError]
) -> list[ListedQuestion | QpvGeoError]:
    """Return the questions, with an error in place of those whose answer could not supersede the check that they name.

    The others are kept all the same: a question that is wrong fails alone.
    """
    times = Counter(one.supersedes for one in asked if not isinstance(one, QpvGeoError))
    found = list(asked)
    for k, one in enumerate(asked):
        if not isinstance(one, QpvGeoError) and one.supersedes is not None:
            try:
                register.refuse_superseding(one.supersedes, times[one.supersedes])
            except QpvGeoError as error:
                found[k] = error
    return found


def kept_answers(
    register: Register, asked: Sequence[ListedQuestion | QpvGeoError], answered: Sequence[Answered]
) -> list[dict[str, Any] | None]:
    """Keep the verdicts, all or none; return where each is, in order, None in place of an error."""
    from qpv_geo.register.drafts import Labels  # noqa: PLC0415 - sqlalchemy is an extra

    kept = {
        k: (verdict.to_dict(), Labels(**question.labels()))
        for k, (question, verdict) in enumerate(zip(asked, answered, strict=True))
        if not isinstance(question, QpvGeoError) and not isinstance(verdict, QpvGeoError)
    }
    entries = dict(zip(kept, register.keep(list(kept.values())) if kept else (), strict=True))
    return [{"sequence": entries[k].sequence, "id": entries[k].id} if k in entries else None for k in range(len(asked))]


def _is_of_this_machine(request: Request) -> bool:
    """Tell whether a request comes from this machine and asks for it by its own name.

    A page of another site that has its name point here would ask for that name.
    """
    asked = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    if not _OF_A_PROXY.isdisjoint(request.headers.keys()):
        return False
    return request.client is not None and is_loopback(request.client.host) and is_loopback(asked)


def _is_of_own_origin(request: Request) -> bool:
    """Tell whether a request comes from a page of this service, or from no page at all."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in _OWN
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")

"""Links to the page from what leaves it, where the service has a public address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from qpv_geo.model import Verdict
    from qpv_geo_service.settings import ServiceSettings


def question_link(settings: ServiceSettings, verdict: Verdict) -> str | None:
    """Return the URL of the page that asks the question of a verdict again; None for a site, which no URL holds."""
    asked = verdict.evidence.input
    if not settings.public_url or "site" in asked:
        return None
    place: dict[str, Any] = {name: asked[name] for name in ("lon", "lat") if name in asked}
    if "address" in asked:
        words = (asked["address"], asked.get("postcode"))
        place = {"q": " ".join(str(one) for one in words if one), "citycode": asked.get("citycode")}
    asks = place | {"on": verdict.on, "generation": asked.get("generation")}
    return f"{settings.public_url}/?{urlencode({name: value for name, value in asks.items() if value is not None})}"

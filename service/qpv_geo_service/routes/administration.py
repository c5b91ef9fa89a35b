"""``/administration``: what is installed on this server and what is not, with the command for each."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from qpv_geo._version import __version__
from qpv_geo_service import installed
from qpv_geo_service import messages_installed as msg
from qpv_geo_service.page import content_security_policy, versioned
from qpv_geo_service.routing import GuardedRoute
from qpv_geo_service.state import service_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qpv_geo_service.installed import InstalledItem
    from qpv_geo_service.state import ServiceState

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)

_COLOURS = {msg.INSTALLED: "inside", msg.PARTIAL: "uncertain", msg.MISSING: "outside", msg.UNREADABLE: "error"}
_HEAD = "<thead><tr><th>Données</th><th>État</th><th>Détail</th><th>Commande</th></tr></thead>"


@router.get("/administration")
async def administration(request: Request) -> Response:
    """Return the page; it changes as soon as something is installed."""
    service = service_of(request)
    text = await service.wait(lambda: _page(service))
    policy = content_security_policy("none")
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": policy}
    return Response(text, media_type="text/html; charset=utf-8", headers=headers)


def _page(service: ServiceState) -> str:
    template = files("qpv_geo_service").joinpath("page", "administration.html").read_text(encoding="utf-8")
    tables = [
        _table(msg.PERIMETERS, installed.perimeters(service)),
        _table(msg.ADDRESSES, installed.addresses(service)),
        _table(msg.OTHERS, installed.others(service)),
    ]
    return Template(versioned(template)).substitute(
        covered=escape(installed.band(service)),
        ask=escape(msg.ask(service.settings.contact)),
        tables="\n".join(tables),
        version=escape(__version__),
    )


def _table(title: str, lines: Iterable[InstalledItem]) -> str:
    rows = "\n".join(map(_row, lines))
    return f'<table class="installed"><caption>{escape(title)}</caption>{_HEAD}<tbody>{rows}</tbody></table>'


def _row(line: InstalledItem) -> str:
    command = f'<span class="quiet">{line.action}</span><code>{escape(line.command)}</code>' if line.command else ""
    state = f'<td class="status-{_COLOURS[line.state]}">{line.state}</td>'
    return f'<tr><th scope="row">{escape(line.title)}</th>{state}<td>{escape(line.told)}</td><td>{command}</td></tr>'

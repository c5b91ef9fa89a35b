"""The page of a map: a folium map, whose layers, panel and popups a script of ours draws from one JSON document.

Text that comes from data reaches the page in that JSON only, and the script writes it as text nodes, never as HTML. The
JSON itself cannot close its script element: ``<``, ``>`` and ``&`` are escaped in it.
"""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

import folium
from branca.element import Element, MacroElement
from folium.template import Template

from qpv_geo import messages as msg
from qpv_geo.maps import inlined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qpv_geo.untyped import AnyValue

_IGN_TILES = (
    "https://data.geopf.fr/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2"
    "&STYLE=normal&FORMAT=image/png&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)
"""Open without a key; the tile matrix set PM is the usual web one (Géoplateforme, WMTS)."""

_OSM_TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
_DEEPEST_ZOOM = 19

_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
_ZOOMABLE = '<meta name="viewport" content="width=device-width, initial-scale=1">'
"""folium forbids to enlarge the page by hand, which people who see little need."""


class Page(folium.Map):
    """A folium map that depends on no CDN; `save` writes it, `html` returns it.

    Parameters
    ----------
    document
        What is drawn, as ``assets/start.js`` reads it.
    offline
        Leaves out the backgrounds: the page then makes no request at all.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - as folium declares it
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, document: Mapping[str, Any], *, offline: bool = False) -> None:
        (south, west), (north, east) = document["bounds"]
        super().__init__(
            location=((south + north) / 2, (west + east) / 2),
            zoom_start=12,
            tiles=None,
            zoom_control=False,
            prefer_canvas=True,
            maxZoom=_DEEPEST_ZOOM,  # max_zoom is of a background, and there may be none
            font_size="0.85rem",
        )
        figure: Any = self.get_root()
        figure.title = escape(str(document["title"]))
        head = f'<link rel="icon" href="data:,"><style>{inlined.styles()}</style><script>{inlined.scripts()}</script>'
        figure.header.add_child(_Verbatim(head))
        told = {
            **document,
            "labels": msg.maps.CONTROLS,
            "blank": msg.maps.BLANK,
            "offline": msg.maps.NO_BACKGROUND if offline else None,
        }
        figure.html.add_child(_Verbatim(f'<script type="application/json" id="qpv-document">{_json(told)}</script>'))
        backgrounds = [] if offline else _backgrounds()
        for layer in backgrounds:
            layer.add_to(self)
        self.add_child(_Start(backgrounds))

    def render(self, **kwargs: AnyValue) -> AnyValue:
        """Write the map into its page, which people may enlarge."""
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        figure: Any = self.get_root()
        header, name = figure.header, self.get_name()
        head = header._children[name].render()  # noqa: SLF001 - branca has no other way to what folium wrote
        header.add_child(_Verbatim(_VIEWPORT.sub(_ZOOMABLE, head)), name=name)

    @property
    def html(self) -> str:
        """Return the whole page."""
        return str(self.get_root().render())


class _Verbatim(Element):
    """Text that reaches the page as it is: branca reads what its other elements are given as Jinja templates."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_kwargs: AnyValue) -> str:
        """Return the text."""
        return self._text


class _Start(MacroElement):
    """The call that draws the document, once the map and its backgrounds are there; no text of data is in it."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            qpvMap.start({{ this._parent.get_name() }}, [{{ this.backgrounds }}]);
        {% endmacro %}
        """
    )

    def __init__(self, backgrounds: list[Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "QpvStart"
        self.backgrounds = ", ".join(
            f"{{name: {json.dumps(layer.tile_name)}, layer: {layer.get_name()}}}" for layer in backgrounds
        )


def _backgrounds() -> list[Any]:
    """Return the backgrounds, the one that is shown first."""
    return [
        folium.TileLayer(_IGN_TILES, attr=msg.maps.IGN_CREDIT, name=msg.maps.PLAN_IGN, max_zoom=_DEEPEST_ZOOM),
        folium.TileLayer(_OSM_TILES, attr=msg.maps.OSM_CREDIT, name=msg.maps.OSM, max_zoom=_DEEPEST_ZOOM, show=False),
    ]


def _json(document: Mapping[str, Any]) -> str:
    """Return JSON that can stand inside a script element whatever its texts are."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text

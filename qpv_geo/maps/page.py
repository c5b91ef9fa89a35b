"""The page of a map: a folium map whose layers, panel and popups are drawn by our script from one JSON document.

Text from the data is only in that JSON and, escaped, in the page title; the script writes it as text nodes, never as
HTML. The JSON cannot close its script element: ``<``, ``>`` and ``&`` are escaped in it.
"""

from __future__ import annotations

import json
import os
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import folium
from branca.element import Element, MacroElement
from folium.template import Template

from qpv_geo import messages as msg
from qpv_geo.files import write_whole
from qpv_geo.maps import inlined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qpv_geo.untyped import AnyValue

_IGN_TILES = (
    "https://data.geopf.fr/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2"
    "&STYLE=normal&FORMAT=image/png&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)
"""Needs no key; the tile matrix set PM is the usual web one (Géoplateforme, WMTS)."""

_OSM_TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
_DEEPEST_ZOOM = 19

_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
_ZOOMABLE = '<meta name="viewport" content="width=device-width, initial-scale=1">'
"""folium disables zooming of the page, which people with low vision need."""


class Page(folium.Map):
    """A folium map that depends on no CDN; `save` writes it, `html` returns it.

    Parameters
    ----------
    document
        What to draw, as read by ``assets/start.js``.
    offline
        Leave out the backgrounds: the page makes no request at all.
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
            maxZoom=_DEEPEST_ZOOM,  # folium's max_zoom needs a background, and there may be none
            font_size="0.85rem",
        )
        figure: Any = self.get_root()
        figure.title = escape(str(document["title"]))
        head = f'<link rel="icon" href="data:,"><style>{inlined.styles()}</style><script>{inlined.scripts()}</script>'
        figure.header.add_child(_Verbatim(head))
        told = {
            **document,
            "labels": msg.maps.CONTROLS | document.get("labels", {}),
            "blank": msg.maps.BLANK,
            "offline": msg.maps.NO_BACKGROUND if offline else None,
        }
        figure.html.add_child(_Verbatim(f'<script type="application/json" id="qpv-document">{_json(told)}</script>'))
        backgrounds = [] if offline else _backgrounds()
        for layer in backgrounds:
            layer.add_to(self)
        self.add_child(_Start(backgrounds))

    def render(self, **kwargs: AnyValue) -> AnyValue:
        """Render the map into its page, with a viewport that can be zoomed."""
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        figure: Any = self.get_root()
        header, name = figure.header, self.get_name()
        head = header._children[name].render()  # noqa: SLF001 - branca has no other way to what folium wrote
        header.add_child(_Verbatim(_VIEWPORT.sub(_ZOOMABLE, head)), name=name)

    def save(self, outfile: str | bytes | Path | BinaryIO, close_file: bool = True, **_options: AnyValue) -> None:  # noqa: FBT001, FBT002 - branca's signature
        """Write the page to a path, whole or not at all, or to an open binary file."""
        content = self.html.encode()
        if not isinstance(outfile, str | bytes | Path):
            outfile.write(content)
            if close_file:
                outfile.close()
        else:
            write_whole(Path(os.fsdecode(outfile)), content)

    @property
    def html(self) -> str:
        """Return the whole page."""
        return str(self.get_root().render())


class _Verbatim(Element):
    """Text written to the page unchanged: branca's other elements parse theirs as Jinja templates."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_kwargs: AnyValue) -> str:
        """Return the text."""
        return self._text


class _Start(MacroElement):
    """The call that draws the document once the map and its backgrounds exist; it contains no text from the data."""

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
    """Return the backgrounds; only the first is shown at first."""
    return [
        folium.TileLayer(_IGN_TILES, attr=msg.maps.IGN_CREDIT, name=msg.maps.PLAN_IGN, max_zoom=_DEEPEST_ZOOM),
        folium.TileLayer(_OSM_TILES, attr=msg.maps.OSM_CREDIT, name=msg.maps.OSM, max_zoom=_DEEPEST_ZOOM, show=False),
    ]


def _json(document: Mapping[str, Any]) -> str:
    """Return JSON that is safe inside a script element, whatever its texts."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text

"""Scripts and styles of a page, all inlined: a map requests nothing but its background tiles.

Where they come from, and why (evaluated with folium 0.20):

- folium links six libraries from four CDNs (Leaflet, jQuery, Bootstrap, Font Awesome...) and one more for each plugin.
  A page saved to a file, mailed or opened in a town hall must not depend on them.
- ``folium-offline`` 0.20 (Sandia) is not a package of assets for folium but a copy of folium frozen at one version,
  under another name, with 7 MB of assets as Python literals. It adds 1.4 MB to each map and gets folium's fixes late.
- npm packages hold everything, but need node where the project is installed; ``jupyter-leaflet`` holds one webpack
  bundle for notebooks, ``django-leaflet`` brings Django and no clustering.
- ``XStatic-Leaflet`` 1.9.3 (BSD-2-Clause; the very version that folium 0.20 asks for) and
  ``XStatic-Leaflet-MarkerCluster`` 1.4.1 (MIT) contain only the upstream files, need only pip and are maintained by
  Entr'ouvert. They are inlined: 200 kB.

No package has folium's plugins for search, grouped layers, full screen and measuring, so those controls are our own, a
few lines each, in ``assets/``. Since everything is always inlined, ``offline`` only leaves out the tiles.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from qpv_geo import messages as msg
from qpv_geo.errors import MissingError

_OWN = Path(__file__).parent / "assets"
_LEAFLET = ("xstatic-leaflet", "xstatic/pkg/leaflet/data")
_CLUSTER = ("xstatic-leaflet-markercluster", "xstatic/pkg/leaflet_markercluster/data")
_SCRIPTS = ((*_LEAFLET, "leaflet.js"), (*_CLUSTER, "leaflet.markercluster.js"))
_STYLES = ((*_LEAFLET, "leaflet.css"), (*_CLUSTER, "MarkerCluster.css"))
_OWN_SCRIPTS = (
    "dom.js",
    "filters.js",
    "layers.js",
    "names.js",
    "popups.js",
    "controls.js",
    "search.js",
    "panel.js",
    "listing.js",
    "view.js",
    "start.js",
)

_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
_URL = re.compile(r"url\(([^)]+\.png)\)")
_VML = re.compile(r"\s*behavior:\s*url\(#default#VML\);")


@cache
def scripts() -> str:
    """Return Leaflet, its marker clusters and our own controls as one script.

    Raises
    ------
    MissingError
        A package of assets is missing or incomplete.
    """
    found = [_SOURCE_MAP.sub("", _asset(*one).read_text(encoding="utf-8")) for one in _SCRIPTS]
    found += [(_OWN / name).read_text(encoding="utf-8") for name in _OWN_SCRIPTS]
    return "\n;\n".join(found).replace("</script", "<\\/script")


@cache
def styles() -> str:
    """Return the styles of Leaflet, its marker clusters and our controls, with their images inlined.

    Raises
    ------
    MissingError
        A package of assets is missing or incomplete.
    """
    found = [_with_pictures(_asset(*one)) for one in _STYLES]
    return "\n".join([*found, (_OWN / "map.css").read_text(encoding="utf-8")])


def _with_pictures(path: Path) -> str:
    """Return a style sheet with its images inlined, without the rule for Internet Explorer 8."""

    def inline(match: re.Match[str]) -> str:
        content = (path.parent / match[1].strip("\"'")).read_bytes()
        return f"url(data:image/png;base64,{base64.b64encode(content).decode()})"

    return _URL.sub(inline, _VML.sub("", path.read_text(encoding="utf-8")))


def _asset(package: str, folder: str, name: str) -> Path:
    try:
        path = Path(str(distribution(package).locate_file(f"{folder}/{name}")))
    except PackageNotFoundError:
        raise _missing(name, package) from None
    if not path.is_file():
        raise _missing(name, package)
    return path


def _missing(name: str, package: str) -> MissingError:
    return MissingError(msg.maps.asset_missing(name, package), remedy=msg.remedies.reinstall(package))

"""Give a layer of a GeoPackage the style in which QGIS opens it.

QGIS reads default styles from the table ``layer_styles`` of the file, written as it writes it itself
(https://docs.qgis.org/latest/en/docs/user_manual/working_with_vector/vector_properties.html, "Save style").
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from pathlib import Path

_TABLE = """
CREATE TABLE IF NOT EXISTS layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
    styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30),
    ui TEXT(30), update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""
_LISTED = """
INSERT INTO gpkg_contents (table_name, data_type, identifier) SELECT 'layer_styles', 'attributes', 'layer_styles'
WHERE NOT EXISTS (SELECT 1 FROM gpkg_contents WHERE table_name = 'layer_styles')
"""
_STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
    useAsDefault, description) SELECT '', '', table_name, column_name, :name, :qml, 1, :name
FROM gpkg_geometry_columns WHERE table_name = :layer
"""
_OUTLINE_MM = "0.4"
_LABEL_POINTS = "9"
_FILL_ALPHA = 70


@dataclass(frozen=True)
class Class:
    """A class of a graduated style: values above `lower`, up to `upper`."""

    lower: float
    upper: float
    colour: str
    label: str


@dataclass(frozen=True)
class PolygonStyle:
    """How polygons are drawn.

    Attributes
    ----------
    name
        Name of the style, shown by QGIS.
    outline
        Colour of the outline, ``#rrggbb``.
    fill
        Colour of the translucent fill, ``#rrggbb``; where there are `classes`, of what no class holds.
    label
        Field written on each polygon, or None.
    field, classes
        Numeric field and its classes, for a choropleth.
    """

    name: str
    outline: str
    fill: str
    label: str | None = None
    field: str | None = None
    classes: tuple[Class, ...] = ()


def add_style(path: Path, layer: str, style: PolygonStyle) -> None:
    """Make `style` the default style of a layer of polygons of the GeoPackage at `path`, in place."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_TABLE)
        connection.execute(_LISTED)
        connection.execute("DELETE FROM layer_styles WHERE f_table_name = ?", (layer,))
        connection.execute(_STYLE, {"layer": layer, "name": style.name, "qml": _qml(style)})


def _qml(style: PolygonStyle) -> str:
    categories = {
        "version": "3.22",
        "styleCategories": "Symbology|Labeling",
        "labelsEnabled": str(int(bool(style.label))),
    }
    root = ET.Element("qgis", categories)
    renderer = ET.SubElement(root, "renderer-v2")
    if style.classes and style.field:
        renderer.attrib |= {"type": "graduatedSymbol", "attr": style.field, "graduatedMethod": "GraduatedColor"}
        ranges = ET.SubElement(renderer, "ranges")
        for number, one in enumerate(style.classes):
            limits = {"lower": str(one.lower), "upper": str(one.upper), "label": one.label, "symbol": str(number)}
            ET.SubElement(ranges, "range", limits | {"render": "true"})
    else:
        renderer.set("type", "singleSymbol")
    symbols = ET.SubElement(renderer, "symbols")
    for number, colour in enumerate([one.colour for one in style.classes] or [style.fill]):
        _symbol(symbols, str(number), colour, style.outline)
    if style.label:
        _labels(root, style.label)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


def _symbol(symbols: ET.Element, name: str, fill: str, outline: str) -> None:
    symbol = ET.SubElement(symbols, "symbol", {"type": "fill", "name": name, "alpha": "1"})
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"})
    properties = {
        "color": _rgba(fill, _FILL_ALPHA),
        "style": "solid",
        "outline_color": _rgba(outline, 255),
        "outline_style": "solid",
        "outline_width": _OUTLINE_MM,
        "outline_width_unit": "MM",
    }
    options = ET.SubElement(layer, "Option", {"type": "Map"})
    for key, value in properties.items():
        ET.SubElement(options, "Option", {"type": "QString", "name": key, "value": value})
        ET.SubElement(layer, "prop", {"k": key, "v": value})  # read by QGIS up to 3.18


def _labels(root: ET.Element, field: str) -> None:
    labeling = ET.SubElement(root, "labeling", {"type": "simple"})
    settings = ET.SubElement(labeling, "settings")
    text = {"fieldName": field, "fontSize": _LABEL_POINTS, "fontSizeUnit": "Point", "textColor": "31,41,51,255"}
    style = ET.SubElement(settings, "text-style", text)
    halo = {"bufferDraw": "1", "bufferSize": "0.8", "bufferSizeUnits": "MM", "bufferColor": "255,255,255,255"}
    ET.SubElement(style, "text-buffer", halo)


def _rgba(colour: str, alpha: int) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{alpha}"

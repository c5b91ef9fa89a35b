"""Accuracy radius of an address point: one table, by type of match and kind of point.

Two official positions of the same establishment differ by 20 m at the median (measured on the national directories),
so no published point gets a smaller radius, however precise its kind. Coarser kinds follow the definitions of the
Base Adresse Nationale: a building or a plot is a surface whose point stands for the whole, a segment is a position
interpolated along the street. A score says nothing about accuracy and is not used here.

================================================================== ======= ==========================================
kind of point                                                      radius  why
================================================================== ======= ==========================================
entrée, délivrance postale, cage d'escalier, logement              20 m    the door itself; the minimum
établissement (a directory's point)                                20 m    the median above
bâtiment                                                           30 m    somewhere in a building
parcelle                                                           40 m    somewhere on a plot
service technique, segment                                         50 m    along the street
a house number or place without a kind of position                 30 m    between the two
a street, known by its point only                                  500 m   one point for the whole street
a locality                                                         500 m   as a street
a commune                                                          5 km    its town hall, usually
================================================================== ======= ==========================================

The point of a street, locality or commune never gives a firm verdict, whatever the radius.
"""

from __future__ import annotations

from qpv_geo.geocoding.protocol import PRECISE, MatchType

ESTABLISHMENT = "établissement"
"""Kind of position of a published place that is not an address of the Base Adresse Nationale."""

_BY_POSITION = {
    "entrée": 20.0,
    "délivrance postale": 20.0,
    "cage d'escalier": 20.0,
    "logement": 20.0,
    "bâtiment": 30.0,
    "parcelle": 40.0,
    "service technique": 50.0,
    "segment": 50.0,
    ESTABLISHMENT: 20.0,
}
_BY_TYPE = {
    MatchType.HOUSENUMBER: 30.0,
    MatchType.POI: 30.0,
    MatchType.STREET: 500.0,
    MatchType.LOCALITY: 500.0,
    MatchType.MUNICIPALITY: 5000.0,
}


def accuracy_m(kind: MatchType, position: str | None = None) -> float:
    """Return the accuracy radius of a point in metres; `position` counts for house numbers and places only."""
    if kind in PRECISE and position is not None:
        return _BY_POSITION.get(position.strip().replace("’", "'").lower(), _BY_TYPE[kind])
    return _BY_TYPE[kind]

"""Rows read from an address index."""

from __future__ import annotations

from typing import NamedTuple


class PlaceRow(NamedTuple):
    """A street, locality or published place; multiple values are separated by ``|``, postcodes by ``,``.

    Degrees are integers, multiplied by `build.SCALE`.
    """

    rank: int
    id: int
    town: int
    kind: str
    ban_id: str
    name: str
    aliases: str
    former: str
    postcodes: str
    words: str
    lon: int
    lat: int
    position: str


class NumberRow(NamedTuple):
    """A house number of a place."""

    number: int
    suffix: str
    ban_id: str
    lon: int
    lat: int
    position: str

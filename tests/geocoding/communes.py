"""The real communes that the project knows, where it has a gazetteer; a few well-known ones where it hasn't."""

from __future__ import annotations

from typing import NamedTuple

from dense_names import REAL_TOWNS

from qpv_geo.text_normalisation import fold

try:
    from qpv_geo.geocoding.gazetteer import gazetteer
    from qpv_geo.geocoding.normalise import tokens
except ImportError:  # a version of before the gazetteer, to compare with
    gazetteer = None


class Known(NamedTuple):
    code: str
    name: str
    postcodes: tuple[str, ...]


_WELL_KNOWN = [Known(code, name, (postcode,)) for code, name, postcode in REAL_TOWNS]


def named(name):
    if gazetteer is None:
        return [one for one in _WELL_KNOWN if fold(one.name) == fold(name)]
    return gazetteer().named(" ".join(tokens(name)))


def with_postcode(postcode):
    if gazetteer is None:
        return [one for one in _WELL_KNOWN if postcode in one.postcodes]
    return gazetteer().with_postcode(postcode)


def drawn(rng, count):
    """Draw real communes of mainland France: INSEE code, name, postcode; a quarter of them are well-known ones."""
    found = {}
    for _ in range(40 * count):
        if len(found) >= count - count // 4:
            break
        communes = with_postcode(f"{rng.randint(1, 95):02}{rng.randint(0, 90) * 10:03}")
        if communes:
            one = rng.choice(communes)
            found.setdefault(one.name, (one.code, one.name, rng.choice(one.postcodes)))
    codes = {code for code, *_ in found.values()}
    others = [town for town in REAL_TOWNS if town[1] not in found and town[0] not in codes]
    return [*found.values(), *rng.sample(others, min(len(others), count - len(found)))]

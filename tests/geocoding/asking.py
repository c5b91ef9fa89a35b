"""Small indexes whose rows are in no order, and how they are asked."""

from __future__ import annotations

from written import BAN, shuffled, write

from qpv_geo.geocoding.chain import Chain
from qpv_geo.geocoding.match import is_firm
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import make_query
from qpv_geo.geocoding.store import AddressStore


def indexed(folder, rows, columns=BAN, name="essai"):
    """Return the index of a few rows, shuffled."""
    path = write(folder / f"{name}.csv", shuffled(rows), columns)
    return OfflineIndex(AddressStore(folder / "home").import_file(path, edition="2030-01-02").path)


def asked(geocoder, text, **filters):
    """Return what a chain of one geocoder, or of several, finds."""
    chain = geocoder if isinstance(geocoder, Chain) else Chain([geocoder])
    return chain.search(make_query(text, **filters))


def firm(geocoder, text, **filters):
    """Return the doors, streets or places found that are firmly what was asked: number, street, town."""
    return [door(one) for one in asked(geocoder, text, **filters) if is_firm(one.match)]


def parts(geocoder, text, **filters):
    """Return how the best candidate agrees, in the order of the contract: number, street, postcode, city."""
    return tuple(str(part) for part in asked(geocoder, text, **filters)[0].match.parts().values())


def door(candidate):
    return candidate.housenumber, candidate.street, candidate.city

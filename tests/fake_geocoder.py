"""Geocoders for tests: one that knows what it is told, and an offline index laid over the squares of `synthetic`."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING, Any

from synthetic import point

from qpv_geo.geocoding.accuracy import accuracy_m
from qpv_geo.geocoding.protocol import Candidate, MatchType
from qpv_geo.geocoding.store import AddressStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from qpv_geo.geocoding.offline import OfflineIndex
    from qpv_geo.geocoding.protocol import Query

BAN_COLUMNS = (
    *("id", "id_fantoir", "numero", "rep", "nom_voie", "code_postal", "code_insee", "nom_commune"),
    *("code_insee_ancienne_commune", "nom_ancienne_commune", "x", "y", "lon", "lat", "type_position", "alias"),
    *("nom_ld", "libelle_acheminement", "nom_afnor", "source_position", "source_nom_voie", "certification_commune"),
    "cad_parcelles",
)
"""The 23 columns of the CSV of the Base Adresse Nationale."""


class FakeGeocoder:
    """Knows the answers it is given, by address: candidates, or the error to raise. Whatever else, it does not find.

    Attributes
    ----------
    asked
        The queries that came, in order.
    """

    name = "essai"

    def __init__(self, answers: Mapping[str, Sequence[Candidate] | Exception]) -> None:
        self.answers = answers
        self.asked: list[Query] = []

    def search(self, query: Query, *, limit: int = 5) -> list[Candidate]:
        self.asked.append(query)
        answer = self.answers.get(query.text, ())
        if isinstance(answer, Exception):
            raise answer
        return list(answer)[:limit]

    def reverse(self, *, lon: float, lat: float, limit: int = 1) -> list[Candidate]:
        raise NotImplementedError


def candidate(
    x: float, y: float, label: str = "1 Rue des Carrés", *, kind: str = "housenumber", **changes: Any
) -> Candidate:
    """Return a candidate `x`, `y` metres from the origin, in the made-up commune of Essai unless `changes` say other.

    A house number is an entrance, and the first word of its label.
    """
    match = MatchType(kind)
    numbered = match is MatchType.HOUSENUMBER
    position = changes.pop("position", "entrée" if numbered else None)
    fields: dict[str, Any] = {
        "label": f"{label} 99990 Essai",
        "score": 0.97,
        "type": match,
        "id": f"essai-{label}-{x}-{y}",
        "housenumber": label.split(maxsplit=1)[0] if numbered else None,
        "street": None if match is MatchType.MUNICIPALITY else label.split(maxsplit=1)[-1] if numbered else label,
        "postcode": "99990",
        "citycode": "99999",
        "city": "Essai",
        **point(x, y),
        "position": position,
        "accuracy_m": accuracy_m(match, position),
        "source": "essai",
        "edition": None,
    }
    return Candidate(**fields | changes)


def row(x: float, y: float, number: object, street: str = "Rue des Carrés", **columns: object) -> dict[str, object]:
    """Return a row of the BAN `x`, `y` metres from the origin: an entrance in Essai unless `columns` say other."""
    place = {"code_postal": "99990", "code_insee": "99999", "nom_commune": "Essai", "type_position": "entrée"}
    cells = {"numero": number, "rep": "", "nom_voie": street, **point(x, y), **place, **columns}
    street_id = f"{cells['code_insee']}_{sum(map(ord, street)):04}"
    cells["id"] = "_".join(filter(None, [street_id, f"{cells['numero']:05}", str(cells["rep"])]))
    return cells


def write_ban(path: Path, *rows: Mapping[str, object]) -> Path:
    """Write rows as a CSV of the Base Adresse Nationale."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, BAN_COLUMNS, restval="", delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


def offline_index(home: Path, *rows: Mapping[str, object], name: str = "99") -> OfflineIndex:
    """Build the address index of a département in a home, of rows in an order that tells nothing, and open it."""
    home.mkdir(parents=True, exist_ok=True)
    store = AddressStore(home)
    store.import_file(write_ban(home / f"adresses-{name}.csv", *random.Random(59360).sample(rows, len(rows))))
    return next(index for index in store.indexes() if index.path.stem == name)

"""Communes of France that tests put made-up streets in: the gazetteer knows them, and knows no other by these codes."""

from __future__ import annotations

from typing import Any, NamedTuple


class Commune(NamedTuple):
    citycode: str
    postcode: str
    name: str

    def columns(self) -> dict[str, str]:
        """Return the columns of the Base Adresse Nationale that say it."""
        return {"code_insee": self.citycode, "code_postal": self.postcode, "nom_commune": self.name}

    def fields(self) -> dict[str, Any]:
        """Return the fields of a candidate that say it."""
        return {"citycode": self.citycode, "postcode": self.postcode, "city": self.name}


LOOS = Commune("59360", "59120", "Loos")
"""The only commune of its postcode; its INSEE code is the postcode of others."""
HEM = Commune("59299", "59510", "Hem")
"""Shares its postcode with Forest-sur-Marque."""
LILLE = Commune("59350", "59000", "Lille")
POITIERS = Commune("86194", "86000", "Poitiers")
SAINT_ETIENNE = Commune("42218", "42000", "Saint-Étienne")
VILLEURBANNE = Commune("69266", "69100", "Villeurbanne")
LYON_2 = Commune("69382", "69002", "Lyon 2e Arrondissement")
LYON_3 = Commune("69383", "69003", "Lyon 3e Arrondissement")
PARIS_11 = Commune("75111", "75011", "Paris 11e Arrondissement")
PARIS_12 = Commune("75112", "75012", "Paris 12e Arrondissement")
BEAUMONT_63 = Commune("63032", "63110", "Beaumont")
BEAUMONT_74 = Commune("74031", "74160", "Beaumont")
"""Four other communes have this name."""
HENIN_BEAUMONT = Commune("62427", "62110", "Hénin-Beaumont")
ANNECY = Commune("74010", "74000", "Annecy")
"""Cran-Gevrier, Seynod and Meythet were communes before they became parts of it."""

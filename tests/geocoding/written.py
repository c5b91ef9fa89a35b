"""Address files that look invented, with the columns of the real ones."""

from __future__ import annotations

import gzip
import random
import zlib

from real_towns import Commune

BAN = [
    "id",
    "id_fantoir",
    "numero",
    "rep",
    "nom_voie",
    "code_postal",
    "code_insee",
    "nom_commune",
    "code_insee_ancienne_commune",
    "nom_ancienne_commune",
    "x",
    "y",
    "lon",
    "lat",
    "type_position",
    "alias",
    "nom_ld",
    "libelle_acheminement",
    "nom_afnor",
    "source_position",
    "source_nom_voie",
    "certification_commune",
    "cad_parcelles",
]
LIEUX_DITS = [
    "id",
    "nom_lieu_dit",
    "code_postal",
    "code_insee",
    "nom_commune",
    "code_insee_ancienne_commune",
    "nom_ancienne_commune",
    "x",
    "y",
    "lon",
    "lat",
    "source_position",
    "source_nom_voie",
]
BAL_13 = [
    "uid_adresse",
    "cle_interop",
    "commune_insee",
    "commune_nom",
    "commune_deleguee_insee",
    "commune_deleguee_nom",
    "voie_nom",
    "lieudit_complement_nom",
    "numero",
    "suffixe",
    "position",
    "x",
    "y",
    "long",
    "lat",
    "cad_parcelles",
    "source",
    "date_der_maj",
    "certification_commune",
]
BAL_14 = ["id_ban_commune", "id_ban_toponyme", "id_ban_adresse", *BAL_13[1:]]


ESSAI = Commune("99001", "99010", "Essai-sur-Test")
MODELE = Commune("99002", "99020", "Saint-Modèle-la-Forêt")


def street_id(street, commune=ESSAI):
    return f"{commune.citycode}_{zlib.crc32(street.encode()) % 10_000:04}"


def ban(number, street="Rue des Essais", commune=ESSAI, *, suffix="", at=(0.3, 46.5), **more):
    """One row of a BAN file, as a dict."""
    return {
        "id": "_".join(filter(None, (street_id(street, commune), f"{int(number):05}", suffix))),
        "numero": str(number),
        "rep": suffix,
        "nom_voie": street,
        "code_postal": commune.postcode,
        "code_insee": commune.citycode,
        "nom_commune": commune.name,
        "lon": str(at[0]),
        "lat": str(at[1]),
        "type_position": "entrée",
    } | more


def lieu_dit(name, commune=ESSAI, *, at=("0.31", "46.51")):
    """One row of a file of lieux-dits."""
    return {
        "id": f"{commune.citycode}_b{zlib.crc32(name.encode()) % 1000:03}",
        "nom_lieu_dit": name,
        "code_postal": commune.postcode,
        "code_insee": commune.citycode,
        "nom_commune": commune.name,
        "lon": at[0],
        "lat": at[1],
    }


def bal(number, street="Rue des Essais", commune=ESSAI, *, suffix="", at=("0.3", "46.5"), **more):
    """One row of a Base Adresse Locale."""
    return {
        "cle_interop": "_".join(filter(None, (street_id(street, commune), f"{int(number):05}", suffix))),
        "commune_insee": commune.citycode,
        "commune_nom": commune.name,
        "voie_nom": street,
        "numero": str(number),
        "suffixe": suffix,
        "position": "entrée",
        "long": at[0],
        "lat": at[1],
    } | more


def shuffled(rows, seed=59360):
    """Return rows in an order that tells nothing: an index must not find what it was given first, or last."""
    return random.Random(seed).sample(list(rows), len(rows))


def street(name, commune=ESSAI, numbers=range(1, 13), **more):
    """Return the rows of the house numbers of a street."""
    return [ban(number, name, commune, **more) for number in numbers]


def csv_text(rows, columns=BAN, separator=";"):
    lines = [separator.join(columns)]
    lines += [separator.join(row.get(column, "") for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


def write(path, rows, columns=BAN, *, encoding="utf-8", separator=";"):
    """Write an address file, gzipped where its name says so, and return its path."""
    content = csv_text(rows, columns, separator).encode(encoding)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path

"""What is wrong with a row of a table, in French."""

from __future__ import annotations

from qpv_geo.messages import addresses as tell


def empty_row(*, address: bool, coordinates: bool) -> str:
    if address and coordinates:
        return "ligne sans adresse ni coordonnées"
    return "ligne sans adresse" if address else "ligne sans coordonnées"


def no_addresses(address: str) -> str:
    return (
        f"{tell.quoted(address)} n’a pas pu être cherchée : aucune adresse n’est installée. "
        "Ce n’est pas une réponse « hors QPV »."
    )


def no_addresses_at_all() -> str:
    return (
        "aucune adresse n’est installée ; importez le département : qpv addresses import adresses-XX.csv.gz, "
        "ou interrogez le service national (sans --offline)"
    )


def row_without_geometry() -> str:
    return "ligne sans géométrie"


def bad_day(text: str) -> str:
    if not text:
        return "date absente ; attendu AAAA-MM-JJ ou JJ/MM/AAAA"
    return f"date invalide : {text!r} ; attendu AAAA-MM-JJ ou JJ/MM/AAAA"


def bad_amount(text: str) -> str:
    return f"montant invalide : « {text} » ; attendu des euros, par exemple 1234,56, ou rien"


def bad_coordinates(lon: str, lat: str) -> str:
    return f"coordonnées illisibles : {lon!r}, {lat!r} ; attendu deux nombres"


def abroad_in_crs(x: str, y: str) -> str:
    return (
        f"point hors des territoires de la politique de la ville : x {x}, y {y} ; "
        "vérifiez les coordonnées, leur ordre et leur système"
    )

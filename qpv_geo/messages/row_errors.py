"""What is wrong with a row of a table, in French."""

from __future__ import annotations

from qpv_geo.messages.typography import quoted


def empty_row(*, address: bool, coordinates: bool) -> str:
    if address and coordinates:
        return "ligne sans adresse ni coordonnées"
    return "ligne sans adresse" if address else "ligne sans coordonnées"


def no_addresses(address: str) -> str:
    return (
        f"{quoted(address)} n’a pas pu être cherchée. Aucune adresse n’est installée. "
        "Ce n’est pas une réponse « hors QPV »."
    )


def no_addresses_at_all() -> str:
    return (
        "aucune adresse n’est installée ; demandez à l’administrateur celles du département, ou interrogez le service "
        "national (sans --offline)"
    )


def row_without_geometry() -> str:
    return "ligne sans géométrie"


def bad_day(text: str) -> str:
    if not text:
        return "date absente ; écrivez JJ/MM/AAAA ou AAAA-MM-JJ"
    return f"date invalide : {quoted(text)} ; écrivez JJ/MM/AAAA ou AAAA-MM-JJ"


def bad_amount(text: str) -> str:
    return f"montant invalide : {quoted(text)} ; donnez des euros, par exemple 1234,56, ou laissez vide"


def bad_coordinates(lon: str, lat: str) -> str:
    return f"coordonnées illisibles : {quoted(lon)}, {quoted(lat)} ; donnez deux nombres"


def abroad_in_crs(x: str, y: str) -> str:
    return (
        f"point hors des territoires de la politique de la ville : x {x}, y {y} ; "
        "vérifiez les coordonnées, leur ordre et leur système"
    )


def no_such_position(position: int, rows: int) -> str:
    held = f"de 0 à {rows - 1}" if rows else "aucune"
    return f"corrections : aucune ligne à la position {quoted(position)} ; positions du fichier : {held}"


def nothing_to_correct(position: int) -> str:
    return (
        f"corrections : la ligne à la position {quoted(position)} n’a pas d’adresse à remplacer ; "
        "retirez-la des corrections, ou complétez le fichier"
    )


def chosen_unfound(position: int, address: str) -> str:
    return (
        f"corrections : adresse choisie introuvable, {quoted(address)} (position {position}) ; "
        "choisissez-en une parmi celles que propose la vérification de l’adresse"
    )


def chosen(address: str, message: str) -> str:
    return f"Adresse choisie à la place de celle du fichier\u00a0: {address}. {message}"

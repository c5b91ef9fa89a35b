"""What a verdict says, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages import typography
from qpv_geo.messages.typography import enumerated, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

NOTICE = "Résultat indicatif, ne vaut pas attestation réglementaire."

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

number = typography.number
_KINDS = {
    "qpv": ("en QPV", "hors QPV"),
    "municipal_zone": ("en zone municipale", "hors zone municipale"),
    "watch_area": ("en quartier de veille active", "hors quartier de veille active"),
}
_ZONES = {
    "qpv": ("le quartier", "les quartiers", "aucun quartier (QPV)"),
    "municipal_zone": ("la zone", "les zones", "aucune zone municipale"),
    "watch_area": ("le quartier", "les quartiers", "aucun quartier de veille active"),
}
_OF = {"le": "du", "la": "de la", "les": "des"}
_OTHER_ZONES = ("le périmètre", "les périmètres", "aucun périmètre")

THIS = {"point": "ce point", "site": "ce site", "address": "ce point"}
_COARSE = {"street": "la rue", "locality": "le lieu-dit", "municipality": "la commune"}
_NEAR_M = 10.0
_LEAST_SHARE = 0.0005


def day(on: date) -> str:
    """1er juin 2024."""
    return f"{'1er' if on.day == 1 else on.day} {_MONTHS[on.month - 1]} {on.year}"


def metres(value: float) -> str:
    """3,4 m below ten metres, 15 m below a kilometre, 1,2 km below ten, 42 km beyond."""
    value = abs(value)
    if value < 0.05:  # noqa: PLR2004 - what rounds to nothing
        return "moins de 0,1 m"
    if value < 9.95:  # noqa: PLR2004 - what rounds to ten
        return f"{number(value, 1)} m"
    if value < 999.5:  # noqa: PLR2004 - what rounds to a kilometre
        return f"{number(value)} m"
    return f"{number(value / 1000, 1 if value < 9950 else 0)} km"  # noqa: PLR2004 - what rounds to ten kilometres


def percent(share: float) -> str:
    """43 %, never rounded up to all or down to nothing."""
    if 0 < share < _LEAST_SHARE:
        return "moins de 0,1 %"
    if 1 - _LEAST_SHARE < share < 1:
        return "plus de 99,9 %"
    at_an_end = 0 < share < 0.01 or 0.99 < share < 1  # noqa: PLR2004 - a percent
    return f"{number(share * 100, 1 if at_an_end else 0)} %"


def named(name: str, code: str) -> str:
    """Les Oliveaux (QN05975M)."""
    return f"{name} ({code})" if name != code else code


def inside_of(kinds: tuple[str, ...]) -> str:
    """En QPV, for one kind; in a zone, for several."""
    return _KINDS[kinds[0]][0] if len(kinds) == 1 and kinds[0] in _KINDS else "dans un des zonages demandés"


def outside_of(kinds: tuple[str, ...]) -> str:
    """Hors QPV, for one kind; outside the zones, for several."""
    return _KINDS[kinds[0]][1] if len(kinds) == 1 and kinds[0] in _KINDS else "hors des zonages demandés"


def _zones(kinds: tuple[str, ...]) -> tuple[str, str, str]:
    return _ZONES.get(kinds[0], _OTHER_ZONES) if len(kinds) == 1 else _OTHER_ZONES


def _the(kinds: tuple[str, ...], names: Sequence[str]) -> str:
    """Le quartier Les Oliveaux (QN05975M), les quartiers…; what holds a place."""
    one, many, _ = _zones(kinds)
    return f"{one if len(names) == 1 else many} {enumerated(names)}"


def _of(kinds: tuple[str, ...], names: Sequence[str]) -> str:
    """Du quartier Les Oliveaux (QN05975M), des quartiers…; whose limit it is."""
    article, _, rest = _the(kinds, names).partition(" ")
    return f"{_OF[article]} {rest}"


def inside(what: str, when: str, kinds: tuple[str, ...], names: Sequence[str], distance_m: float) -> str:
    where = f"{inside_of(kinds)}, dans {_the(kinds, names)}, à {metres(distance_m)} de la limite"
    return f"{when}, {what} est {where}.{_close(distance_m)}"


def site_inside(when: str, kinds: tuple[str, ...], names: Sequence[str], share: float) -> str:
    if share == 1:
        return f"{when}, ce site est entièrement {inside_of(kinds)}, dans {_the(kinds, names)}."
    return f"{when}, ce site est {inside_of(kinds)}. {_covers(kinds, names, percent(share))}"


def numbers_inside(what: str, when: str, kinds: tuple[str, ...], names: Sequence[str]) -> str:
    return f"{when}, {what} est {inside_of(kinds)}, dans {_the(kinds, names)}. Tous ses numéros connus y sont."


def outside(  # noqa: PLR0913 - all that there is to say
    what: str, when: str, kinds: tuple[str, ...], nearest: str | None, distance_m: float | None, *, all_known: bool
) -> str:
    said = f"{when}, {what} est {outside_of(kinds)}."
    if nearest is None or distance_m is None:
        return said
    zone = _zones(kinds)[0]
    the, e = ("la", "e") if zone.startswith("la ") else ("le", "")
    which = f"{zone}{'' if all_known else f' connu{e}'} {the} plus proche"
    return f"{said} {_start(which)}, {nearest}, est à {metres(distance_m)}.{_close(distance_m)}"


def mostly_outside(when: str, kinds: tuple[str, ...], names: Sequence[str], share: float) -> str:
    part = f"Seulement {percent(share)} du site se trouve dans {_the(kinds, names)}."
    return f"{when}, ce site est {outside_of(kinds)}. {part}"


def near_boundary(  # noqa: PLR0913, PLR0917 - all that there is to say
    when: str, kinds: tuple[str, ...], names: Sequence[str], distance_m: float, accuracy_m: float, precision_m: float
) -> str:
    known = f"sa position n’est connue qu’à {metres(accuracy_m)} près"
    if not accuracy_m:
        known = f"cette limite n’est connue qu’à {metres(precision_m)} près"
    limit = f"la limite {_of(kinds, names)}"
    return f"{when}, le point est à {metres(distance_m)} de {limit}, mais {known} : impossible de trancher."


def commune_without_perimeter(what: str, when: str, kinds: tuple[str, ...]) -> str:
    return f"{when}, {what} est {outside_of(kinds)}. {_start(_zones(kinds)[2])} ne touche cette commune."


def street_straddles(what: str, when: str, kinds: tuple[str, ...], counts: tuple[int, int, int]) -> str:
    """Say of a street that the limit divides it; `counts` are the numbers inside, outside and in doubt."""
    words = (inside_of(kinds), outside_of(kinds), "à vérifier")
    told = [(number(count), word) for count, word in zip(counts, words, strict=True) if count]
    first = "numéro" if told and told[0][0] in {"0", "1"} else "numéros"
    parts = ", ".join(
        f"{count} {first} {word}" if k == 0 else f"{count} {word}" for k, (count, word) in enumerate(told)
    )
    return f"{when}, {what} est à cheval sur la limite : {parts}. Précisez le numéro."


def street_in_doubt(what: str, when: str) -> str:
    return f"{when}, la limite passe trop près des numéros de {what} : impossible de trancher."


def all_agree(count: int) -> str:
    return f"{number(count)} adresses correspondent à la demande. La réponse est la même pour toutes."


def coarse_location(what: str, kind: str) -> str:
    known = _COARSE.get(kind, "le lieu")
    missing = "le numéro" if kind == "street" else "le numéro et la rue"
    return f"On ne connaît ici que {known} {what} : impossible de trancher. Précisez {missing}."


def imprecise_location(when: str, kinds: tuple[str, ...], names: Sequence[str], radius_m: float) -> str:
    known = f"la position n’est connue qu’à {metres(radius_m)} près"
    limit = f"la limite {_of(kinds, names)}"
    return f"{when}, {known} et {limit} passe dans cette marge d’erreur : impossible de trancher."


def site_straddles(when: str, kinds: tuple[str, ...], names: Sequence[str], share: float) -> str:
    return f"{when}, ce site est à cheval sur la limite. {_covers(kinds, names, percent(share))}"


def not_covered(when: str, generation: str | None) -> str:
    known = f" ({generation})" if generation else ""
    return f"{when}, les périmètres installés{known} ne couvrent pas ce secteur : on ne peut pas conclure."


def _covers(kinds: tuple[str, ...], names: Sequence[str], share: str) -> str:
    return f"{_start(_the(kinds, names))} {'couvre' if len(names) == 1 else 'couvrent'} {share} du site."


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]


_LABELS_ONLY = "2024-806"
"""The décret that towns and Insee cite for the perimeters of 2024."""


def decree_note(decrees: Iterable[str]) -> str:
    """Say why the perimeters of 2024 are older than the décret that towns cite; empty if they are others."""
    if not any(_LABELS_ONLY in one for one in decrees):
        return ""
    return (
        "Périmètres en vigueur depuis le 1er janvier 2024. Le « décret du 13 juillet 2024 » que citent des villes "
        "n’a changé que des libellés et des communes de rattachement."
    )


def at(on: date, forced: str | None) -> str:
    """Au 1er juin 2024; or, where a generation is forced, what makes it no answer about that day."""
    if forced is None:
        return f"Au {day(on)}"
    year = forced.removeprefix("qpv-")
    which = f"quartiers de {year}" if year.isdecimal() else f"périmètres {quoted(forced)}"
    return f"Selon les {which}, quelle que soit la date"


def _close(distance_m: float) -> str:
    return " La limite est toute proche. Vérifiez la position." if abs(distance_m) < _NEAR_M else ""

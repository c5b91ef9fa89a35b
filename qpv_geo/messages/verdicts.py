"""What a verdict says, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

NOTICE = "Résultat indicatif, ne vaut pas attestation réglementaire."

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

_KINDS = {
    "qpv": ("en quartier prioritaire (QPV)", "hors quartier prioritaire (QPV)"),
    "municipal_zone": ("en zone municipale", "hors zone municipale"),
    "watch_area": ("en quartier de veille active", "hors quartier de veille active"),
}

THIS = {"point": "ce point", "site": "ce site", "address": "ce point"}
_COARSE = {"street": "le nom de la voie", "locality": "le lieu-dit", "municipality": "le nom de la commune"}
_NEAR_M = 10.0
_LEAST_SHARE = 0.0005


def day(on: date) -> str:
    """1er juin 2024."""
    return f"{'1er' if on.day == 1 else on.day} {_MONTHS[on.month - 1]} {on.year}"


def number(value: float, decimals: int = 0) -> str:
    """1 234,5: a narrow space between thousands and a decimal comma."""
    return f"{value:,.{decimals}f}".replace(",", "\u202f").replace(".", ",")


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
        return "moins de 0,1 %"
    if 1 - _LEAST_SHARE < share < 1:
        return "plus de 99,9 %"
    at_an_end = 0 < share < 0.01 or 0.99 < share < 1  # noqa: PLR2004 - a percent
    return f"{number(share * 100, 1 if at_an_end else 0)} %"


def named(name: str, code: str) -> str:
    """Les Oliveaux (QN05975M)."""
    return f"{name} ({code})" if name != code else code


def quoted(text: str) -> str:
    """« 1 rue des Colis »."""
    return f"« {text} »"


def inside_of(kinds: tuple[str, ...]) -> str:
    """En QPV, for one kind; in a zone, for several."""
    return _KINDS[kinds[0]][0] if len(kinds) == 1 and kinds[0] in _KINDS else "dans un des zonages demandés"


def outside_of(kinds: tuple[str, ...]) -> str:
    """Hors QPV, for one kind; outside the zones, for several."""
    return _KINDS[kinds[0]][1] if len(kinds) == 1 and kinds[0] in _KINDS else "hors des zonages demandés"


def inside(what: str, when: str, kinds: tuple[str, ...], name: str, distance_m: float) -> str:
    verge = f"à {metres(distance_m)} à l'intérieur de la limite"
    return f"{when}, {what} est {inside_of(kinds)} : {name}, {verge}.{_close(distance_m)}"


def held(  # noqa: PLR0913 - all that there is to say
    what: str, when: str, kinds: tuple[str, ...], name: str, share: float, *, by: str
) -> str:
    of_site = "" if share == 1 else f", qui en tient {percent(share)}"
    part = ", avec tous ses numéros connus" if by == "address" else of_site
    return f"{when}, {what} est {inside_of(kinds)} : {name}{part}."


def outside(  # noqa: PLR0913 - all that there is to say
    what: str, when: str, kinds: tuple[str, ...], nearest: str | None, distance_m: float | None, *, all_known: bool
) -> str:
    if nearest is None or distance_m is None:
        return f"{when}, {what} est {outside_of(kinds)}."
    which = "le plus proche" if all_known else "le plus proche connu"
    far = f"{which}, {nearest}, est à {metres(distance_m)}"
    return f"{when}, {what} est {outside_of(kinds)} ; {far}.{_close(distance_m)}"


def mostly_outside(what: str, when: str, kinds: tuple[str, ...], name: str, share: float) -> str:
    return f"{when}, {what} est {outside_of(kinds)} : {percent(share)} seulement en est dans : {name}."


def near_boundary(when: str, name: str, distance_m: float, accuracy_m: float, precision_m: float) -> str:
    known = f"connu à {metres(accuracy_m)} près" if accuracy_m else f"et n'est connue qu'à {metres(precision_m)} près"
    return f"{when}, la limite du périmètre {name} passe à {metres(distance_m)} de ce point, {known} : à vérifier."


def commune_without_perimeter(what: str, when: str, kinds: tuple[str, ...]) -> str:
    return f"{when}, {what} est {outside_of(kinds)} : aucun périmètre ne touche cette commune."


def street_straddles(what: str, when: str, inside_count: int, count: int) -> str:
    are = "est" if inside_count <= 1 else "sont"
    inside = f"{number(inside_count)} de ses {number(count)} numéros connus {are} dedans"
    return f"{when}, la limite partage la voie {what} : {inside}. Précisez le numéro."


def street_in_doubt(what: str, when: str) -> str:
    return f"{when}, la limite passe trop près des numéros de la voie {what} : à vérifier."


def all_agree(count: int) -> str:
    return f"L'adresse peut désigner {number(count)} lieux, et la réponse est la même pour tous."


def coarse_location(what: str, kind: str) -> str:
    known = _COARSE.get(kind, "le lieu")
    return f"{what} : seul {known} a été reconnu, et son point ne suffit pas à répondre. Vérifiez le numéro et la voie."


def imprecise_location(when: str, name: str, radius_m: float, share: float) -> str:
    return (
        f"{when}, la position n'est connue qu'à {metres(radius_m)} près, "
        f"et {percent(share)} de cette étendue est en zone ({name}) : à vérifier."
    )


def site_straddles(when: str, name: str, share: float) -> str:
    return f"{when}, {percent(share)} du site est en zone ({name}), le reste dehors : à vérifier."


def not_covered(when: str, generation: str | None) -> str:
    known = f" ({generation})" if generation else ""
    return f"{when}, les périmètres installés{known} ne couvrent pas ce secteur : on ne peut pas conclure."


def fetch_command(download: str, *, unpinned: bool) -> str:
    return f"qpv perimeters fetch {download}{' --accept-new' if unpinned else ''}"


def addresses_command(department: str) -> str:
    return f"qpv addresses fetch {department}"


def at(on: date, forced: str | None) -> str:
    """Au 1er juin 2024; or, where a generation is forced, what makes it no answer about that day."""
    if forced is None:
        return f"Au {day(on)}"
    return f"D'après les périmètres {forced}, imposés quelle que soit la date"


def _close(distance_m: float) -> str:
    return " La limite est toute proche : assurez-vous de la position." if abs(distance_m) < _NEAR_M else ""

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

_NEAR_M = 10.0
_LEAST_SHARE = 0.0005


def day(on: date) -> str:
    """1er juin 2024."""
    return f"{'1er' if on.day == 1 else on.day} {_MONTHS[on.month - 1]} {on.year}"


def number(value: float, decimals: int = 0) -> str:
    """1 234,5: a narrow space between thousands and a decimal comma."""
    return f"{value:,.{decimals}f}".replace(",", "\u202f").replace(".", ",")


def metres(value: float) -> str:
    """3,4 m below ten metres, 15 m below a kilometre, 1,2 km beyond."""
    value = abs(value)
    if value < 0.05:  # noqa: PLR2004 - what rounds to nothing
        return "moins de 0,1 m"
    if value < 9.95:  # noqa: PLR2004 - what rounds to ten
        return f"{number(value, 1)} m"
    if value < 999.5:  # noqa: PLR2004 - what rounds to a kilometre
        return f"{number(value)} m"
    return f"{number(value / 1000, 1)} km"


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


def inside_of(kinds: tuple[str, ...]) -> str:
    """En QPV, for one kind; in a zone, for several."""
    return _KINDS[kinds[0]][0] if len(kinds) == 1 and kinds[0] in _KINDS else "dans un des zonages demandés"


def outside_of(kinds: tuple[str, ...]) -> str:
    """Hors QPV, for one kind; outside the zones, for several."""
    return _KINDS[kinds[0]][1] if len(kinds) == 1 and kinds[0] in _KINDS else "hors des zonages demandés"


def inside(  # noqa: PLR0913 - all that there is to say
    what: str, on: date, kinds: tuple[str, ...], name: str, distance_m: float, *, share_of_site: float | None
) -> str:
    if share_of_site is not None:
        part = "" if share_of_site == 1 else f", qui en tient {percent(share_of_site)}"
        return f"Au {day(on)}, {what} est {inside_of(kinds)} : {name}{part}."
    verge = f"à {metres(distance_m)} à l'intérieur de la limite"
    return f"Au {day(on)}, {what} est {inside_of(kinds)} : {name}, {verge}.{_close(distance_m)}"


def outside(  # noqa: PLR0913 - all that there is to say
    what: str, on: date, kinds: tuple[str, ...], nearest: str | None, distance_m: float | None, *, all_known: bool
) -> str:
    if nearest is None or distance_m is None:
        return f"Au {day(on)}, {what} est {outside_of(kinds)}."
    which = "le plus proche" if all_known else "le plus proche connu"
    far = f"{which}, {nearest}, est à {metres(distance_m)}"
    return f"Au {day(on)}, {what} est {outside_of(kinds)} ; {far}.{_close(distance_m)}"


def mostly_outside(what: str, on: date, kinds: tuple[str, ...], name: str, share: float) -> str:
    return f"Au {day(on)}, {what} est {outside_of(kinds)} : {percent(share)} seulement en est dans le périmètre {name}."


def near_boundary(on: date, name: str, distance_m: float, radius_m: float) -> str:
    return (
        f"Au {day(on)}, la limite du périmètre {name} passe à {metres(distance_m)} de ce point, "
        f"connu à {metres(radius_m)} près : à vérifier."
    )


def imprecise_location(on: date, name: str, radius_m: float, share: float) -> str:
    return (
        f"Au {day(on)}, la position n'est connue qu'à {metres(radius_m)} près, "
        f"et {percent(share)} de cette étendue est dans le périmètre {name} : à vérifier."
    )


def site_straddles(on: date, name: str, share: float) -> str:
    return f"Au {day(on)}, {percent(share)} du site est dans le périmètre {name}, le reste dehors : à vérifier."


def not_covered(on: date, generation: str | None, download: str | None) -> str:
    remedy = f" Pour une réponse ferme : {download}" if download else ""
    known = f" ({generation})" if generation else ""
    return (
        f"Au {day(on)}, aucun périmètre n'est connu ici, et ceux qui sont présents{known} "
        f"ne couvrent pas ce lieu : à vérifier.{remedy}"
    )


def fetch_command(download: str, *, unpinned: bool) -> str:
    return f"qpv perimeters fetch {download}{' --accept-new' if unpinned else ''}"


def forced(message: str, generation: str) -> str:
    return f"{message} Génération imposée : {generation}."


def _close(distance_m: float) -> str:
    return " La limite est toute proche : assurez-vous de la position." if abs(distance_m) < _NEAR_M else ""

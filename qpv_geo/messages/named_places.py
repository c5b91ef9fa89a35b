"""What a verdict says of what is named instead of an address: a quartier, a place of the town, a plot; in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_NAMED = 5
_IS = {
    "qpv": "est un quartier prioritaire (QPV)",
    "municipal_zone": "est une zone municipale",
    "watch_area": "est un quartier de veille active",
}
_NOT_OUTSIDE = "Ce n’est pas une réponse «\u00a0hors QPV\u00a0»"


def quoted(text: str) -> str:
    """« Épi de Soil », with no-break spaces."""
    return f"«\u00a0{text}\u00a0»"


def described(name: str, code: str, towns: Sequence[str] = ()) -> str:
    """Les Oliveaux (QN05975M, Loos)."""
    where = ", ".join([code, *towns[:_MOST_NAMED]]) + ("…" if len(towns) > _MOST_NAMED else "")
    return f"{name} ({where})" if name != code else where


def listed(names: Sequence[str]) -> str:
    """Les Oliveaux, Bel Air…; the first ones, and that there are more."""
    return ", ".join(names[:_MOST_NAMED]) + ("…" if len(names) > _MOST_NAMED else "")


def _sentence(text: str) -> str:
    return text if text.endswith("…") else f"{text}."


# ── Quartiers ────────────────────────────────────────────────────────────────────────────────────────────────


def in_force(when: str, what: str, kind: str, *, may_be_others: bool) -> str:
    others = " D’autres quartiers peuvent porter ce nom\u00a0: tous ne sont pas installés ici." if may_be_others else ""
    return f"{when}, {what} {_IS.get(kind, 'est en vigueur')}.{others} Pour une adresse, indiquez la rue et le numéro."


def not_in_force(what: str, day: str, instead: Sequence[str]) -> str:
    return f"Hors quartier prioritaire (QPV)\u00a0: le code {what} n’était pas en vigueur au {day}.{_instead(instead)}"


def not_of_generation(what: str, generation: str, instead: Sequence[str]) -> str:
    said = f"Hors quartier prioritaire (QPV)\u00a0: le code {what} n’est pas de la génération {generation}."
    return said + _instead(instead)


def _instead(named: Sequence[str]) -> str:
    if not named:
        return ""
    which = "Le quartier qui lui correspond est" if len(named) == 1 else "Les quartiers qui lui correspondent sont"
    return _sentence(f" {which} {listed(named)}")


def named_area(when: str, asked: str, quartiers: Sequence[str], communes: Sequence[str]) -> str:
    linked = "au quartier" if len(quartiers) == 1 else "aux quartiers"
    said = f"{when}, {quoted(asked)} est un nom d’usage lié {linked} {listed(quartiers)}, sans limites publiées."
    of = "d’une commune" if len(communes) == 1 else f"de {len(communes)} communes"
    also = " " + _sentence(f"C’est aussi le nom {of}\u00a0: {listed(communes)}") if communes else ""
    return f"{said}{also} Indiquez la rue et le numéro."


def area_not_in_force(when: str, asked: str, quartiers: Sequence[str]) -> str:
    return (
        f"{when}, {quoted(asked)} est un nom d’usage lié à {listed(quartiers)}, qui n’est pas en vigueur. "
        "Indiquez la rue et le numéro."
    )


def several(asked: str, quartiers: Sequence[str], communes: Sequence[str]) -> str:
    are_many = len(quartiers) > 1
    said = f"{len(quartiers)} quartiers (QPV)\u00a0: {listed(quartiers)}" if are_many else f"le quartier {quartiers[0]}"
    which = "les communes" if len(communes) > 1 else "la commune"
    or_communes = f" ou {which} {listed(communes)}" if communes else ""
    return _sentence(f"{quoted(asked)} peut désigner {said}{or_communes}") + " Précisez la commune."


def unknown_code(when: str, code: str) -> str:
    return f"{when}, aucun quartier (QPV) ne porte le code {quoted(code)}. {_NOT_OUTSIDE}\u00a0: vérifiez le code."


def not_installed(when: str, asked: str, generation: str | None) -> str:
    which = f" ({generation})" if generation else ""
    return (
        f"{when}, {quoted(asked)} n’est pas parmi les périmètres installés{which}, qui ne couvrent pas toute la France"
        "\u00a0: on ne peut pas conclure."
    )


# ── Places of a town ─────────────────────────────────────────────────────────────────────────────────────────


def unpublished(name: str, town: str, told: str) -> str:
    also = f"\u00a0; {told}" if told else ""
    return f"{name} ({town})\u00a0: lieu nommé par la ville, position non publiée{also}. {_NOT_OUTSIDE}."


# ── Plots ────────────────────────────────────────────────────────────────────────────────────────────────────


def plot(identifier: str, town: str | None) -> str:
    return f"Parcelle {identifier}" + (f" ({town})" if town else "")


def plot_by_addresses(what: str, labels: Sequence[str]) -> str:
    doors = "Une adresse s’y trouve" if len(labels) == 1 else f"{len(labels)} adresses s’y trouvent"
    known = _sentence(f"{doors}\u00a0: {listed(labels)}")
    return f"{what}\u00a0: son contour n’est pas connu ici. {known} Vérifiez l’adresse."


def plot_of_several_communes(asked: str, towns: Sequence[str]) -> str:
    which = f"une parcelle de {len(towns)} communes\u00a0: {listed(towns)}"
    return _sentence(f"{quoted(asked)} peut être {which}") + " Précisez la commune."


def plot_without_commune(asked: str) -> str:
    return (
        f"{quoted(asked)}\u00a0: la commune de cette parcelle n’est pas reconnue. Indiquez son nom ou son code INSEE."
    )


def plot_unknown(what: str, searched: str) -> str:
    return f"{what}\u00a0: introuvable (cherchée dans\u00a0: {searched}). {_NOT_OUTSIDE}\u00a0: vérifiez la référence."

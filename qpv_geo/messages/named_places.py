"""What a verdict says of what is named instead of an address: a quartier, a place of the town, a plot; in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_NAMED = 5
_IS = {
    "qpv": "est un quartier prioritaire (QPV)",
    "municipal_zone": "est une zone municipale",
    "watch_area": "est un quartier de veille active",
}
_NOT_OUTSIDE = "Ce n’est pas une réponse « hors QPV »"


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
    others = " D’autres quartiers peuvent porter ce nom : tous ne sont pas installés ici." if may_be_others else ""
    return f"{when}, {what} {_IS.get(kind, 'est en vigueur')}.{others} Pour une adresse, indiquez la rue et le numéro."


def not_in_force(what: str, day: str, instead: Sequence[str]) -> str:
    return f"Hors QPV : le code {what} n’était pas en vigueur au {day}.{_instead(instead)}"


def not_of_generation(what: str, generation: str, instead: Sequence[str]) -> str:
    said = f"Hors QPV : le code {what} n’est pas de la génération {generation}."
    return said + _instead(instead)


def _instead(named: Sequence[str]) -> str:
    if not named:
        return ""
    which = "Le quartier qui lui correspond est" if len(named) == 1 else "Les quartiers qui lui correspondent sont"
    return _sentence(f" {which} {listed(named)}")


def named_area(when: str, asked: str, quartiers: Sequence[str], communes: Sequence[str]) -> str:
    linked = "au quartier" if len(quartiers) == 1 else "aux quartiers"
    said = f"{when}, {quoted(asked)} est un nom d’usage lié {linked} {listed(quartiers)}."
    of = "d’une commune" if len(communes) == 1 else f"de {len(communes)} communes"
    also = " " + _sentence(f"C’est aussi le nom {of} : {listed(communes)}") if communes else ""
    return f"{said}{also} Ses limites ne sont pas publiées. Indiquez la rue et le numéro."


def area_not_in_force(when: str, asked: str, quartiers: Sequence[str]) -> str:
    none = "ce quartier n’est pas" if len(quartiers) == 1 else "aucun de ces quartiers n’est"
    said = f"{when}, {none} en vigueur. Indiquez la rue et le numéro."
    return f"{_sentence(f'{quoted(asked)} est un nom d’usage lié à {listed(quartiers)}')} {said}"


def several(asked: str, quartiers: Sequence[str], communes: Sequence[str]) -> str:
    are_many = len(quartiers) > 1
    said = f"{len(quartiers)} quartiers (QPV) : {listed(quartiers)}" if are_many else f"le quartier {quartiers[0]}"
    which = "les communes" if len(communes) > 1 else "la commune"
    or_communes = f" ou {which} {listed(communes)}" if communes else ""
    return _sentence(f"{quoted(asked)} peut désigner {said}{or_communes}") + " Précisez la commune."


def unknown_code(when: str, code: str) -> str:
    return f"{when}, aucun quartier (QPV) ne porte le code {quoted(code)}. Vérifiez le code. {_NOT_OUTSIDE}."


def not_installed(when: str, asked: str, generation: str | None) -> str:
    which = f" ({generation})" if generation else ""
    said = f"{when}, {quoted(asked)} n’est pas dans les périmètres installés{which}."
    return f"{said} Ils ne couvrent pas toute la France : on ne peut pas conclure."


# ── Places of a town ─────────────────────────────────────────────────────────────────────────────────────────


def unpublished(name: str, town: str, told: str) -> str:
    also = f" Il est {told}." if told else ""
    return f"{name} ({town}) est connu de la ville, mais sa position n’est pas publiée.{also} {_NOT_OUTSIDE}."


# ── Plots ────────────────────────────────────────────────────────────────────────────────────────────────────


def plot(identifier: str, town: str | None) -> str:
    return f"Parcelle {identifier}" + (f" ({town})" if town else "")


def plot_by_addresses(what: str, labels: Sequence[str]) -> str:
    doors = "Une adresse s’y trouve" if len(labels) == 1 else f"{len(labels)} adresses s’y trouvent"
    known = _sentence(f"{doors} : {listed(labels)}")
    return f"{what} : son contour n’est pas connu ici. {known} Vérifiez l’adresse voulue."


def plot_of_several_communes(asked: str, towns: Sequence[str]) -> str:
    which = f"une parcelle de {len(towns)} communes : {listed(towns)}"
    return _sentence(f"{quoted(asked)} peut être {which}") + " Précisez la commune."


def plot_without_commune(asked: str) -> str:
    return f"{quoted(asked)} : la commune de cette parcelle n’est pas reconnue. Indiquez son nom ou son code INSEE."


def plot_unknown(what: str, searched: str) -> str:
    return f"{what} introuvable (cherchée dans : {searched}). Vérifiez la référence. {_NOT_OUTSIDE}."

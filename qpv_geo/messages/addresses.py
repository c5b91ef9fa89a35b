"""What a verdict says of an address that has no firm answer, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import joined, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_NAMED = 5
_COLON = " : "
ASKED, FOUND = "Demandé", "Trouvé"
NOTHING_FOUND = "aucune adresse"
COMPARED = "Comparaison"
_PARTS = {"number": "numéro", "street": "rue", "postcode": "code postal", "city": "commune"}
_SPELLING = {"postcode": "à un chiffre près"}
_DIFFERENT = {"number": "différent", "street": "différente", "postcode": "différent", "city": "différente"}
_TOWN_UNSAID = f"commune{_COLON}non précisée"
_RECOGNISED = frozenset({"same", "spelling"})


def asked(address: str, postcode: str | None, citycode: str | None) -> str:
    """« 1 rue des Colis », code postal 99990; an address with the filters that were given beside it."""
    filters = (f"code postal {postcode}" if postcode else "", f"code INSEE {citycode}" if citycode else "")
    return ", ".join(filter(None, (quoted(address), *filters)))


def parts(match: Mapping[str, str], *, town_wanted: bool = False) -> str:
    """Rue : orthographe différente ; commune : identique; what was not asked is left out, save a wanted town."""
    told = [_part(part, value) for part, value in match.items() if value != "unsaid"]
    return joined([*told, _TOWN_UNSAID] if town_wanted and _is_town_unsaid(match) else told)


def differing(match: Mapping[str, str]) -> str:
    """Numéro : différent; the parts that keep a candidate from being the address asked, or are written otherwise."""
    told = [_part(part, value) for part, value in match.items() if value in {"different", "spelling"}]
    return joined([*told, _TOWN_UNSAID] if _is_town_unsaid(match) else told)


def _is_town_unsaid(match: Mapping[str, str]) -> bool:
    return match["city"] == "unsaid" and match["postcode"] == "unsaid"


SEVERAL_FOUND = "plusieurs lieux possibles"


def nothing_found(match: Mapping[str, str] | None) -> str:
    """Aucune adresse (commune et code postal reconnus): of an address that was not found, what was known of it."""
    known = [part for part in ("city", "postcode") if match is not None and match[part] in _RECOGNISED]
    if not known:
        return NOTHING_FOUND
    are = "reconnus" if len(known) > 1 else "reconnue" if known == ["city"] else "reconnu"
    return f"{NOTHING_FOUND} ({' et '.join(_PARTS[part] for part in known)} {are})"


def not_placed(label: str, *, is_poi: bool) -> str:
    """Centre Prévert, Loos (position non publiée); of what is known by its name alone, or of a plot that is not."""
    return f"{label}{_COLON}{'position non publiée' if is_poi else 'introuvable'}"


def local_name(label: str) -> str:
    return f"{label} (nom d’usage)"


def commune_found(name: str, *, alone: bool) -> str:
    return f"{name} (commune, sans rue ni numéro)" if alone else f"{name} (commune, rue introuvable)"


def _part(part: str, value: str) -> str:
    words = {"same": "identique", "spelling": _SPELLING.get(part, "orthographe différente")}
    return f"{_PARTS[part]}{_COLON}{words.get(value, _DIFFERENT[part])}"


def in_lower_case(street: str) -> str:
    """Rue des Tilleuls as it stands within a sentence: « rue des Tilleuls »."""
    return street[:1].lower() + street[1:]


def number_unknown(numbers: str, street: str, known: Sequence[int]) -> str:
    what = f"Le n° {numbers} n’est pas connu" if "," not in numbers else f"Les n° {numbers} ne sont pas connus"
    span = f" (numéros connus : de {min(known)} à {max(known)})" if known else ""
    return f"{what} {in_lower_case(street)}{span}. Vérifiez le numéro."


def street_unknown(town: str | None, likest: str | None, *, is_street: bool = True) -> str:
    where = f" à {town}" if town else ""
    like = f" La plus ressemblante : {likest}." if likest else ""
    what = "Rue" if is_street else "Adresse"
    return f"{what} introuvable{where}.{like} Vérifiez l’adresse."


def town_differs(asked: str, town: str | None, likest: str) -> str:
    if town is None:
        return f"{quoted(asked)} n’a pas été reconnue avec certitude. La plus ressemblante : {likest}."
    return f"Adresse introuvable à {town}. La plus ressemblante : {likest}. Vérifiez l’adresse."


def town_unsaid(asked: str, labels: Sequence[str]) -> str:
    if len(labels) == 1:
        return f"Précisez la commune de {quoted(asked)}. Une adresse y ressemble : {labels[0]}."
    return f"Précisez la commune de {quoted(asked)}. {_alike(len(labels))}"


def elsewhere(asked: str, likest: str) -> str:
    said = f"Dans {quoted(asked)}, le code postal, l’arrondissement ou le département est celui d’un autre lieu."
    return f"{said} La plus ressemblante : {likest}. Vérifiez l’adresse."


def several_places(asked: str, labels: Sequence[str]) -> str:
    return f"{quoted(asked)} n’a pas été reconnue avec certitude. {_alike(len(labels))} Précisez l’adresse."


def several_communes(asked: str, names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    more = "…" if len(names) > _MOST_NAMED else "."
    return f"Plusieurs communes s’appellent {quoted(asked)} : {shown}{more} Précisez le code postal."


def with_department(name: str, department: str) -> str:
    return f"{name} ({department})"


def addresses_missing(asked: str, towns: Sequence[str], departments: Sequence[str]) -> str:
    of = "du département" if len(departments) == 1 else "des départements"
    where = f" à {towns[0]}" if len(towns) == 1 else ""
    return (
        f"{quoted(asked)} n’a pas pu être cherchée{where}. Les adresses {of} {', '.join(departments)} "
        "ne sont pas installées."
    )


def no_match(asked: str, searched: str) -> str:
    return f"Adresse introuvable : {quoted(asked)} (cherchée dans : {searched}). Vérifiez l’adresse."


def no_answer(said: str) -> str:
    """Say of what was not found that nothing follows from it."""
    return f"{said} Ce n’est pas une réponse « hors QPV »."


def commune_alone(town: str, when: str, quartiers: Sequence[str], *, all_known: bool) -> str:
    more = "" if all_known else " D’autres peuvent manquer ici."
    if not quartiers:
        return f"{when}, aucun quartier (QPV) connu ici ne touche {town}.{more} Précisez la rue et le numéro."
    some = "un quartier (QPV) touche" if len(quartiers) == 1 else f"{len(quartiers)} quartiers (QPV) touchent"
    return f"{when}, {some} {town} : {', '.join(quartiers)}.{more} Précisez la rue et le numéro."


def _alike(count: int) -> str:
    return "Une adresse y ressemble." if count == 1 else f"{count} adresses y ressemblent."

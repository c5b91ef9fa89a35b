"""Human decisions: a person settles a check, and says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.files import sha256_of
from qpv_geo.model import Status
from qpv_geo.register.drafts import DECISION, Draft, label
from qpv_geo.register.recomputed import perimeter_of_code
from qpv_geo.text_normalisation import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qpv_geo.perimeters.catalogue import Catalogue
    from qpv_geo.register.chain import Entry
    from qpv_geo.register.store import Register


class Quartier(NamedTuple):
    """Code and official name of a quartier."""

    code: str
    name: str


def decide(  # noqa: PLR0913 - one keyword a part of the decision
    register: Register,
    name: str,
    *,
    status: str,
    reason: str,
    by: str,
    document: Mapping[str, str] | None = None,
    quartier: Quartier | None = None,
) -> Entry:
    """Append a human decision about a check.

    Parameters
    ----------
    name
        Sequence or id of the check.
    status
        The status decided, a value of `qpv_geo.model.Status`.
    reason, by
        Why, and who decides.
    document
        Name and sha256 of a file that the decision rests on, see `document_of`.
    quartier
        The quartier decided; by default that of the verdict, for a status that has one.

    Raises
    ------
    InputError
        No such check or status, no reason, nobody who decides, or a quartier for a status that has none.
    """
    if status not in set(Status):
        raise InputError(msg.register_errors.bad_status(status, list(Status)))
    given = {"reason": label("reason", reason), "by": label("by", by)}
    for what, text in given.items():
        if text is None:
            raise InputError(msg.register_errors.needed(what))
    check = register.find(name)
    has_quartier = status in {Status.INSIDE, Status.UNCERTAIN}
    if quartier is not None and not has_quartier:
        raise InputError(msg.register_errors.quartier_without_status(quartier.code))
    code, official_name = quartier or (check.code, check.name)
    draft = Draft(
        DECISION,
        status=status,
        code=code if has_quartier else None,
        name=official_name if has_quartier else None,
        generation=check.generation,
        document={**given, "document": document and {**document, "name": shown(document["name"])}},
    )
    return register.decide(name, draft)


def quartier_of_code(catalogue: Catalogue, given: str | None) -> Quartier | None:
    """Return the installed quartier with a code; None where none is given.

    Raises
    ------
    InputError
        There is none.
    """
    code = (given or "").strip().upper()
    if not code:
        return None
    found = perimeter_of_code(catalogue, code)
    if found is None:
        raise InputError(msg.register_errors.unknown_quartier(code))
    perimeters, row = found
    return Quartier(code, perimeters.names[row])


def document_of(path: Path) -> dict[str, str]:
    """Return the name and the sha256 of a file that a decision rests on; the file itself is not kept.

    Raises
    ------
    InputError
        There is no such file.
    """
    if not path.is_file():
        raise InputError(msg.errors.file_missing(str(path)))
    return {"name": path.name, "sha256": sha256_of([path])}

"""Human decisions: a person settles a check, and says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.files import sha256_of
from qpv_geo.model import Status
from qpv_geo.register.drafts import DECISION, Draft

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qpv_geo.register.chain import Entry
    from qpv_geo.register.store import Register

_MOST_CHARACTERS = 10_000


def decide(  # noqa: PLR0913 - one keyword a part of the decision
    register: Register,
    name: str,
    *,
    status: str,
    reason: str,
    by: str,
    document: Mapping[str, str] | None = None,
    quartier: str | None = None,
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
        Code of the quartier; by default that of the verdict, for a status that has one.

    Raises
    ------
    InputError
        No such check or status, no reason, or nobody who decides.
    """
    if status not in set(Status):
        raise InputError(msg.register_errors.bad_status(status, list(Status)))
    for what, text in (("reason", reason), ("by", by)):
        if not text.strip() or len(text) > _MOST_CHARACTERS:
            raise InputError(msg.register_errors.needed(what))
    check = register.find(name)
    has_quartier = status in {Status.INSIDE, Status.UNCERTAIN}
    code = (quartier or check.code) if has_quartier else None
    draft = Draft(
        DECISION,
        status=status,
        code=code,
        name=check.name if code == check.code else None,
        generation=check.generation,
        document={"reason": reason.strip(), "by": by.strip(), "document": document},
    )
    return register.decide(name, draft)


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

"""The chain of the register: what each hash covers.

The hash of a content is taken with a random salt that is deleted with it: what a purge leaves cannot be used to find an
address by trying all of them. The chain hash of an entry covers the one before it, the hash of its content, and the
fields that survive a purge.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from qpv_geo.eligibility.evidence import canonical
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

_SALT_BYTES = 32
_MINUS = re.compile(r"(?<!\S)[-−](?=\d)")
FORMAT = "qpv-geo register 1"
CHAINED = (
    *("sequence", "id", "created_at", "kind", "root", "supersedes"),
    *("day", "status", "code", "name", "generation", "outcomes", "content_hash"),
)
"""Fields of an entry that its chain hash covers, all of which survive a purge."""


@dataclass(frozen=True)
class Content:
    """What an entry holds that a purge deletes.

    Attributes
    ----------
    salt
        32 random bytes, in hexadecimal.
    text
        Canonical JSON of an object: the record, the case, who, the reason.
    """

    salt: str
    text: str

    @property
    def hash(self) -> str:
        """The salted hash of the content, in hexadecimal."""
        return hashlib.sha256(f"{self.salt}\n{self.text}".encode()).hexdigest()

    @property
    def document(self) -> dict[str, Any]:
        """The object."""
        document: dict[str, Any] = orjson.loads(self.text)
        return document

    def search_columns(self) -> dict[str, str | None]:
        """Return what the content is searched by: the case, what was asked, what was found, and its origin."""
        document = self.document
        record = document.get("record") or {}
        location, question = record.get("location") or {}, (record.get("evidence") or {}).get("input") or {}
        asked = location.get("asked")
        if asked is None and "lon" in question:
            asked = f"{question['lon']} {question['lat']}"
        label = location.get("label")
        return {
            "case_number": document.get("case"),
            "asked": None if asked is None else search_words(asked),
            "found": None if label is None else search_words(label),
            "origin": document.get("origin"),
        }


def search_words(text: str) -> str:
    """Return the words that a place is searched by: a point west of Greenwich is not the one to the east."""
    return fold(_MINUS.sub("moins", text))


def sealed_content(document: Mapping[str, Any]) -> Content:
    """Return a content with a new salt; fields without a value are left out."""
    given = {key: value for key, value in document.items() if value is not None}
    return Content(secrets.token_hex(_SALT_BYTES), canonical(given).decode())


@dataclass(frozen=True)
class Entry:
    """An entry of the register.

    Attributes
    ----------
    sequence
        Its place in the chain, from 1.
    id
        A random UUID.
    created_at
        When it was written, ISO 8601, UTC.
    kind
        ``check``, ``decision``, ``recheck``, ``recheck_run`` or ``purge``.
    root
        Sequence of the check that it is about: its own for a check, None for a purge and a run.
    supersedes
        Sequence of the entry that it takes the place of.
    day
        Date of the question; of a purge, the day before which checks were purged.
    status, code, name, generation
        The answer: status, quartier and generation; of a decision, the status decided.
    outcomes
        Outcome of each scheme asked, by id.
    content_hash
        Salted hash of the content; None for an entry that never had one.
    chain_hash
        Hash of the chain up to this entry.
    content
        None once purged.
    """

    sequence: int
    id: str
    created_at: str
    kind: str
    root: int | None
    supersedes: int | None
    day: str | None
    status: str | None
    code: str | None
    name: str | None
    generation: str | None
    outcomes: dict[str, str]
    content_hash: str | None
    chain_hash: str = ""
    content: Content | None = None

    @property
    def purged(self) -> bool:
        """Whether its content was deleted."""
        return self.content_hash is not None and self.content is None

    @property
    def document(self) -> dict[str, Any]:
        """Its content as an object; empty once purged."""
        return {} if self.content is None else self.content.document


def first_link(register_id: str) -> str:
    """Return the hash that the first entry follows."""
    return hashlib.sha256(f"{FORMAT}\n{register_id}".encode()).hexdigest()


def link(previous: str, entry: Entry) -> str:
    """Return the chain hash of an entry that follows `previous`."""
    chained = {field: getattr(entry, field) for field in CHAINED}
    return hashlib.sha256(previous.encode() + b"\n" + canonical(chained)).hexdigest()


def is_export(content: bytes) -> bool:
    """Tell whether a file is an export of a register, altered or not."""
    return FORMAT.encode() in content[:1_000].partition(b"\n")[0]

"""Exports of the register: JSON Lines that another machine verifies without the register, and that another one imports.

The first line tells the register, the last one the number of entries, the sha256 of all lines above, the head of the
chain and, if signed, the public key and the signature of the rest of that line. Each entry has the hash that it
follows, so that its link is verified even in an export of a few.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import orjson

from qpv_geo import messages as msg
from qpv_geo.eligibility.evidence import canonical
from qpv_geo.errors import FormatError
from qpv_geo.files import PRIVATE, replaced
from qpv_geo.model import Status
from qpv_geo.register.chain import CHAINED, FORMAT, Content, Entry, first_link, link
from qpv_geo.register.documents import entry_document
from qpv_geo.register.drafts import KINDS, PURGE
from qpv_geo.register.signing import fingerprint, is_signed
from qpv_geo.register.store import Head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from qpv_geo.register.filters import Filters
    from qpv_geo.register.signing import Signer
    from qpv_geo.register.store import Register

_END = {"count", "sha256", "head", "whole", "key", "signature"}
_MOST_ENTRIES = 2**53
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError)


@dataclass(frozen=True)
class ExportVerification:
    """The result of verifying an export.

    Attributes
    ----------
    intact
        Whether every entry, and the file as a whole, are as they were exported.
    signed
        Whether the signature is that of `key`; None for an export without a signature.
    key
        The public key that signed it, in base64.
    fingerprint
        Its sha256, to compare with that of the key expected.
    head
        The end of the chain when it was exported.
    whole
        Whether it holds the whole register.
    entries
        Number of entries.
    fault
        What is wrong first: ``file``, ``altered``, ``content_altered``, ``content_missing`` (by no purge, where all is
        exported), ``missing`` or ``head``; None if nothing is.
    sequence
        The entry concerned.
    """

    intact: bool
    signed: bool | None
    key: str | None
    fingerprint: str | None
    head: Head
    whole: bool
    entries: int
    fault: str | None = None
    sequence: int | None = None


@dataclass(frozen=True)
class Export:
    """What an export holds: its entries with the hashes that they follow, its last line, and whether its sha256 is."""

    register: str
    entries: tuple[tuple[str, Entry], ...]
    end: dict[str, Any]
    unaltered: bool

    @property
    def head(self) -> Head:
        """The end of the chain when it was exported."""
        return Head(self.register, int(self.end["head"]["sequence"]), str(self.end["head"]["chain_hash"]))


def write_export(
    path: Path, register: Register, filters: Filters | None, *, signer: Signer | None = None
) -> tuple[int, Head]:
    """Write an export that only its owner can read; return the number of its entries, and the head.

    Parameters
    ----------
    filters
        Checks to export, with everything about them; None for no entry at all, only the head.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    head, digest, count = register.head(), hashlib.sha256(), 0
    start = {"format": FORMAT, "register": head.register, "exported_at": datetime.now(UTC).isoformat("T", "seconds")}
    with replaced(path, mode=PRIVATE) as beside, beside.open("wb") as stream:
        chosen = () if filters is None else _chosen(register, filters, head)
        entries = ({**entry_document(entry), "previous": previous} for previous, entry in chosen)
        for count, document in enumerate(chain([start], entries)):  # noqa: B007 - the first line is no entry
            line = canonical(document) + b"\n"
            digest.update(line)
            stream.write(line)
        end: dict[str, Any] = {
            "count": count,
            "sha256": digest.hexdigest(),
            "head": {"sequence": head.sequence, "chain_hash": head.chain_hash},
            "whole": filters is not None and filters.keeps_all,
        }
        if signer is not None:
            end["key"] = signer.public
            end["signature"] = signer.sign(canonical(end))
        stream.write(canonical(end) + b"\n")
    return count, head


def read_export(content: bytes, *, name: str) -> Export:
    """Read an export.

    Raises
    ------
    FormatError
        It is not one, or a line cannot be read.
    """
    lines = content.splitlines(keepends=True)
    try:
        start, end = orjson.loads(lines[0]), orjson.loads(lines[-1])
        entries = tuple(map(_entry, map(orjson.loads, lines[1:-1])))
        unaltered = hashlib.sha256(b"".join(lines[:-1])).hexdigest() == end["sha256"] and end["count"] == len(entries)
        found = Export(str(start["register"]), entries, end, unaltered)
        known = start["format"] == FORMAT and found.head is not None and set(end) <= _END
    except (*_UNREADABLE, IndexError) as error:
        raise FormatError(msg.register_errors.not_an_export(name)) from error
    if not known:
        raise FormatError(msg.register_errors.not_an_export(name))
    return found


def verify_export(content: bytes, *, name: str) -> ExportVerification:
    """Verify an export without the register: its signature, its links, its contents.

    Raises
    ------
    FormatError
        It is not an export.
    """
    export = read_export(content, name=name)
    fault, sequence = _fault(export)
    end = dict(export.end)
    key, signature = end.get("key"), end.pop("signature", None)
    unsigned = key is None and signature is None
    signed = None if unsigned else is_signed(canonical(end), public=str(key), signature=str(signature))
    return ExportVerification(
        intact=fault is None and signed is not False,
        signed=signed,
        key=key,
        fingerprint=None if key is None else fingerprint(str(key)),
        head=export.head,
        whole=bool(end.get("whole")),
        entries=len(export.entries),
        fault=fault,
        sequence=sequence,
    )


def broken(previous: str, entry: Entry) -> str | None:
    """Return what is wrong with an entry after `previous`: ``altered``, ``content_altered``, or None if nothing is."""
    try:
        if link(previous, entry) != entry.chain_hash:
            return "altered"
        if entry.content is not None and entry.content.hash != entry.content_hash:
            return "content_altered"
    except _UNREADABLE:
        return "altered"
    return None


def _fault(export: Export) -> tuple[str | None, int | None]:
    expected, end, is_whole = first_link(export.register), 0, export.end.get("whole")
    purged = _purged_by_a_purge([entry for _, entry in export.entries])
    for previous, entry in export.entries:
        if is_whole and (previous != expected or entry.sequence != end + 1):
            return "missing", end + 1
        found = broken(previous, entry)
        if found is not None:
            return found, entry.sequence
        if is_whole and entry.purged and entry.sequence not in purged:
            return "content_missing", entry.sequence
        expected, end = entry.chain_hash, entry.sequence
    if is_whole and (expected, end) != (export.head.chain_hash, export.head.sequence):
        return "head", export.head.sequence
    return (None, None) if export.unaltered else ("file", None)


def _purged_by_a_purge(entries: Sequence[Entry]) -> set[int]:
    """Return the entries about checks that a purge covers."""
    before = max((one.day or "" for one in entries if one.kind == PURGE), default="")
    old = {one.sequence for one in entries if one.root == one.sequence and one.created_at[:10] < before}
    return {one.sequence for one in entries if one.root in old}


def _chosen(register: Register, filters: Filters, head: Head) -> Iterator[tuple[str, Entry]]:
    """Return the entries about the checks that filters keep, up to a head, each with the hash that it follows."""
    roots = None if filters.keeps_all else {case.check.sequence for case in register.cases(filters)}
    previous = first_link(head.register)
    for entry in _until(register.entries(), head.sequence):
        if roots is None or entry.root in roots:
            yield previous, entry
        previous = entry.chain_hash


def _until(entries: Iterable[Entry], last: int) -> Iterator[Entry]:
    for entry in entries:
        if entry.sequence > last:
            return
        yield entry


def _entry(document: dict[str, Any]) -> tuple[str, Entry]:
    content = None
    if document["content"] is not None:
        content = Content(document["salt"], canonical(document["content"]).decode())
    entry = Entry(**{field: document[field] for field in CHAINED}, chain_hash=document["chain_hash"], content=content)
    _refuse_unreadable(entry)
    return document["previous"], entry


def _refuse_unreadable(entry: Entry) -> None:
    """Raise `ValueError` or `TypeError` for an entry that no register writes, even one whose hash is right."""
    datetime.fromisoformat(entry.created_at)
    if entry.day is not None:
        date.fromisoformat(entry.day)
    for number in (entry.sequence, entry.root, entry.supersedes):
        if number is not None and not (type(number) is int and 0 < number < _MOST_ENTRIES):
            raise TypeError
    for text in (entry.id, entry.chain_hash, *entry.outcomes.values()):
        if not isinstance(text, str):
            raise TypeError
    for choice in (entry.code, entry.name, entry.generation, entry.content_hash):
        if not isinstance(choice, str | None):
            raise TypeError
    if entry.kind not in KINDS or entry.status not in {None, *Status}:
        raise ValueError

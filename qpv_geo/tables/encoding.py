"""The encoding of a text file: found on the whole file, or checked on it where its user says so."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, AnyStr

from qpv_geo.errors import FormatError
from qpv_geo.texts import table_errors as say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK = 1 << 20
_BOMS = (  # that of UTF-32 starts with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le", "iso8859-1": "latin-1"}
"""Python's names that promise a byte order mark, and what they mean for a file that has none; latin-1 as people say."""
_EXACT = frozenset({codec for _, codec in _BOMS} | {"cp1252", "latin-1"})
"""Encodings with one way only to write a character: what they read, they write again to the byte."""


@dataclass(frozen=True)
class Encoding:
    """How the text of a file is written.

    Attributes
    ----------
    codec
        Python's name of the encoding, without any byte order mark: ``utf-8``, ``cp1252``, ``utf-16-le``...
    bom
        The byte order mark that the file starts with, or nothing.
    """

    codec: str
    bom: bytes = b""

    @property
    def name(self) -> str:
        """The name that gives the same reading of the same file again: ``utf-8-sig`` for UTF-8 with its mark."""
        return "utf-8-sig" if self.bom == codecs.BOM_UTF8 else self.codec


def find_encoding(path: Path, forced: str | None = None) -> Encoding:
    """Return the encoding of a whole file.

    In this order: the one that the byte order mark tells; UTF-16, where every other byte of the start is zero; UTF-8;
    Windows-1252, what French spreadsheet programs write; ISO 8859-1, which reads anything.

    Parameters
    ----------
    forced
        The encoding that the user gives, under any name that Python knows; a byte order mark of it is still seen.

    Raises
    ------
    FormatError
        `forced` is unknown, cannot read a byte of the file, or would not write the file again as it is; or the byte
        order mark promises what the file does not hold.
    """
    with path.open("rb") as file:
        start = file.read(_CHUNK)
    marked = next((Encoding(codec, bom) for bom, codec in _BOMS if start.startswith(bom)), None)
    if forced is not None:
        told = _forced(forced, marked)
        _refuse_unreadable(path, told)
        return told
    if marked is not None:
        _refuse_unreadable(path, marked)
        return marked
    likely = (*_sixteen_bits(start), Encoding("utf-8"), Encoding("cp1252"))
    return next((one for one in likely if _flaw(path, one) is None), Encoding("latin-1"))


def _forced(name: str, marked: Encoding | None) -> Encoding:
    try:
        codec = codecs.lookup(name).name
        codecs.getincrementaldecoder(name)
        "a".encode(name)  # refuses what Python calls a codec and is no encoding of text: hex, zlib...
    except (LookupError, ValueError) as error:
        raise FormatError(say.unknown_encoding(name)) from error
    if marked is not None and (marked.codec == _UNMARKED.get(codec, codec) or marked.codec.startswith(f"{codec}-")):
        return marked
    return Encoding(_UNMARKED.get(codec, codec))


def _sixteen_bits(start: bytes) -> Iterator[Encoding]:
    """Return UTF-16 without a mark where the high byte of most characters is zero, as in any text in Latin letters."""
    pairs, even, odd = len(start) // 2, start[::2].count(0), start[1::2].count(0)
    if 2 * max(even, odd) > pairs > 20 * min(even, odd):
        yield Encoding("utf-16-le" if odd > even else "utf-16-be")


@dataclass(frozen=True)
class _Flaw:
    """Where an encoding fails, counted from 1; no position where it reads the text but would write it otherwise."""

    line: int
    position: int | None


def _refuse_unreadable(path: Path, encoding: Encoding) -> None:
    flaw = _flaw(path, encoding)
    if flaw is None:
        return
    if flaw.position is None:
        raise FormatError(say.not_rewritable(path.name, encoding.name))
    raise FormatError(say.undecodable(path.name, encoding.name, flaw.line, flaw.position))


def _flaw(path: Path, encoding: Encoding) -> _Flaw | None:
    """Return what keeps a file from being read, and written again to the byte, in an encoding."""
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    line, position, pending = 1, len(encoding.bom), b""
    for chunk in _chunks(path, skip=position):
        held = decoder.getstate()[0]
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            start = error.start if isinstance(error, UnicodeDecodeError) else 0
            before = (held + chunk)[:start].decode(encoding.codec, errors="ignore")
            return _Flaw(line + line_breaks(before), position - len(held) + start + 1)
        if encoding.codec not in _EXACT:
            pending, same = _rewritten(pending + chunk, text, encoding.codec)
            if not same:
                return _Flaw(line, None)
        line += line_breaks(text)
        position += len(chunk)
    return _Flaw(line, None) if pending else None


def _rewritten(raw: bytes, text: str, codec: str) -> tuple[bytes, bool]:
    """Return what of `raw` is not in `text` yet, and whether the rest is what `text` is written as."""
    try:
        written = text.encode(codec)
        text.encode()  # half a surrogate pair has no UTF-8
    except UnicodeError:
        return raw, False
    return raw[len(written) :], raw.startswith(written)


def _chunks(path: Path, *, skip: int) -> Iterator[bytes]:
    """Return the bytes of a file after its first `skip`, then nothing once, to tell its end."""
    with path.open("rb") as file:
        file.seek(skip)
        yield from _until_end(file)
    yield b""


def _until_end(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def line_breaks(text: AnyStr) -> int:
    """Return the number of line breaks: LF, CR, or both together."""
    lf, cr, crlf = ("\n", "\r", "\r\n") if isinstance(text, str) else (b"\n", b"\r", b"\r\n")
    returns = text.count(cr)
    return text.count(lf) + (returns - text.count(crlf) if returns else 0)

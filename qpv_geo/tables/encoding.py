"""Detect the encoding of a text file from the whole file, or check the one that the user gives.

A file may mix UTF-8 and Windows-1252, if lines of one were pasted into the other. No single encoding reads it
correctly, so it is refused unless the user asks for `MIXED`: valid UTF-8 is then read as such, and every other byte as
Windows-1252.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, AnyStr

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK = 1 << 20
_BOMS = (  # UTF-32 first: its little-endian mark starts with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le", "iso8859-1": "latin-1"}
"""Codec names that imply a byte order mark, and the codec for a file without one; latin-1 under its usual name."""
_EXACT = frozenset({codec for _, codec in _BOMS} | {"cp1252", "latin-1"})
"""Encodings with only one way to write a character: decoding, then encoding, gives the same bytes."""
MIXED = "utf-8+cp1252"
"""Name to ask for when a file mixes UTF-8 and Windows-1252."""
_STRAYS_READ = "qpv-geo-strays"
_TELLING = re.compile("[\x80-\u017f\u2000-\u2fff\uf000-\U0003ffff]")
"""Characters that reveal UTF-8. The bytes of any other character may well occur together in French Windows-1252: an
accented capital, then a sign, as in ``CITÉ’S``; or an accented small letter, then two, as in ``santé\xa0»``."""
_FIRST_BYTES = bytes([*range(0xC2, 0xC6), 0xE2, 0xEF, 0xF0])
"""First bytes of the `_TELLING` characters in UTF-8, and of no others; ``ÂÃÄÅâïð`` in Windows-1252."""
_OTHER_BYTES = bytes({*range(256)} - {*_FIRST_BYTES})
_LEAST_SHARE = 0.1
"""Least share of `_TELLING` characters, out of these and stray bytes, in a mixed file. Below it, the file is taken for
Windows-1252 with some texts already garbled (``Ã©``), which are kept as they are and mentioned in a note."""


def _read_strays(error: UnicodeError) -> tuple[str, int]:
    """Decode bytes that are not UTF-8 as Windows-1252, or as ISO 8859-1 where it has no such byte."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    strays = error.object[error.start : error.end]
    return "".join(map(_as_windows, strays)), error.end


def _as_windows(byte: int) -> str:
    """Decode a byte as Windows-1252, or as ISO 8859-1 where it has no such byte."""
    one = bytes([byte])
    return one.decode("cp1252", errors="ignore") or one.decode("latin-1")


codecs.register_error(_STRAYS_READ, _read_strays)


@dataclass(frozen=True)
class Mix:
    """Counts of UTF-8 and other bytes in a file that may mix encodings.

    Attributes
    ----------
    characters, first_character
        Number of `_TELLING` characters; the line and value of the first, line 0 if there is none.
    strays, first_stray
        Number of bytes that are not UTF-8; the line and value of the first, line 0 if there is none.
    """

    characters: int
    first_character: tuple[int, str]
    strays: int
    first_stray: tuple[int, int]


@dataclass(frozen=True)
class Encoding:
    """How the text of a file is encoded.

    Attributes
    ----------
    codec
        Python's name of the encoding, without any byte order mark: ``utf-8``, ``cp1252``, ``utf-16-le``...
    bom
        The byte order mark that the file starts with, or nothing.
    mixed
        Whether bytes that are not UTF-8 are read as Windows-1252; everything is then written as UTF-8.
    mix
        The counts, if the file was checked for mixed encodings.
    """

    codec: str
    bom: bytes = b""
    mixed: bool = False
    mix: Mix | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """The name with which the same file is read the same way again: ``utf-8-sig`` for UTF-8 with its mark."""
        if self.mixed:
            return MIXED
        return "utf-8-sig" if self.bom == codecs.BOM_UTF8 else self.codec

    @property
    def errors(self) -> str:
        """The handler of the bytes that `codec` cannot decode."""
        return _STRAYS_READ if self.mixed else "strict"


def find_encoding(path: Path, forced: str | None = None) -> Encoding:
    """Return the encoding of a whole file.

    Tried in order: the encoding of the byte order mark; UTF-16, if most of every other byte at the start is zero;
    UTF-8; Windows-1252, which French spreadsheet programs write; ISO 8859-1, which reads anything. A file that mixes
    in UTF-8 (see `_LEAST_SHARE`) is refused rather than read as one of the last two.

    Parameters
    ----------
    forced
        The encoding that the user gives: `MIXED`, or any name that Python knows. Its byte order mark is still detected.

    Raises
    ------
    FormatError
        `forced` is unknown, cannot decode the file, or would not encode it back to the same bytes; the file is not in
        the encoding of its byte order mark; or it mixes UTF-8 and another encoding.
    """
    with path.open("rb") as file:
        start = file.read(_CHUNK)
    marked = next((Encoding(codec, bom) for bom, codec in _BOMS if start.startswith(bom)), None)
    if forced is not None and forced.lower() == MIXED:
        bom = codecs.BOM_UTF8 if start.startswith(codecs.BOM_UTF8) else b""
        return Encoding("utf-8", bom, mixed=True, mix=_mix(path, bom))
    if forced is not None:
        told = _forced(forced, marked)
        _refuse_unreadable(path, told)
        return told
    if marked is not None:
        _refuse_unreadable(path, marked)
        return marked
    found = next((one for one in (*_sixteen_bits(start), Encoding("utf-8")) if _flaw(path, one) is None), None)
    return found or _single_bytes(path)


def _single_bytes(path: Path) -> Encoding:
    """Return the single-byte encoding of a file that is not UTF-8; refuse a mix."""
    mix = _mix(path, b"")
    if mix.characters >= _LEAST_SHARE * (mix.characters + mix.strays):
        line, byte = mix.first_stray
        raise FormatError(
            msg.table_errors.mixed(path.name, (mix.characters, mix.strays), line, byte, _as_windows(byte))
        )
    codec = "cp1252" if _flaw(path, Encoding("cp1252")) is None else "latin-1"
    return Encoding(codec, mix=mix)


def _forced(name: str, marked: Encoding | None) -> Encoding:
    try:
        codec = codecs.lookup(name).name
        codecs.getincrementaldecoder(name)
        b"a".decode(name, errors="ignore")  # refuses codecs that do not decode text: hex, zlib, idna...
    except (LookupError, ValueError) as error:
        raise FormatError(msg.table_errors.unknown_encoding(name)) from error
    if marked is not None and (marked.codec == _UNMARKED.get(codec, codec) or marked.codec.startswith(f"{codec}-")):
        return marked
    return Encoding(_UNMARKED.get(codec, codec))


def _sixteen_bits(start: bytes) -> Iterator[Encoding]:
    """Yield UTF-16 without a mark if the high byte of most characters is zero, as in any text in Latin letters."""
    pairs, even, odd = len(start) // 2, start[::2].count(0), start[1::2].count(0)
    if 2 * max(even, odd) > pairs > 20 * min(even, odd):
        yield Encoding("utf-16-le" if odd > even else "utf-16-be")


@dataclass(frozen=True)
class _Flaw:
    """Line and position, from 1, where an encoding fails, and the byte there.

    The position is None if the text decodes but would not encode back to the same bytes.
    """

    line: int
    position: int | None
    byte: int = 0


def _refuse_unreadable(path: Path, encoding: Encoding) -> None:
    flaw = _flaw(path, encoding)
    if flaw is None:
        return
    if flaw.position is None:
        raise FormatError(msg.table_errors.not_rewritable(path.name, encoding.name))
    raise FormatError(msg.table_errors.undecodable(path.name, encoding.name, flaw.line, flaw.position))


def _flaw(path: Path, encoding: Encoding) -> _Flaw | None:
    """Return where a file first fails to decode, or to encode back to the same bytes; None if it never does."""
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    line, position, pending = 1, len(encoding.bom), b""
    for chunk in _chunks(path, skip=position):
        held = decoder.getstate()[0]
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            start = error.start if isinstance(error, UnicodeDecodeError) else 0
            raw = held + chunk
            before = raw[:start].decode(encoding.codec, errors="ignore")
            return _Flaw(
                line + line_breaks(before), position - len(held) + start + 1, int.from_bytes(raw[start : start + 1])
            )
        if encoding.codec not in _EXACT:
            pending, same = _rewritten(pending + chunk, text, encoding.codec)
            if not same:
                return _Flaw(line, None)
        line += line_breaks(text)
        position += len(chunk)
    return _Flaw(line, None) if pending else None


def _mix(path: Path, bom: bytes) -> Mix:
    """Count `_TELLING` characters and stray bytes, and locate the first of each."""
    flaw = _flaw(path, Encoding("utf-8", bom))
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    characters, strays, line, first_character = 0, 0, 1, (0, "")
    for chunk in _chunks(path, skip=len(bom)):
        held = len(decoder.getstate()[0])
        text = decoder.decode(chunk, final=not chunk)
        kept = text.encode()
        strays += held + len(chunk) - len(decoder.getstate()[0]) - len(kept)
        telling = len(kept.translate(None, delete=_OTHER_BYTES))
        if telling and not characters and (first := _TELLING.search(text)):
            first_character = (line + line_breaks(text[: first.start()]), first[0])
        characters, line = characters + telling, line + line_breaks(text)
    return Mix(characters, first_character, strays, (0, 0) if flaw is None else (flaw.line, flaw.byte))


def _rewritten(raw: bytes, text: str, codec: str) -> tuple[bytes, bool]:
    """Return the bytes of `raw` beyond `text`, and whether the bytes before them are `text` encoded."""
    try:
        written = text.encode(codec)
        text.encode()  # half a surrogate pair cannot be encoded in UTF-8
    except UnicodeError:
        return raw, False
    return raw[len(written) :], raw.startswith(written)


def _chunks(path: Path, *, skip: int) -> Iterator[bytes]:
    """Yield the bytes of a file after its first `skip`, then empty bytes once to mark the end."""
    with path.open("rb") as file:
        file.seek(skip)
        while chunk := file.read(_CHUNK):
            yield chunk + (file.read(1) if chunk.endswith(b"\r") else b"")  # CR LF is one line break
    yield b""


def line_breaks(text: AnyStr) -> int:
    """Return the number of line breaks: LF, CR, or both together."""
    lf, cr, crlf = ("\n", "\r", "\r\n") if isinstance(text, str) else (b"\n", b"\r", b"\r\n")
    returns = text.count(cr)
    return text.count(lf) + (returns - text.count(crlf) if returns else 0)

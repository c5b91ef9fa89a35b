"""Mangle a file: cut, repeat, overwrite, insert, swap; the same seed gives the same file."""

from __future__ import annotations

import random

SPITEFUL = [
    *(bytes([one]) for one in b"\x00\"'\r\n;,\t{}[]<-"),
    *(b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\x1b[31m"),
    *(b"&#0;", b"1e999", b"NaN", b"Infinity", b"9" * 400, b"null", b"=1+1", b"<!DOCTYPE x [", b"../"),
]


def mangled(content: bytes, seed: int) -> bytes:
    """Return the content with one to six changes."""
    chance, data = random.Random(seed), bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at, to = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        to = min(to, at + chance.choice([1, 4, 64, 4096]))
        change = chance.randrange(6)
        if change == 0:
            del data[at:to]
        elif change == 1:
            data[at:at] = data[at:to] * chance.choice([1, 2, 50])
        elif change == 2:
            data[at:to] = chance.randbytes(to - at)
        elif change == 3:
            data[at:at] = chance.choice(SPITEFUL)
        elif change == 4 and at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        else:
            del data[at:]
        if not data:
            return b""
    return bytes(data)

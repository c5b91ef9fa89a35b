"""The words of an address index: the places that have each, and the words close to a mistyped one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import OSA

from qpv_geo.geocoding.build import SHORTEST_MISTYPED, SOUND, deletions
from qpv_geo.geocoding.normalise import sound
from qpv_geo.geocoding.rows import PlaceRow

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Ranks = NDArray[np.uint32]

_LONG_WORD = 8
_MOST_NEAR = 20
_WORDS_KEPT = 20_000
"""Words that are cached: a few megabytes."""
_NONE = np.zeros(0, dtype=np.uint32)


class Vocabulary:
    """The words of an index, with cached look-ups; safe to share between threads.

    Parameters
    ----------
    connect
        Returns the connection of the current thread.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._ranks: dict[str, Ranks] = {}
        self._near: dict[str, tuple[str, ...]] = {}

    def knows(self, word: str) -> bool:
        """Tell whether some place holds a word."""
        return len(self.ranks(word)) > 0

    def ranks(self, word: str) -> Ranks:
        """Return the ranks of the places that hold a word, ascending."""
        found = self._ranks.get(word)
        if found is None:
            row = self._connect().execute("SELECT ranks FROM word WHERE word = ?", (word,)).fetchone()
            found = _NONE if row is None else np.frombuffer(row[0], dtype=np.uint32)
            _remember(self._ranks, word, found)
        return found

    def look_up(self, words: Iterable[str]) -> None:
        """Look up many words at once and cache them."""
        wanted = [word for word in dict.fromkeys(words) if word not in self._ranks]
        if not wanted:
            return
        marks = ",".join("?" * len(wanted))
        rows = self._connect().execute(f"SELECT word, ranks FROM word WHERE word IN ({marks})", wanted)  # noqa: S608
        found = dict(rows.fetchall())
        for word in wanted:
            _remember(self._ranks, word, np.frombuffer(found[word], dtype=np.uint32) if word in found else _NONE)

    def near(self, word: str) -> tuple[str, ...]:
        """Return words close to one, nearest first: one error away, two if it is long, two more if they sound alike."""
        found = self._near.get(word)
        if found is None:
            found = self._looked_up(word)
            _remember(self._near, word, found)
        return found

    def beginning(self, words: Sequence[str], *, limit: int) -> list[PlaceRow]:
        """Return places that have all of some words, the last of which may be unfinished."""
        *whole, last = words
        rows = self._connect().execute(
            "SELECT ranks FROM word WHERE word >= ? AND word < ?", (last, f"{last}\U0010ffff")
        )
        parts = [np.frombuffer(blob, dtype=np.uint32) for (blob,) in rows]
        found = np.unique(np.concatenate(parts)) if parts else _NONE
        for word in whole:
            found = np.intersect1d(found, self.ranks(word), assume_unique=True)
        return self.places(found[:limit].tolist())

    def places(self, ranks: Sequence[int]) -> list[PlaceRow]:
        """Return the places with some ranks, by ascending rank."""
        marks = ",".join("?" * len(ranks))
        rows = self._connect().execute(f"SELECT * FROM place WHERE rank IN ({marks})", ranks).fetchall()  # noqa: S608
        return list(map(PlaceRow._make, rows))

    def _looked_up(self, word: str) -> tuple[str, ...]:
        if len(word) < SHORTEST_MISTYPED - 1 or not word.isalpha():
            return ()
        marks = [*dict.fromkeys(deletions(word)), SOUND + sound(word)]
        query = f"SELECT DISTINCT word FROM deletion WHERE letters IN ({','.join('?' * len(marks))})"  # noqa: S608
        errors = 2 if len(word) >= _LONG_WORD else 1
        heard = sound(word)
        near = [(OSA.distance(word, other), other) for (other,) in self._connect().execute(query, marks)]
        kept = (
            other
            for distance, other in sorted(near)
            if other != word and (distance <= errors or (distance <= errors + 2 and sound(other) == heard))
        )
        return tuple(kept)[:_MOST_NEAR]


def _remember(kept: dict, word: str, value: object) -> None:  # type: ignore[type-arg]
    if len(kept) >= _WORDS_KEPT:
        kept.clear()
    kept[word] = value

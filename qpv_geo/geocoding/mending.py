"""Mend the words of an address that an index may have otherwise: mistyped, glued or split ones."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from qpv_geo.geocoding.normalise import (
    ARTICLES,
    KINDS,
    abbreviated,
    kind_said_alike,
    mistyped_kind,
    mistyped_long_form,
    mistyped_pair,
    telling,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.geocoding.vocabulary import Vocabulary

_NEAR, _NEAR_SHORT = 0.8, 0.4
"""Weight factors of a word near a typed word, and of one near a short typed word."""
_SHORT_WORD = 3


class Mending:
    """The words of one address as an index may have them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}

    def mended(self, words: Sequence[str]) -> dict[str, float]:
        """Return the words, those near them, those glued in them and those they make when joined, with their worth."""
        found = dict.fromkeys(telling(tuple(words)), 1.0)
        for word in tuple(found):
            if mistyped_long_form(word):
                continue
            worth = _NEAR if len(word) > _SHORT_WORD else _NEAR_SHORT
            found |= {other: worth for other in self._vocabulary.near(word) if other not in found}
            if self._vocabulary.knows(word):
                continue
            splits = [abbreviated((word[:k],)) + abbreviated((word[k:],)) for k in range(2, len(word) - 1)]
            self._vocabulary.look_up(part for parts in splits for part in parts)
            for parts in splits:
                if all(part in ARTICLES or part in KINDS or self._vocabulary.knows(part) for part in parts):
                    found |= {part: _NEAR for part in parts if part not in found and part not in ARTICLES | KINDS}
        for one, other in pairwise(words):
            joined = one + other
            for word in (joined, *(self._vocabulary.near(joined) if len(joined) > 5 else ())):  # noqa: PLR2004
                if word not in found and self._vocabulary.knows(word):
                    found[word] = _NEAR
        return found

    def as_known(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return the words corrected to what the index may hold; one item per word, which may be several words or none.

        Corrects a mistyped or glued kind of street or abbreviation (``rrue``, ``notredame``), and an article glued to a
        name.
        """
        if words not in self._known:
            self._known[words] = self._made_known(words)
        return self._known[words]

    def _made_known(self, words: tuple[str, ...]) -> tuple[str, ...]:
        found = [self._one_as_known(word, is_first=k == 0) for k, word in enumerate(words)]
        for k, (one, other) in enumerate(pairwise(words)):
            short = mistyped_pair(one, other)
            if short is not None:
                found[k], found[k + 1] = short, ""
        return tuple(found)

    def _one_as_known(self, word: str, *, is_first: bool) -> str:
        if is_first and word not in KINDS and word.isalpha():
            kind = mistyped_kind(word) or (None if self._vocabulary.knows(word) else kind_said_alike(word))
            if kind is not None or OSA.distance(word, "rue", score_cutoff=1) <= 1:
                return kind or "r"
        if self._vocabulary.knows(word) or not word.isalpha():
            return word
        mistyped = mistyped_long_form(word)
        if mistyped:
            return mistyped
        for k in range(2, len(word) - 2):
            one, other = abbreviated((word[:k],))[0], word[k:]
            if (one in ARTICLES or one in KINDS) and self._vocabulary.knows(other):
                return f"{one} {other}"
        return word

"""An iterable whose items are produced when first needed."""

from __future__ import annotations

import threading
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


class OnDemand(Generic[T]):
    """The items of an iterator, each produced once, when first read; safe to share between threads."""

    __slots__ = ("_is_over", "_left", "_lock", "_made")

    def __init__(self, items: Iterator[T]) -> None:
        self._made: list[T] = []
        self._left, self._lock, self._is_over = items, threading.Lock(), False

    def __iter__(self) -> Iterator[T]:
        """Iterate over the items, those already produced first."""
        return iter(self._made) if self._is_over else self._each()

    def _each(self) -> Iterator[T]:
        k = 0
        while k < len(self._made) or self._make(k):
            yield self._made[k]
            k += 1

    def __getitem__(self, k: int) -> T:
        """Return one item, counted from 0."""
        for item in islice(self, k, None):
            return item
        raise IndexError(k)

    def _make(self, k: int) -> bool:
        with self._lock:
            if k == len(self._made):
                self._made.extend(islice(self._left, 1))
                self._is_over = k == len(self._made)
            return not self._is_over or k < len(self._made)

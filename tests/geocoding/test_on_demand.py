"""A sequence whose items are made when they are first wanted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest

from qpv_geo.geocoding.on_demand import OnDemand


class Made:
    """Makes whole numbers, and remembers which."""

    def __init__(self, count):
        self.numbers = []
        self.items = OnDemand(self._each(count))

    def _each(self, count):
        for number in range(count):
            self.numbers.append(number)
            yield number


def test_an_item_is_made_once_and_only_when_it_is_wanted():
    made = Made(5)
    assert made.numbers == []
    assert list(islice(made.items, 2)) == [0, 1]
    assert made.numbers == [0, 1]
    assert (made.items[1], made.items[2]) == (1, 2)
    assert made.numbers == [0, 1, 2]
    assert list(made.items) == list(made.items) == made.numbers == [0, 1, 2, 3, 4]


def test_nothing_is_no_item():
    assert list(Made(0).items) == []
    with pytest.raises(IndexError):
        Made(0).items[0]


def test_threads_that_read_at_once_all_read_everything():
    made = Made(2000)
    with ThreadPoolExecutor(8) as threads:
        read = list(threads.map(lambda _: list(made.items), range(16)))
    assert read == [list(range(2000))] * 16
    assert made.numbers == list(range(2000))

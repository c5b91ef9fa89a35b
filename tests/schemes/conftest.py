"""What the tests of schemes share."""

from __future__ import annotations

import shutil

import pytest
from scheme_places import OLD_FAR_AWAY, SQUARE

from qpv_geo.perimeters.store import Store


@pytest.fixture(scope="session")
def square_home(once):
    """A home with the square and the old perimeters: to copy from."""

    def make(folder):
        for one in (SQUARE, OLD_FAR_AWAY):
            Store(folder).install(one)

    return once("square", make)


@pytest.fixture
def on_the_square(square_home, home, catalogue):
    """The home where the only QPV of 2024 is a kilometre square, and those of 2015 are far away."""
    shutil.copytree(square_home, home)
    return catalogue

"""What the tests of the register share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from register.records import RECORDS

from qpv_geo.eligibility.check import default_checker
from qpv_geo.register.database import Database
from qpv_geo.register.store import Register


@pytest.fixture
def clock():
    """A clock that tests set: it tells one second more each time."""
    return Clock()


class Clock:
    def __init__(self):
        self.now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def register(home, clock):
    """The register of the home, empty."""
    with Register(Database(url=None, path=home / "register.sqlite"), clock=clock) as found:
        yield found


@pytest.fixture
def records(home):  # noqa: ARG001 - the embedded perimeters alone
    """The JSON objects of a few verdicts on the embedded perimeters."""
    checker = default_checker()
    return [checker.check(**question).to_dict() for question in RECORDS]

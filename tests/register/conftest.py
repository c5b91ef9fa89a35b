"""What the tests of the register share."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from register.records import RECORDS

from qpv_geo.eligibility.check import Checker
from qpv_geo.register.database import Database
from qpv_geo.register.store import Register
from qpv_geo.settings import Settings


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
def records(record_texts):
    """The JSON objects of a few verdicts on the embedded perimeters."""
    return [json.loads(one) for one in record_texts]


@pytest.fixture(scope="session")
def record_texts(tmp_path_factory):
    checker = Checker(Settings(home=tmp_path_factory.mktemp("embedded")))
    return [json.dumps(checker.check(**question).to_dict()) for question in RECORDS]

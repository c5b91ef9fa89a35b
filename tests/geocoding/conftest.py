"""What the tests of geocoding share: a real Addok, where there is one."""

from __future__ import annotations

import os

import pytest
from absent import absent


@pytest.fixture(scope="session")
def addok_url(shared):  # noqa: ARG001 - what Addok is loaded with
    """The address of a real Addok; tests that ask for it are skipped, saying so, where ADDOK_URL is not set."""
    url = os.environ.get("ADDOK_URL")
    if not url:
        absent("no Addok to ask: ADDOK_URL is not set (scripts/addok start prints it)")
    return url


def pytest_collection_modifyitems(items):
    """Mark the tests that need Addok by what they ask for, so that none can forget."""
    for item in items:
        if "addok_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.addok)

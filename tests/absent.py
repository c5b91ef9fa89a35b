"""What a test needs of the machine and does not find."""

from __future__ import annotations

import os

import pytest


def absent(what):
    """Skip the test, saying so; fail it where the machine is to have everything (``CI=true``)."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)

"""What the tests of lists share."""

from __future__ import annotations

import pytest
from batch.forked_commands import ForkedCommands


@pytest.fixture(scope="session")
def forked(tmp_path_factory):
    """Run commands that are killed at a step, or find the disk full."""
    with ForkedCommands(tmp_path_factory.mktemp("forked")) as commands:
        yield commands

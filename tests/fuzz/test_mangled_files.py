"""Mangled files are read or refused in one line, by every reader; `scripts/fuzz` tries many more."""

from __future__ import annotations

import pytest
from examples import PROFILE

from fuzz.mangling import mangled
from fuzz.readers import READERS, feed, seed

COUNT = 3_000 if PROFILE == "long" else 20


@pytest.mark.more
@pytest.mark.parametrize("name", READERS)
def test_a_mangled_file_is_read_or_refused(name, tmp_path):
    content = seed(name, tmp_path)
    assert not feed(name, content, tmp_path)
    refused = sum(feed(name, mangled(content, number), tmp_path) for number in range(COUNT))
    assert refused or name == "typed"

"""What the tests of the service share."""

from __future__ import annotations

import pytest
from serving import serving


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    """The service with its defaults, where nothing is installed and no geocoder answers; one for all who only ask."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QPV_GEO_HOME", str(tmp_path_factory.mktemp("service")))
        patch.setenv("QPV_GEO_GEOCODER_URL", "http://127.0.0.1:9")
        patch.setenv("QPV_GEO_HTTP_ATTEMPTS", "1")
        with serving() as client:
            yield client

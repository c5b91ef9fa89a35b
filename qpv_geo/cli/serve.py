"""`qpv serve`."""

from __future__ import annotations

import os
import tempfile

from qpv_geo.extras import needed

with needed("service"):
    import uvicorn
    from qpv_geo_service.logs import configure_logging
    from qpv_geo_service.settings import load_service_settings


def serve(host: str | None, port: int | None, workers: int | None) -> None:
    settings = load_service_settings()
    configure_logging(settings)
    count = workers or settings.workers
    with tempfile.TemporaryDirectory(prefix="qpv-geo-metrics-") as folder:
        if count > 1:
            os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", folder)  # lets any worker report the sum of all
        uvicorn.run(
            "qpv_geo_service.app:create_app",
            factory=True,
            host=host or settings.host,
            port=settings.port if port is None else port,
            workers=count,
            http="h11",  # limits the headers of a request; httptools, 1.5 times as fast, keeps all that is sent
            log_config=None,  # set by the application: uvicorn's would log the queries
            access_log=False,
            proxy_headers=False,  # see QPV_GEO_SERVICE_PROXY_HOPS
            server_header=False,
            timeout_graceful_shutdown=max(1, round(settings.shutdown_grace_s)),
        )

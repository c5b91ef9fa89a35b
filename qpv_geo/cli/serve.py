"""`qpv serve`."""

from __future__ import annotations

import errno
import os
import socket
import tempfile
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from qpv_geo import messages as msg
from qpv_geo.cli.show import echo
from qpv_geo.errors import InputError
from qpv_geo.extras import needed

with needed("service"):
    import uvicorn
    from qpv_geo_service.logs import LOG, configure_logging
    from qpv_geo_service.protocol import BoundedProtocol
    from qpv_geo_service.register_access import refuse_open_register
    from qpv_geo_service.settings import ENVIRONMENT, load_service_settings

if TYPE_CHECKING:
    import asyncio

_BACKLOG = 2048


def serve(host: str | None, port: int | None, workers: int | None, root_path: str | None) -> None:
    if root_path is not None:
        os.environ[f"{ENVIRONMENT}ROOT_PATH"] = root_path  # each worker reads its settings there
    settings = load_service_settings()
    configure_logging(settings)
    host, port = host or settings.host, settings.port if port is None else port
    refuse_open_register(settings, host)
    count = workers or settings.workers
    options: dict[str, Any] = {
        "factory": True,
        "host": host,
        "port": port,
        "workers": count,
        "http": cast("type[asyncio.Protocol]", partial(BoundedProtocol, settings.header_timeout_s)),
        "ws": "none",
        "log_config": None,  # set by the application: uvicorn's would log the queries
        "access_log": False,
        "proxy_headers": False,  # see QPV_GEO_SERVICE_PROXY_HOPS
        "server_header": False,
        "timeout_graceful_shutdown": max(1, round(settings.shutdown_grace_s)),
    }
    with ExitStack() as stack:
        stack.enter_context(suppress(KeyboardInterrupt))
        sockets = [stack.enter_context(one) for one in _listening(host, port)]
        bound = sockets[0].getsockname()[1]
        if any(map(_is_dual, sockets)):
            echo(msg.serve.both_stacks(bound))
        if count == 1:
            LOG.info("running on http://%s:%d", f"[{host}]" if ":" in host else host, bound)
            uvicorn.Server(uvicorn.Config("qpv_geo_service.app:create_app", **options)).run(sockets)
            return
        for one in sockets:  # only tried: uvicorn opens the one that its workers share
            one.close()
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="qpv-geo-metrics-"))
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", folder)  # lets any worker report the sum of all
        uvicorn.run("qpv_geo_service.app:create_app", **options)


def _listening(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on the addresses of a host; ``::`` answers IPv4 too where the system can.

    Raises
    ------
    InputError
        The host is unknown or not of this machine, or the port is in use or not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise InputError(msg.serve.unknown_host(host)) from error
    sockets: list[socket.socket] = []
    absent: OSError | None = None
    for family, _, _, _, address in found[: 1 if port == 0 else None]:
        both = family == socket.AF_INET6 and address[0] == "::" and socket.has_dualstack_ipv6()
        try:
            where = str(address[0]), int(address[1])
            sockets.append(socket.create_server(where, family=family, backlog=_BACKLOG, dualstack_ipv6=both))
        except OSError as error:
            if error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                for one in sockets:
                    one.close()
                raise InputError(msg.serve.cannot_listen(host, port, error.errno)) from error
            absent = error
    if not sockets:
        raise InputError(msg.serve.cannot_listen(host, port, absent.errno if absent else None)) from absent
    return sockets


def _is_dual(one: socket.socket) -> bool:
    return one.family == socket.AF_INET6 and not one.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)

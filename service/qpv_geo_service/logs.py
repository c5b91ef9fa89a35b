"""Logs: one JSON object per line, without addresses or coordinates.

A request is logged with its method, the path template of its route (not its path or query), its status, its duration
and a keyed hash of the client. For libraries other than uvicorn, the place in the code replaces the message, which may
contain URLs. Of an exception, only its class, that of its cause and its traceback lines are logged: its message may
contain the question.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
import sys
import time
import traceback
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from qpv_geo_service.settings import ServiceSettings

LOG = logging.getLogger("qpv_geo_service")
_TOLD = ("qpv_geo_service", "uvicorn")
"""Loggers whose messages are known not to contain the question."""
_SILENT = ("uvicorn.access", "stamina")
"""Loggers that would write the question: URLs with their query, arguments of calls."""
_WAIT_S, _MOST_LINES = 0.05, 256
_HASH_LETTERS = 16
_HASHES_KEPT = 4096


class JsonFormatter(logging.Formatter):
    """Writes a record as a JSON object; `extra={"facts": {...}}` adds fields to it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": moment, "level": record.levelname, "logger": record.name}
        if record.name.startswith(_TOLD):
            line["message"] = record.getMessage()
        else:
            line["where"] = f"{record.module}:{record.lineno}"
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = error_facts(record.exc_info[1])
        return orjson.dumps(line, default=str).decode()


def error_facts(error: BaseException) -> dict[str, Any]:
    """Return the loggable facts of an error: its class, that of its cause, and its traceback lines."""
    frames = traceback.extract_tb(error.__traceback__)
    facts: dict[str, Any] = {
        "class": type(error).__qualname__,
        "lines": [f"{one.filename}:{one.lineno} {one.name}" for one in frames],
    }
    if error.__cause__ is not None:
        facts["cause"] = type(error.__cause__).__qualname__
    return facts


class RequestLog:
    """Logs answered requests in the format of `JsonFormatter`, at a fraction of its cost.

    Lines of requests close in time are written together, since each write wakes up the reader of the log, which takes
    as long as half a verdict; a line waits about `_WAIT_S` seconds at most. For use from one event loop only.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[float, dict[str, Any]]] = []

    def add(self, facts: dict[str, Any]) -> None:
        """Log a request, soon."""
        if not LOG.isEnabledFor(logging.INFO):
            return
        self._waiting.append((time.time(), facts))
        if len(self._waiting) >= _MOST_LINES:
            self.write()
        elif len(self._waiting) == 1:
            asyncio.get_running_loop().call_later(_WAIT_S, self.write)

    def write(self) -> None:
        """Write the waiting lines."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            sys.stderr.write(b"".join(_line(*one) for one in waiting).decode())


def _line(seconds: float, facts: dict[str, Any]) -> bytes:
    moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    line = {"time": moment, "level": "INFO", "logger": LOG.name, "message": "request", **facts}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


class Hasher:
    """Pseudonymises client addresses with a keyed hash.

    Attributes
    ----------
    of
        Returns the keyed hash of a text; recent ones are cached.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        given = settings.log_hash_key
        self._key = secrets.token_bytes(32) if given is None else given.get_secret_value().encode()

        self.of = lru_cache(maxsize=_HASHES_KEPT)(self._of)

    def _of(self, text: str) -> str:
        """Return the keyed hash of a text."""
        return hmac.digest(self._key, text.encode(), "sha256").hex()[:_HASH_LETTERS]


def configure_logging(settings: ServiceSettings) -> None:
    """Make all loggers write JSON lines to standard error, and silence those that would write the question."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one.formatter, JsonFormatter)] + [handler]
    root.setLevel(logging.WARNING)
    for name in _TOLD:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(settings.log_level)
    for name in _SILENT:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], False  # for a handler, uvicorn would write each line, to be dropped
        logger.setLevel(logging.CRITICAL + 1)

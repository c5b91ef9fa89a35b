"""The command line `qpv`: parse the arguments, call the library, show the answer in French.

Exit codes: 0 answered, whatever the answer; 2 wrong use or invalid input; 3 something needed is missing; 4 a remote
service failed; 130 interrupted. Errors are on standard error, one line each, and the command for the administrator on
a second one, but what installs a missing extra, which the error itself tells.
"""

from __future__ import annotations

import logging
import os
import sys

import click

from qpv_geo import messages as msg
from qpv_geo.cli.app import qpv
from qpv_geo.cli.french import usage_message
from qpv_geo.cli.show import echo
from qpv_geo.errors import MissingError, QpvGeoError, RemoteError

_WRONG, _MISSING, _REMOTE, _INTERRUPTED = 2, 3, 4, 130


def main(arguments: list[str] | None = None) -> int:
    """Run `qpv` and return its exit code."""
    logging.getLogger("stamina").addHandler(logging.NullHandler())  # do not show retries
    try:
        return _run(arguments)
    except click.exceptions.NoArgsIsHelpError as error:
        echo(error.message)
        return _WRONG
    except (click.Abort, KeyboardInterrupt):
        return _failed(msg.cli.interrupted(), _INTERRUPTED)
    except (click.ClickException, QpvGeoError, OSError) as error:
        code = _failed(*_explained(error))
        remedy = error.remedy if isinstance(error, QpvGeoError) else None
        if remedy is not None and remedy not in str(error):
            echo(msg.cli.remedy(remedy), err=True)
        return code


def _run(arguments: list[str] | None) -> int:
    try:
        colour = False if os.environ.get("NO_COLOR") else None
        is_own_process = arguments is None  # not that of a program which calls `main`
        code = qpv.main(arguments, prog_name="qpv", standalone_mode=False, color=colour, obj=is_own_process)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader closed the pipe
        return 0
    return code if isinstance(code, int) else 0


def _explained(error: click.ClickException | QpvGeoError | OSError) -> tuple[str, int]:
    """Return the error line and the exit code."""
    if isinstance(error, click.ClickException):
        return usage_message(error), _WRONG
    if isinstance(error, RemoteError):
        return str(error), _REMOTE
    if isinstance(error, MissingError):
        return str(error), _MISSING
    if isinstance(error, QpvGeoError):
        return str(error), _WRONG
    why = msg.cli.WHY.get(error.errno or 0, error.strerror or str(error))
    return msg.cli.cannot_write(error.filename or msg.cli.OUTPUT, why), _WRONG


def _failed(message: str, code: int) -> int:
    echo(msg.cli.error_line(message), err=True)
    return code

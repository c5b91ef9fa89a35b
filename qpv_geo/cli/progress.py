"""How a long command shows its progress: a bar on a terminal, one line elsewhere."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qpv_geo.remote import Progress


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """Show a bar on a terminal, and one line elsewhere; both on standard error."""
    if not sys.stderr.isatty():
        click.echo(title, err=True)
        yield lambda done, total: None  # noqa: ARG005 - a progress that nobody watches
        return
    from rich.console import Console  # noqa: PLC0415 - heavy, and for terminals only
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %")]
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)

"""The `qpv` command and its groups."""

from __future__ import annotations

import click

from qpv_geo import messages as msg
from qpv_geo._version import __version__
from qpv_geo.cli.french import FrenchGroup

_HOMES = {
    "addresses": "qpv_geo.cli.app:addresses",
    "batch": "qpv_geo.cli.batch:batch",
    "check": "qpv_geo.cli.check:check",
    "diff": "qpv_geo.cli.diff:diff",
    "map": "qpv_geo.cli.map:map_",
    "perimeters": "qpv_geo.cli.app:perimeters",
    "projects": "qpv_geo.cli.app:projects",
    "schemes": "qpv_geo.cli.app:schemes",
    "serve": "qpv_geo.cli.serve:serve",
    "verify": "qpv_geo.cli.verify:verify",
}
_ADDRESSES_HOMES = {
    "import": "qpv_geo.cli.addresses:import_",
    "fetch": "qpv_geo.cli.addresses:fetch",
    "status": "qpv_geo.cli.addresses:status",
    "near": "qpv_geo.cli.addresses:near",
}
_PERIMETERS_HOMES = {
    "list": "qpv_geo.cli.perimeters:list_",
    "show": "qpv_geo.cli.perimeters:show",
    "fetch": "qpv_geo.cli.install:fetch",
    "import": "qpv_geo.cli.install:import_",
    "remove": "qpv_geo.cli.perimeters:remove",
    "verify": "qpv_geo.cli.perimeters:verify",
}
_PROJECTS_HOMES = {
    "summary": "qpv_geo.cli.projects:summary",
    "check": "qpv_geo.cli.projects:check",
}
_SCHEMES_HOMES = {
    "list": "qpv_geo.cli.schemes:list_",
    "show": "qpv_geo.cli.schemes:show",
}


@click.group(
    "qpv",
    cls=FrenchGroup,
    help=msg.usage.QPV,
    homes={name: (msg.usage.COMMANDS[name], home) for name, home in _HOMES.items()},
)
@click.version_option(__version__, message="qpv-geo %(version)s", help=msg.cli.VERSION_OPTION)
def qpv() -> None:
    """Run the command that was named."""


@click.group(
    "addresses",
    cls=FrenchGroup,
    help=msg.usage.ADDRESSES,
    homes={name: (msg.usage.ADDRESSES_COMMANDS[name], home) for name, home in _ADDRESSES_HOMES.items()},
)
def addresses() -> None:
    """Run the command on addresses that was named."""


@click.group(
    "perimeters",
    cls=FrenchGroup,
    help=msg.usage.PERIMETERS,
    homes={name: (msg.usage.PERIMETERS_COMMANDS[name], home) for name, home in _PERIMETERS_HOMES.items()},
)
def perimeters() -> None:
    """Run the command on perimeters that was named."""


@click.group(
    "projects",
    cls=FrenchGroup,
    help=msg.reports.PROJECTS_HELP,
    homes={name: (msg.reports.PROJECTS_COMMANDS[name], home) for name, home in _PROJECTS_HOMES.items()},
)
def projects() -> None:
    """Run the command on projects that was named."""


@click.group(
    "schemes",
    cls=FrenchGroup,
    help=msg.schemes.SCHEMES,
    homes={name: (msg.schemes.SCHEMES_COMMANDS[name], home) for name, home in _SCHEMES_HOMES.items()},
)
def schemes() -> None:
    """Run the command on schemes that was named."""

"""The commands of `qpv register`: their arguments, options and help."""

from __future__ import annotations

import click

from qpv_geo import messages as msg
from qpv_geo.cli.french import FORMAT_TEXT_JSON, Choice, Command, Group, Option, Whole

_STATUSES = Choice(["inside", "outside", "uncertain", "not_located"])
_OUTCOMES = Choice(["place_ok", "eligible", "not_eligible", "to_review"])
_RUNS = "qpv_geo.cli.register"


def _filters() -> tuple[Option, ...]:
    """Return the options that choose checks, the same for every command."""
    return (
        Option(["--since"], metavar="AAAA-MM-JJ", help=msg.register.SINCE),
        Option(["--until"], metavar="AAAA-MM-JJ", help=msg.register.UNTIL),
        Option(["--quartier"], metavar="CODE|NOM", help=msg.register.QUARTIER),
        Option(["--status"], type=_STATUSES, help=msg.register.STATUS_HELP),
        Option(["--scheme"], metavar="ID", help=msg.register.SCHEME),
        Option(["--outcome"], type=_OUTCOMES, help=msg.register.OUTCOME),
        Option(["--case"], metavar="N", help=msg.register.CASE),
        Option(["--address"], metavar="TEXTE", help=msg.register.ADDRESS),
        Option(["--current"], is_flag=True, help=msg.register.CURRENT),
    )


def _format() -> Option:
    return Option(["--format", "shape"], type=FORMAT_TEXT_JSON, default="text", help=msg.usage.FORMAT)


def saving(*, one: bool) -> tuple[Option, ...]:
    """Return the options that keep what is checked: one question, or each row of a file."""
    common = (
        Option(["--save"], is_flag=True, help=msg.register.SAVE if one else msg.register.SAVE_ROWS),
        Option(["--service"], metavar="NOM", help=msg.register.SERVICE),
        Option(["--by"], metavar="NOM", help=msg.register.BY),
    )
    if not one:
        return (*common, Option(["--case-column"], metavar="NOM", help=msg.register.CASE_COLUMN))
    return (
        *common,
        Option(["--case"], metavar="N", help=msg.register.CASE_OF_CHECK),
        Option(["--supersedes"], metavar="N", help=msg.register.SUPERSEDES),
        Option(["--reason"], metavar="TEXTE", help=msg.register.SUPERSEDES_REASON),
    )


register = Group(
    "register",
    msg.usage.COMMANDS["register"],
    msg.register.HELP,
    Command(
        "list",
        msg.register.COMMANDS["list"],
        f"{_RUNS}:list_",
        msg.register.LIST,
        *_filters(),
        Option(["--limit"], type=Whole(1, 1_000_000), default=50, metavar="N", help=msg.register.LIMIT),
        _format(),
    ),
    Command(
        "show",
        msg.register.COMMANDS["show"],
        f"{_RUNS}:show",
        msg.register.SHOW,
        click.Argument(["name"], metavar="N"),
        _format(),
    ),
    Command(
        "decide",
        msg.register.COMMANDS["decide"],
        f"{_RUNS}:decide",
        msg.register.DECIDE,
        click.Argument(["name"], metavar="N"),
        Option(["--status"], type=_STATUSES, required=True, help=msg.register.DECIDE_STATUS),
        Option(["--reason"], required=True, metavar="TEXTE", help=msg.register.DECIDE_REASON),
        Option(["--by"], required=True, metavar="NOM", help=msg.register.DECIDE_BY),
        Option(["--document"], metavar="FICHIER", help=msg.register.DECIDE_DOCUMENT),
        Option(["--quartier"], metavar="CODE", help=msg.register.DECIDE_QUARTIER),
        _format(),
    ),
    Command("verify", msg.register.COMMANDS["verify"], f"{_RUNS}:verify", msg.register.VERIFY, _format()),
    Command(
        "purge",
        msg.register.COMMANDS["purge"],
        f"{_RUNS}:purge",
        msg.register.PURGE,
        Option(["--before"], required=True, metavar="AAAA-MM-JJ", help=msg.register.PURGE_BEFORE),
        _format(),
    ),
)

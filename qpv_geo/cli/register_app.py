"""The commands of `qpv register`: their arguments, options and help."""

from __future__ import annotations

import click

from qpv_geo import messages as msg
from qpv_geo.cli.french import FORMAT_TEXT_JSON, NUMBER, Choice, Command, Group, Option, Whole

_STATUSES = Choice(["inside", "outside", "uncertain", "not_located"])
_OUTCOMES = Choice(["place_ok", "eligible", "not_eligible", "to_review"])
_RUNS, _EXPORTS = "qpv_geo.cli.register", "qpv_geo.cli.register_exports"


def _filters() -> tuple[Option, ...]:
    """Return the options that choose checks, the same for every command."""
    return (
        Option(["--since"], metavar="AAAA-MM-JJ", help=msg.register_usage.SINCE),
        Option(["--until"], metavar="AAAA-MM-JJ", help=msg.register_usage.UNTIL),
        Option(["--quartier"], metavar="CODE|NOM", help=msg.register_usage.QUARTIER),
        Option(["--status"], type=_STATUSES, help=msg.register_usage.STATUS_HELP),
        Option(["--scheme"], metavar="ID", help=msg.register_usage.SCHEME),
        Option(["--outcome"], type=_OUTCOMES, help=msg.register_usage.OUTCOME),
        Option(["--case"], metavar="N", help=msg.register_usage.CASE),
        Option(["--address"], metavar="TEXTE", help=msg.register_usage.ADDRESS),
        Option(["--current"], is_flag=True, help=msg.register_usage.CURRENT),
    )


def _format() -> Option:
    return Option(["--format", "shape"], type=FORMAT_TEXT_JSON, default="text", help=msg.usage.FORMAT)


def saving(*, one: bool) -> tuple[Option, ...]:
    """Return the options that keep what is checked: one question, or each row of a file."""
    common = (
        Option(["--save"], is_flag=True, help=msg.register_usage.SAVE if one else msg.register_usage.SAVE_ROWS),
        Option(["--service"], metavar="NOM", help=msg.register_usage.SERVICE),
        Option(["--by"], metavar="NOM", help=msg.register_usage.BY),
    )
    if not one:
        return (*common, Option(["--case-column"], metavar="NOM", help=msg.register_usage.CASE_COLUMN))
    return (
        *common,
        Option(["--case"], metavar="N", help=msg.register_usage.CASE_OF_CHECK),
        Option(["--supersedes"], metavar="N", help=msg.register_usage.SUPERSEDES),
        Option(["--reason"], metavar="TEXTE", help=msg.register_usage.SUPERSEDES_REASON),
    )


register = Group(
    "register",
    msg.usage.COMMANDS["register"],
    msg.register_usage.HELP,
    Command(
        "list",
        msg.register_usage.COMMANDS["list"],
        f"{_RUNS}:list_",
        msg.register_usage.LIST,
        *_filters(),
        Option(["--limit"], type=Whole(1, 1_000_000), default=50, metavar="N", help=msg.register_usage.LIMIT),
        _format(),
    ),
    Command(
        "show",
        msg.register_usage.COMMANDS["show"],
        f"{_RUNS}:show",
        msg.register_usage.SHOW,
        click.Argument(["name"], metavar="N"),
        Option(["--pdf"], metavar="FICHIER", help=msg.register_usage.SHOW_PDF),
        _format(),
    ),
    Command(
        "decide",
        msg.register_usage.COMMANDS["decide"],
        f"{_RUNS}:decide",
        msg.register_usage.DECIDE,
        click.Argument(["name"], metavar="N"),
        Option(["--status"], type=_STATUSES, required=True, help=msg.register_usage.DECIDE_STATUS),
        Option(["--reason"], required=True, metavar="TEXTE", help=msg.register_usage.DECIDE_REASON),
        Option(["--by"], required=True, metavar="NOM", help=msg.register_usage.DECIDE_BY),
        Option(["--document"], metavar="FICHIER", help=msg.register_usage.DECIDE_DOCUMENT),
        Option(["--quartier"], metavar="CODE", help=msg.register_usage.DECIDE_QUARTIER),
        _format(),
    ),
    Command(
        "recheck",
        msg.register_usage.COMMANDS["recheck"],
        "qpv_geo.cli.recheck:recheck",
        msg.register_usage.RECHECK,
        Option(["--generation"], metavar="ID", help=msg.register_usage.RECHECK_GENERATION),
        Option(["--addresses"], is_flag=True, help=msg.register_usage.RECHECK_ADDRESSES),
        Option(["--distance"], type=NUMBER, default=10.0, metavar="MÈTRES", help=msg.register_usage.RECHECK_DISTANCE),
        Option(["-o", "--output"], metavar="RAPPORT", help=msg.register_usage.RECHECK_OUTPUT),
        Option(["--map", "map_"], metavar="CARTE", help=msg.register_usage.RECHECK_MAP),
        _format(),
    ),
    Command(
        "verify",
        msg.register_usage.COMMANDS["verify"],
        f"{_RUNS}:verify",
        msg.register_usage.VERIFY,
        Option(["--head"], metavar="EXPORT", help=msg.register_usage.VERIFY_HEAD),
        Option(["--key"], metavar="CLÉ", help=msg.usage.VERIFY_KEY),
        _format(),
    ),
    Command(
        "export",
        msg.register_usage.COMMANDS["export"],
        f"{_EXPORTS}:export",
        msg.register_usage.EXPORT,
        Option(["-o", "--output"], required=True, metavar="FICHIER", help=msg.register_usage.EXPORT_OUTPUT),
        *_filters(),
        Option(["--sign"], is_flag=True, help=msg.register_usage.EXPORT_SIGN),
        Option(["--new-key"], is_flag=True, help=msg.register_usage.EXPORT_NEW_KEY),
        Option(["--head"], is_flag=True, help=msg.register_usage.EXPORT_HEAD),
    ),
    Command(
        "import",
        msg.register_usage.COMMANDS["import"],
        f"{_EXPORTS}:import_",
        msg.register_usage.IMPORT,
        click.Argument(["file"], metavar="FICHIER"),
    ),
    Command(
        "purge",
        msg.register_usage.COMMANDS["purge"],
        f"{_RUNS}:purge",
        msg.register_usage.PURGE,
        Option(["--before"], required=True, metavar="AAAA-MM-JJ", help=msg.register_usage.PURGE_BEFORE),
        _format(),
    ),
)

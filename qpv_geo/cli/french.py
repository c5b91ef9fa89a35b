"""Make click speak French: headings, help, types and one-line errors."""

from __future__ import annotations

import gc
import re
from importlib import import_module
from typing import TYPE_CHECKING

import click

from qpv_geo import messages as msg
from qpv_geo.errors import DateError

if TYPE_CHECKING:
    from types import ModuleType

    from qpv_geo.untyped import AnyValue


class Formatter(click.HelpFormatter):
    """Help pages with French headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        super().write_usage(prog, args, msg.cli.USAGE if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section, with the French space before the colon."""
        self.write(f"{'':>{self.current_indent}}{msg.cli.heading(heading)}\n")


class Context(click.Context):
    """A context whose help pages are in French."""

    formatter_class = Formatter


class Command(click.Command):
    """A command whose help is in French, and whose code is imported when it runs.

    Parameters
    ----------
    name
        Name typed after `qpv`.
    summary
        Line in the help of its group.
    runs
        ``module:function`` that takes the parameters by keyword.
    text
        Its own help.
    """

    context_class = Context

    def __init__(self, name: str, summary: str, runs: str, text: str, *params: click.Parameter) -> None:
        super().__init__(name, short_help=summary, help=text, params=list(params), callback=self._run)
        self.runs = runs

    def _run(self, **options: AnyValue) -> AnyValue:
        module, function = self.runs.split(":")
        is_own_process = click.get_current_context().obj
        return getattr(_imported_for_good(module) if is_own_process else import_module(module), function)(**options)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the help option, described in French."""
        return _in_french(super().get_help_option(ctx))


def _imported_for_good(name: str) -> ModuleType:
    """Import a module, and leave it and what it imports out of every search for garbage: it stays until the end."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()


class Option(click.Option):
    """An option marked as required in French."""

    def get_help_extra(self, ctx: click.Context) -> AnyValue:
        """Return the notes in brackets after the description."""
        extra = super().get_help_extra(ctx)
        if "required" in extra:
            extra["required"] = msg.cli.REQUIRED
        return extra


class Group(click.Group):
    """A group of commands, listed in the order given, with help in French."""

    context_class = Context

    def __init__(self, name: str, summary: str, text: str, *commands: click.Command) -> None:
        super().__init__(
            name,
            {str(one.name): one for one in commands},
            short_help=summary,
            help=text,
            subcommand_metavar=msg.cli.SUBCOMMAND,
        )

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands and their short help, whole: click would cut it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.short_help or "") for name, one in self.commands.items()])

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the help option, described in French."""
        return _in_french(super().get_help_option(ctx))


class Choice(click.Choice[str]):
    """A choice whose error is in French."""

    def get_invalid_choice_message(self, value: AnyValue, ctx: click.Context | None) -> str:  # noqa: ARG002
        """Return the error that lists the choices."""
        return msg.cli.not_a_choice(str(value), [str(choice) for choice in self.choices])


class Number(click.ParamType[float]):
    """A number, with a decimal point or a decimal comma."""

    name = "nombre"

    def convert(self, value: AnyValue, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the number."""
        try:
            return float(str(value).replace(",", "."))
        except ValueError:
            self.fail(msg.cli.not_a_number(value), param, ctx)


class Whole(click.ParamType[int]):
    """A whole number between two bounds, both included."""

    name = "entier"

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most

    def convert(self, value: AnyValue, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the number."""
        text = str(value)
        if not text.isdecimal() or not self._least <= int(text) <= self._most:
            self.fail(msg.cli.not_within(value, self._least, self._most), param, ctx)
        return int(text)


class Day(click.ParamType[str]):
    """A date, JJ/MM/AAAA or AAAA-MM-JJ; the value is ISO 8601."""

    name = "date"

    def convert(self, value: AnyValue, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """Read the date; any other text is read, or refused, where it is used."""
        text = str(value)
        if "/" not in text:
            return text
        from qpv_geo.perimeters.generations import parse_date  # noqa: PLC0415 - brings numpy

        try:
            return parse_date(text).isoformat()
        except DateError:
            return text


DAY = Day()
FORMAT_TEXT_JSON = Choice(["text", "json"])
NUMBER = Number()


def usage_message(error: click.ClickException) -> str:
    """Return the line that says what is wrong with a command."""
    context = getattr(error, "ctx", None)
    return msg.cli.see_help(_what_is_wrong(error), context.command_path if context else "qpv")


def _what_is_wrong(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        return msg.cli.no_such_option(error.option_name, sorted(error.possibilities or []))
    if isinstance(error, click.exceptions.NoSuchCommand):
        return msg.cli.no_such_command(error.command_name, error.possibilities or [])
    if isinstance(error, click.MissingParameter):
        return msg.cli.missing_parameter(_name(error))
    if isinstance(error, click.BadParameter):
        return msg.cli.bad_parameter(_name(error), error.message)
    if isinstance(error, click.BadOptionUsage):
        return msg.cli.option_needs_value(error.option_name)
    extra = re.search(r"extra arguments? \((.*)\)", error.message, re.DOTALL)
    return msg.cli.unexpected_arguments(extra[1]) if extra else msg.cli.wrong_use()


def _name(error: click.BadParameter) -> str:
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    return error.param.make_metavar(error.ctx).strip("[]") if error.param and error.ctx else str(error.param_hint)


def _in_french(option: click.Option | None) -> click.Option | None:
    if option is not None:
        option.help = msg.cli.HELP_OPTION
    return option

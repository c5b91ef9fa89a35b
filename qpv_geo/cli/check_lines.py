"""`qpv check -`: one address a line on standard input, one JSON object a line on standard output."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
import orjson

from qpv_geo.errors import QpvGeoError
from qpv_geo.geocoding.protocol import make_query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.protocol import Geocoder

_ANY = "Loos"


def check_lines(checker: Checker, geocoder: Geocoder, options: Mapping[str, Any]) -> None:
    """Answer each line as it comes: a verdict, or ``{"address": …, "error": …}``; empty lines are skipped.

    Raises
    ------
    InputError
        An option is wrong for every line.
    """
    checker.check_options(on=options["on"], generation=options["generation"], kinds=options["kinds"])
    if options["generation"] is not None:
        checker.catalogue.generation(options["generation"])
    make_query(_ANY, postcode=options["postcode"], citycode=options["citycode"])
    for line in sys.stdin.buffer:
        address = _decoded(line).strip()
        if not address:
            continue
        try:
            told = checker.check(address=address, geocoder=geocoder, **options).to_dict()
        except QpvGeoError as error:
            told = {"address": address, "error": str(error)}
        click.echo(orjson.dumps(told))


def _decoded(line: bytes) -> str:
    """Decode a line of a file saved on Windows too."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")

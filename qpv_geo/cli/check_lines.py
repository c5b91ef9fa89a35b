"""`qpv check -`: one address a line on standard input, one JSON object a line on standard output."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
import orjson

from qpv_geo.errors import QpvGeoError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.protocol import Geocoder


def check_lines(checker: Checker, geocoder: Geocoder, options: Mapping[str, Any]) -> None:
    """Answer each line as it comes: a verdict, or ``{"address": …, "error": …}``; empty lines are skipped."""
    for line in sys.stdin:
        address = line.strip()
        if not address:
            continue
        try:
            told = checker.check(address=address, geocoder=geocoder, **options).to_dict()
        except QpvGeoError as error:
            told = {"address": address, "error": str(error)}
        click.echo(orjson.dumps(told))

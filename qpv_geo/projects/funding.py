"""The amount of a project and what each of its funders gives, from the cells of its row."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.projects.amounts import share, to_cents, to_euros, total
from qpv_geo.projects.model import Funding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from qpv_geo.projects.columns import Layout

    Row = dict[str, Any]


def fund(row: Mapping[str, Any], layout: Layout) -> tuple[Decimal | None, tuple[Funding, ...]]:
    """Return the amount of a row, from all funders, and its funders.

    Raises
    ------
    ValueError
        Amounts that are not one per funder, or funders that give more than the amount; the message says what is
        expected.
    """
    if layout.pairs or layout.given:
        funding = tuple(_given(row, layout))
        stated = None if ("funder", "amount") in layout.pairs else total(row.get("amount") or (None,))
        found = total(one.amount for one in funding) if funding else None
        if stated is None:
            return found, funding
        if found is not None and not _holds(to_cents(stated), to_cents(found)):
            raise ValueError(msg.projects.FUNDERS_GIVE_MORE)
        return stated, funding
    names, amounts = row.get("funder") or (), row.get("amount") or ()
    if len(amounts) <= 1:
        return (amounts[0] if amounts else None), tuple(map(Funding, names))
    if len(amounts) != len(names):
        raise ValueError(msg.projects.AS_MANY_AMOUNTS)
    return total(amounts), tuple(map(Funding, names, amounts))


def portions(rows: Iterable[Row]) -> None:
    """Reduce the amount of each row to the portion that is its own.

    Rows of one convention, whose portions add up to 1, share its amount to the cent; another is rounded to the cent.
    """
    waiting: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        part = row.get("portion")
        if part is None or part == 1 or row.get("amount") is None:
            continue
        convention = tuple(row.get(name) for name in ("title", "year", "funder")), row["amount"]
        together = waiting.setdefault(convention, [])
        together.append(row)
        if sum(one["portion"] for one in together) == 1:
            _share(waiting.pop(convention))
    for together in waiting.values():
        for row in together:
            cents = [to_cents(one) for one in row["amount"]]
            row["amount"] = tuple(to_euros(math.floor(one * row["portion"] + Fraction(1, 2))) for one in cents)


def _share(together: list[Row]) -> None:
    weights = [row["portion"] for row in together]
    parts = [share(to_cents(amount), weights) for amount in together[0]["amount"]]
    for row, cents in zip(together, zip(*parts, strict=True), strict=True):
        row["amount"] = tuple(map(to_euros, cents))


def _given(row: Mapping[str, Any], layout: Layout) -> Iterator[Funding]:
    """Return what funders give by columns; nothing is an empty cell, or 0 in the column of a funder."""
    for column, funder in layout.given.items():
        amount = total(row.get(column) or (None,))
        if amount:
            yield Funding(funder, amount)
    for named, paid in layout.pairs:
        names, amounts = row.get(named) or (), row.get(paid) or ()
        if len(amounts) not in {0, 1, len(names)} or (len(names) > 1 and len(amounts) == 1):
            raise ValueError(msg.projects.AS_MANY_AMOUNTS)
        yield from map(Funding, names or (msg.projects.NOT_STATED,), amounts or (None,) * len(names))


def _holds(whole: int, parts: int) -> bool:
    """Tell whether an amount may hold others: not less than them, and of the same sign."""
    return 0 <= parts <= whole or whole <= parts <= 0

"""What changed between two generations: the facts measured on the published files."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from examples import LONG

from qpv_geo.perimeters.coverage import EVERYWHERE
from qpv_geo.perimeters.diff import Change, compare

LOOS = shapely.box(2.985, 50.593, 3.035, 50.622)


@pytest.fixture
def extract(catalogue):
    """The embedded perimeters of 2024: all those of Poitiers and of Loos."""
    return catalogue.load(catalogue.find("qpv-2024-poitiers-loos"))


@pytest.fixture
def of_the_extract(loos_2015, extract):
    return {line.codes_after or line.codes_before: line for line in compare(loos_2015, extract).quartiers}


def test_les_oliveaux_grew_by_two_large_pieces(of_the_extract):
    quartier = of_the_extract["QN05975M",]
    assert (quartier.change, quartier.codes_before, quartier.complete) == (Change.MODIFIED, ("QP059077",), True)
    assert quartier.area_before_m2 == pytest.approx(212_000, abs=500)
    assert quartier.area_after_m2 == pytest.approx(237_000, abs=500)
    first, second = [piece for piece in quartier.pieces if piece.change == "added" and piece.area_m2 > 5000]
    assert first.area_m2 == pytest.approx(19_970, rel=0.01)
    assert (first.lon, first.lat) == pytest.approx((3.00409, 50.60919), abs=2e-5)
    assert second.area_m2 == pytest.approx(6_460, rel=0.01)
    assert (second.lon, second.lat) == pytest.approx((3.01104, 50.60960), abs=2e-5)


def test_the_quartiers_of_loos_are_followed_and_all_others_cannot_be_compared(of_the_extract):
    followed = {line.codes_before for line in of_the_extract.values() if line.change is not Change.NOT_COMPARABLE}
    assert followed == {("QP059074",), ("QP059077",), ("QP059078",)}
    others = [line for line in of_the_extract.values() if line.change is Change.NOT_COMPARABLE]
    assert sorted(len(line.codes_before) for line in others) == [0] * 4 + [1] * 23
    assert all(line.codes_after[0].startswith("QN086") for line in others if line.codes_after)
    assert not any(line.pieces for line in others)


def test_secteur_sud_is_compared_inside_loos_only(of_the_extract, loos_2015, extract):
    quartier = of_the_extract["QN05972M",]
    assert (quartier.change, quartier.complete) == (Change.MODIFIED, False)
    assert quartier.pieces
    assert all(LOOS.covers(shapely.Point(piece.lon, piece.lat)) for piece in quartier.pieces)
    everywhere = replace(loos_2015, coverage=EVERYWHERE), replace(extract, coverage=EVERYWHERE)
    (whole,) = [line for line in compare(*everywhere).quartiers if line.codes_after == ("QN05972M",)]
    known = quartier.added_m2 + quartier.removed_m2 + quartier.not_comparable_m2
    assert whole.complete
    assert known == pytest.approx(whole.added_m2 + whole.removed_m2, rel=0.001)
    assert len(whole.pieces) > len(quartier.pieces)


def part_of(perimeters, *departements):
    """Return the perimeters of some départements; all of them in a long run."""
    rows = [row for row, code in enumerate(perimeters.codes) if LONG or code[2:5] in departements]
    texts = ("codes", "names", "insee", "communes", "kinds")
    some = {name: tuple(getattr(perimeters, name)[row] for row in rows) for name in texts}
    return replace(perimeters, geometry=perimeters.geometry[rows], file=None, **some)


@pytest.mark.more
def test_the_france_file_is_unchanged_against_itself(national):
    some = part_of(national, "013", "02A", "974", "976")
    assert len(some) == 1584 if LONG else len(some) > 100
    redraw = compare(some, some)
    assert redraw.counts == {"entering": 0, "leaving": 0, "modified": 0, "unchanged": len(some), "not_comparable": 0}
    assert redraw.pieces == ()
    assert redraw.totals.added_m2 == redraw.totals.removed_m2 == redraw.totals.not_comparable_m2 == 0.0
    assert all(line.complete and line.codes_before == line.codes_after for line in redraw.quartiers)


@pytest.mark.more
def test_rounding_to_4_decimals_redraws_nothing(national, extract):
    redraw = compare(part_of(national, "059", "086"), extract)
    assert redraw.sliver_width_m > 14
    held = [line for line in redraw.quartiers if line.codes_after]
    assert [line.change for line in held] == [Change.UNCHANGED] * 7
    assert all(line.codes_before == line.codes_after for line in held)
    assert redraw.pieces == ()
    assert redraw.counts["leaving"] == 0


@pytest.mark.more
def test_two_quartiers_of_villeneuve_dascq_became_one(loos_2015, national):
    redraw = compare(loos_2015, part_of(national, "059", "075"))
    (merged,) = [line for line in redraw.quartiers if line.merged]
    assert (merged.codes_after, set(merged.codes_before)) == (("QN05966M",), {"QP059067", "QP059068"})
    assert redraw.counts["leaving"] == 0

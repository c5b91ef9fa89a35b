"""What changed between two generations, on drawings of known area."""

from __future__ import annotations

import json
import math

import pytest
import shapely
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from quartiers import KM, MAINLAND, REUNION, box, covering, metres, overlay, quartiers, square

from qpv_geo.errors import InputError
from qpv_geo.messages.typography import quoted
from qpv_geo.perimeters.coverage import NOWHERE, Coverage
from qpv_geo.perimeters.diff import Change, compare

OLD, OLD_2, NEW, NEW_2 = "QP086998", "QP086999", "QN08698M", "QN08699N"

CORNER_M2 = 4.0
"""More than opening by 2 m takes from the four right corners of a piece: (4 - pi) times 2 m squared."""

CONTRACT = {"area_m2", "lon", "lat", "code", "change"}


def only(redraw):
    (quartier,) = redraw.quartiers
    return quartier


def listed(redraw, change):
    return [piece for piece in redraw.pieces if piece.change == change]


# ── One quartier ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_quartier_drawn_alike_is_unchanged():
    quartier = only(compare(quartiers({OLD: square()}), quartiers({NEW: square()})))
    assert quartier.change is Change.UNCHANGED
    assert (quartier.codes_before, quartier.codes_after) == ((OLD,), (NEW,))
    assert quartier.area_before_m2 == quartier.area_after_m2 == pytest.approx(KM**2, rel=1e-6)
    assert quartier.complete
    assert quartier.pieces == ()


def test_a_quartier_that_moves_by_100_m_leaves_a_strip_and_takes_another():
    redraw = compare(quartiers({OLD: square()}), quartiers({NEW: square(x=100)}))
    quartier = only(redraw)
    assert quartier.change is Change.MODIFIED
    added, removed = redraw.pieces
    assert (added.change, added.code, removed.change, removed.code) == ("added", NEW, "removed", OLD)
    assert added.area_m2 == pytest.approx(100 * KM, abs=CORNER_M2)
    assert removed.area_m2 == pytest.approx(100 * KM, abs=CORNER_M2)
    strip = metres(shapely.Point(added.lon, added.lat))
    assert (strip.x, strip.y) == pytest.approx((KM + 50, KM / 2), abs=0.2)


def test_a_quartier_without_predecessor_enters_whole():
    redraw = compare(quartiers({OLD: square()}), quartiers({NEW: square(), NEW_2: square(x=3 * KM)}))
    same, new = redraw.quartiers
    assert (same.change, new.change) == (Change.UNCHANGED, Change.ENTERING)
    assert (new.codes_before, new.area_before_m2) == ((), 0.0)
    (piece,) = redraw.pieces
    assert piece.area_m2 == new.area_after_m2 == new.added_m2
    assert redraw.counts == {"entering": 1, "leaving": 0, "modified": 0, "unchanged": 1, "not_comparable": 0}


def test_a_quartier_without_successor_leaves_whole():
    redraw = compare(quartiers({OLD: square(), OLD_2: square(x=3 * KM)}), quartiers({NEW: square()}))
    same, gone = redraw.quartiers
    assert (same.change, gone.change) == (Change.UNCHANGED, Change.LEAVING)
    assert (gone.codes_after, gone.area_after_m2, gone.name) == ((), 0.0, f"Quartier {OLD_2}")
    (piece,) = redraw.pieces
    assert (piece.change, piece.code) == ("removed", OLD_2)
    assert piece.area_m2 == gone.area_before_m2


def test_a_set_without_perimeters_sees_everything_enter_or_leave():
    some, none = quartiers({OLD: square()}), quartiers({})
    assert only(compare(none, some)).change is Change.ENTERING
    assert only(compare(some, none)).change is Change.LEAVING
    assert compare(none, none).quartiers == ()


def test_the_point_of_a_ring_is_in_the_ring_and_not_in_its_hole():
    redraw = compare(quartiers({OLD: square(100, 100, 800)}), quartiers({NEW: square()}))
    (ring,) = redraw.pieces
    assert ring.area_m2 == pytest.approx(KM**2 - 800**2, abs=CORNER_M2)
    assert shapely.contains_xy(ring.geometry, ring.lon, ring.lat)
    assert not shapely.contains_xy(overlay(square(100, 100, 800)), ring.lon, ring.lat)


@pytest.mark.parametrize("shift_m", [0.02 * k for k in range(8)])
def test_the_point_of_a_piece_is_well_inside_where_its_centroid_is_at_its_edge(shift_m):
    """The centroid of this U is 7 mm inside: h = sqrt(2000) puts it on the edge, 20 m up; less pulls it in."""
    legs = box(0, 20, 10, 64.7).union(box(90, 20, 100, 64.7))
    shape = shapely.union_all([box(0, 0, 100, 20), legs])
    (piece,) = compare(quartiers({}), quartiers({NEW: shapely.transform(shape, lambda xy: xy + shift_m)})).pieces
    assert shapely.contains_xy(piece.geometry, piece.lon, piece.lat)


# ── Several quartiers ────────────────────────────────────────────────────────────────────────────────────────


def test_merged_quartiers_are_one_line_that_moved_no_ground():
    before = quartiers({OLD: box(0, 0, 400, KM), OLD_2: box(400, 0, KM, KM)})
    redraw = compare(before, quartiers({NEW: square()}))
    quartier = only(redraw)
    assert quartier.change is Change.MODIFIED
    assert quartier.merged
    assert set(quartier.codes_before) == {OLD, OLD_2}
    assert quartier.area_before_m2 == pytest.approx(KM**2, rel=1e-6)
    assert redraw.pieces == ()
    assert (quartier.gained_m2, quartier.ceded_m2) == (0.0, 0.0)


def test_a_split_quartier_is_in_two_lines_and_once_in_the_totals():
    after = quartiers({NEW: box(0, 0, 400, KM), NEW_2: box(400, 0, KM, KM)})
    redraw = compare(quartiers({OLD: square()}), after)
    assert [(line.change, line.codes_before, line.split) for line in redraw.quartiers] == [
        (Change.MODIFIED, (OLD,), True),
        (Change.MODIFIED, (OLD,), True),
    ]
    assert [line.ceded_m2 for line in redraw.quartiers] == pytest.approx([600 * KM, 400 * KM], abs=CORNER_M2)
    assert redraw.totals.area_before_m2 == pytest.approx(KM**2, rel=1e-6)
    assert redraw.totals.area_after_m2 == pytest.approx(KM**2, rel=1e-6)
    assert redraw.pieces == ()


def test_what_leaves_a_split_quartier_goes_once_with_the_nearest_heir():
    after = quartiers({NEW: box(0, 0, 300, KM), NEW_2: box(300, 0, 800, KM)})
    redraw = compare(quartiers({OLD: square()}), after)
    (piece,) = redraw.pieces
    west, east = redraw.quartiers
    assert (west.removed_m2, east.pieces) == (0.0, (piece,))
    assert redraw.totals.removed_m2 == pytest.approx(200 * KM, abs=CORNER_M2)


def test_ground_that_goes_from_a_quartier_to_its_neighbour_neither_enters_nor_leaves():
    before = quartiers({OLD: box(0, 0, KM, KM), OLD_2: box(KM, 0, 2 * KM, KM)})
    after = quartiers({NEW: box(0, 0, KM + 50, KM), NEW_2: box(KM + 50, 0, 2 * KM, KM)})
    redraw = compare(before, after)
    west, east = redraw.quartiers
    assert redraw.pieces == ()
    assert (west.change, east.change) == (Change.MODIFIED, Change.MODIFIED)
    assert (west.codes_before, east.codes_before) == ((OLD,), (OLD_2,))
    assert (west.gained_m2, west.ceded_m2) == pytest.approx((50 * KM, 0.0), abs=CORNER_M2)
    assert (east.gained_m2, east.ceded_m2) == pytest.approx((0.0, 50 * KM), abs=CORNER_M2)


@pytest.mark.parametrize(("shared_m", "linked"), [(99, False), (101, True)])
def test_quartiers_are_linked_from_a_tenth_of_the_smaller_on(shared_m, linked):
    redraw = compare(quartiers({OLD: box(-4 * KM, 0, shared_m, KM)}), quartiers({NEW: square()}))
    assert (redraw.quartiers[0].change is Change.MODIFIED) == linked
    assert len(redraw.quartiers) == (1 if linked else 2)


def test_each_territory_is_measured_in_its_own_system():
    place = {OLD_2: REUNION, NEW_2: REUNION}
    before = quartiers({OLD: square(), OLD_2: square()}, territories=place)
    after = quartiers({NEW: square(x=100), NEW_2: square(y=200)}, territories=place)
    redraw = compare(before, after)
    assert [(piece.change, piece.code) for piece in redraw.pieces] == [
        ("added", NEW),
        ("removed", OLD),
        ("added", NEW_2),
        ("removed", OLD_2),
    ]
    assert [piece.area_m2 for piece in redraw.pieces] == pytest.approx([1e5, 1e5, 2e5, 2e5], abs=CORNER_M2)
    island = metres(shapely.Point(redraw.pieces[2].lon, redraw.pieces[2].lat), REUNION)
    assert (island.x, island.y) == pytest.approx((KM / 2, KM + 100), abs=0.2)


# ── Slivers and small pieces ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("shift_m", "width_m", "precision_m", "change"),
    [
        (3.5, 4.0, 0.1, Change.UNCHANGED),
        (4.5, 4.0, 0.1, Change.MODIFIED),
        (4.5, 6.0, 0.1, Change.UNCHANGED),
        (4.5, 4.0, 1.5, Change.UNCHANGED),
        (6.5, 4.0, 1.5, Change.MODIFIED),
        (0.5, 0.0, 0.0, Change.MODIFIED),
    ],
)
def test_a_strip_narrower_than_the_sliver_width_is_no_change(shift_m, width_m, precision_m, change):
    before = quartiers({OLD: square()}, precision_m=precision_m)
    after = quartiers({NEW: square(x=shift_m)}, precision_m=precision_m)
    assert only(compare(before, after, sliver_width_m=width_m)).change is change


def test_the_sliver_width_covers_what_both_drawings_may_be_off_by_on_both_sides_of_an_edge():
    redraw = compare(quartiers({OLD: square()}, precision_m=7.3), quartiers({NEW: square()}, precision_m=0.1))
    assert redraw.sliver_width_m == pytest.approx(2 * (7.3 + 0.1))
    assert compare(quartiers({}), quartiers({})).sliver_width_m == 4.0


def test_small_pieces_are_counted_and_not_listed():
    after = square().union(box(KM, 0, KM + 20, 20)).union(box(-40, 0, 0, 40))
    before, after = quartiers({OLD: square()}), quartiers({NEW: after})
    quartier = only(compare(before, after))
    assert [round(piece.area_m2) for piece in quartier.pieces] == pytest.approx([1600], abs=CORNER_M2)
    assert quartier.smaller_pieces == 1
    assert quartier.smaller_pieces_m2 == pytest.approx(400, abs=CORNER_M2)
    assert quartier.added_m2 == pytest.approx(2000, abs=2 * CORNER_M2)
    none_listed = only(compare(before, after, min_area_m2=5000))
    assert (none_listed.change, none_listed.pieces, none_listed.smaller_pieces) == (Change.MODIFIED, (), 2)
    assert len(compare(before, after, min_area_m2=0).pieces) == 2


@pytest.mark.parametrize("wrong", [{"min_area_m2": -1.0}, {"min_area_m2": math.nan}, {"sliver_width_m": math.inf}])
def test_sizes_that_are_no_sizes_are_refused_with_their_value(wrong):
    (value,) = wrong.values()
    with pytest.raises(InputError, match=quoted(value)):
        compare(quartiers({}), quartiers({}), **wrong)


# ── Where the sets are complete ──────────────────────────────────────────────────────────────────────────────


def test_a_new_quartier_is_new_only_where_the_former_set_is_complete():
    before = quartiers({}, coverage=covering(square(-100, -100, 3 * KM)))
    inside, beyond = compare(before, quartiers({NEW: square(), NEW_2: square(x=9 * KM)})).quartiers
    assert (inside.change, inside.area_before_m2, inside.complete) == (Change.ENTERING, 0.0, True)
    assert (beyond.change, beyond.area_before_m2, beyond.complete) == (Change.NOT_COMPARABLE, None, False)
    assert beyond.not_comparable_m2 == beyond.area_after_m2
    assert beyond.pieces == ()


def test_a_quartier_is_gone_only_where_the_later_set_is_complete():
    after = quartiers({}, coverage=covering(square(-100, -100, 3 * KM)))
    redraw = compare(quartiers({OLD: square(), OLD_2: square(x=9 * KM)}), after)
    inside, beyond = redraw.quartiers
    assert (inside.change, beyond.change) == (Change.LEAVING, Change.NOT_COMPARABLE)
    assert (beyond.area_after_m2, beyond.pieces) == (None, ())
    assert redraw.totals.area_before_m2 == inside.area_before_m2
    assert redraw.totals.not_comparable_m2 == beyond.area_before_m2


def test_a_lone_quartier_across_the_edge_of_the_known_area_is_sure_on_one_side_only():
    before = quartiers({}, coverage=covering(box(-KM, -KM, 300, 2 * KM)))
    quartier = only(compare(before, quartiers({NEW: square()})))
    assert quartier.change is Change.NOT_COMPARABLE
    assert quartier.added_m2 == pytest.approx(300 * KM, abs=2 * CORNER_M2)
    assert quartier.not_comparable_m2 == pytest.approx(700 * KM, abs=2 * CORNER_M2)


def test_the_pieces_of_a_known_quartier_stop_where_the_other_set_is_no_longer_complete():
    before = quartiers({OLD: square()}, coverage=covering(box(-KM, -KM, 1200, 2 * KM)))
    after = quartiers({NEW: box(0, 0, 1500, KM)})
    quartier = only(compare(before, after))
    assert (quartier.change, quartier.complete) == (Change.MODIFIED, False)
    assert quartier.added_m2 == pytest.approx(200 * KM, abs=2 * CORNER_M2)
    assert quartier.not_comparable_m2 == pytest.approx(300 * KM, abs=2 * CORNER_M2)
    (piece,) = quartier.pieces
    assert before.coverage.area.buffer(1e-6).covers(piece.geometry)


def test_where_the_former_set_is_complete_overseas_counts_overseas():
    island = overlay(square(-100, -100, 3 * KM), REUNION)
    place = dict.fromkeys((OLD_2, NEW_2), REUNION)
    before = quartiers({OLD: square(), OLD_2: square()}, coverage=Coverage(island), territories=place)
    after = quartiers({NEW: square(x=100), NEW_2: square(x=100)}, territories=place)
    mainland, overseas = compare(before, after).quartiers
    assert (mainland.added_m2, overseas.not_comparable_m2) == (0.0, 0.0)
    assert mainland.not_comparable_m2 == pytest.approx(100 * KM, abs=CORNER_M2)
    assert overseas.added_m2 == pytest.approx(100 * KM, abs=CORNER_M2)


def test_the_edge_of_a_wide_known_area_follows_its_parallel():
    """A straight line in metres would pass kilometres north of the parallel in its middle, and leave this out."""
    south = float(overlay(shapely.Point(0, -100)).y)
    before = quartiers({}, coverage=Coverage(shapely.box(-2.0, south, 2.7, 48.0)))
    quartier = only(compare(before, quartiers({NEW: square()})))
    assert (quartier.change, quartier.not_comparable_m2) == (Change.ENTERING, 0.0)


def test_an_unchanged_quartier_needs_no_coverage():
    before, after = quartiers({OLD: square()}, coverage=NOWHERE), quartiers({NEW: square()}, coverage=NOWHERE)
    quartier = only(compare(before, after))
    assert (quartier.change, quartier.complete) == (Change.UNCHANGED, True)


def test_a_changed_quartier_that_cannot_be_compared_is_modified_without_a_piece():
    before, after = quartiers({OLD: square()}, coverage=NOWHERE), quartiers({NEW: square(x=100)}, coverage=NOWHERE)
    quartier = only(compare(before, after))
    assert (quartier.change, quartier.complete, quartier.pieces) == (Change.MODIFIED, False, ())
    assert quartier.not_comparable_m2 == pytest.approx(200 * KM, abs=2 * CORNER_M2)


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_json_holds_the_contract_and_survives_a_round_trip():
    before = quartiers({OLD: square()}, insee={OLD: "86194"})
    redraw = compare(before, quartiers({NEW: square(x=100)}))
    document = redraw.to_dict()
    assert json.loads(json.dumps(document)) == document
    assert document["pieces"][0].keys() >= CONTRACT
    assert (document["pieces"][0]["change"], document["pieces"][1]["change"]) == ("added", "removed")
    assert isinstance(document["pieces"][0]["area_m2"], int)
    (line,) = document["quartiers"]
    assert (line["change"], line["codes_after"], line["insee"]) == ("modified", [NEW], ["86194"])
    assert line["area_after_m2"] == 1_000_000
    assert document["totals"]["added_m2"] == round(redraw.totals.added_m2)


def test_what_is_not_known_is_null_in_json():
    document = compare(quartiers({}, coverage=NOWHERE), quartiers({NEW: square()})).to_dict()
    assert document["quartiers"][0]["area_before_m2"] is None


def test_the_geojson_holds_each_piece_with_its_point_inside():
    redraw = compare(quartiers({OLD: square()}), quartiers({NEW: square(x=100)}))
    collection = json.loads(json.dumps(redraw.to_geojson()))
    assert collection["type"] == "FeatureCollection"
    assert [feature["properties"] for feature in collection["features"]] == redraw.to_dict()["pieces"]
    for feature in collection["features"]:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shapely.contains_xy(shape, feature["properties"]["lon"], feature["properties"]["lat"])
        assert metres(shape, MAINLAND).area == pytest.approx(feature["properties"]["area_m2"], abs=2 * CORNER_M2)


# ── Whatever the drawing ─────────────────────────────────────────────────────────────────────────────────────

CELL, SIDE = 100.0, 4
boards = st.lists(st.sampled_from([None, 0, 1, 2]), min_size=SIDE**2, max_size=SIDE**2)


def drawn(board, codes):
    """Return the quartiers that a board of 100 m cells draws: the cells of one number are one quartier."""
    cells = {}
    for position, owner in enumerate(board):
        if owner is not None:
            cells.setdefault(codes[owner], []).append(square(CELL * (position % SIDE), CELL * (position // SIDE), CELL))
    return quartiers({code: shapely.union_all(parts) for code, parts in sorted(cells.items())})


def before_and_after(boards_drawn):
    return drawn(boards_drawn[0], ("QP086001", "QP086002", "QP086003")), drawn(
        boards_drawn[1], ("QN08601M", "QN08602M", "QN08603N")
    )


pairs = st.tuples(boards, boards).map(before_and_after)
ALL_CORNERS_M2 = 4 * SIDE**2 * CORNER_M2


@given(pairs)
@examples(10, of=30)
def test_swapping_the_sets_swaps_what_was_added_and_removed(pair):
    before, after = pair
    forth, back = compare(before, after, min_area_m2=0), compare(after, before, min_area_m2=0)
    for change, opposite in (("added", "removed"), ("removed", "added")):
        there = sorted((piece.code, piece.lon, piece.lat, piece.area_m2) for piece in listed(forth, change))
        assert there == sorted((piece.code, piece.lon, piece.lat, piece.area_m2) for piece in listed(back, opposite))
    assert (forth.counts["entering"], forth.counts["leaving"]) == (back.counts["leaving"], back.counts["entering"])


@given(pairs)
@examples(12, of=30)
def test_the_areas_of_every_line_and_of_the_whole_add_up(pair):
    redraw = compare(*pair, min_area_m2=0)
    totals = redraw.totals
    assert totals.area_after_m2 - totals.area_before_m2 == pytest.approx(
        totals.added_m2 - totals.removed_m2, abs=ALL_CORNERS_M2
    )
    for line in redraw.quartiers:
        if not line.split:
            assert line.area_after_m2 - line.area_before_m2 == pytest.approx(
                line.added_m2 - line.removed_m2 + line.gained_m2 - line.ceded_m2, abs=ALL_CORNERS_M2
            )
            assert line.complete


corners = st.lists(st.tuples(st.integers(-600, 1600), st.integers(-600, 1600)), min_size=3, max_size=8)


@given(corners)
@examples(20, of=30)
def test_the_point_of_a_piece_lies_in_the_piece(points):
    hull = shapely.convex_hull(shapely.MultiPoint(points))
    if shapely.get_type_id(hull) != 3:
        return
    redraw = compare(quartiers({OLD: square()}), quartiers({NEW: hull}), min_area_m2=0)
    for piece in redraw.pieces:
        assert piece.geometry.is_valid
        assert shapely.contains_xy(piece.geometry, piece.lon, piece.lat)

"""Who succeeds whom: the official correspondence of codes, read and followed."""

from __future__ import annotations

import pytest
from quartiers import KM, box, covering, quartiers, square

from qpv_geo.errors import FormatError
from qpv_geo.perimeters.coverage import NOWHERE
from qpv_geo.perimeters.diff import Change, compare, read_correspondence

OLD, OLD_2, NEW, NEW_2 = "QP086998", "QP086999", "QN08698M", "QN08699N"
HEADER = "qp2024,label_qp2024,statut,qp2015_1,label_qp2015_1,qp2015_2,label_qp2015_2"


@pytest.fixture
def table(tmp_path):
    def write(content, encoding="utf-8"):
        path = tmp_path / "correspondance.csv"
        path.write_bytes(content.encode(encoding))
        return path

    return write


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_published_table_is_read(shared):
    found = read_correspondence(shared / "boundaries" / "correspondence-2015-2024.csv")
    assert len(found) == 7
    assert found["QN05975M"] == ("QP059077",)
    assert found["QN05972M"] == ("QP059074",)


def test_merged_and_new_quartiers_are_read(table):
    lines = [HEADER, f"{NEW},Grand,MODIFIE,{OLD},Petit,{OLD_2},Autre", f"{NEW_2},Neuf,NOUVEAU,,,,"]
    assert read_correspondence(table("\n".join(lines))) == {NEW: (OLD, OLD_2), NEW_2: ()}


def test_the_semicolon_edition_with_its_mark_capitals_and_blank_rows_is_read(table):
    lines = ['"QP2024";Label_QP2024;Statut;QP2015_1;Label_QP2015_1', f'{NEW};"Les Prés; bas";MODIFIE; {OLD} ;X', ";;;;"]
    assert read_correspondence(table("\r\n".join(lines), "utf-8-sig")) == {NEW: (OLD,)}


def test_rows_of_one_quartier_are_put_together_and_short_rows_hold_nothing_more(table):
    lines = [HEADER, f"{NEW},A,MODIFIE,{OLD}", f"{NEW},A,MODIFIE,{OLD_2}", f"{NEW},A,MODIFIE,{OLD}", f",B,SORTI,{OLD}"]
    assert read_correspondence(table("\n".join(lines))) == {NEW: (OLD, OLD_2)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "il manque « qp2024 », « qp2015_1 »"),
        ("qp2024,statut\nQN08698M,NOUVEAU", "il manque « qp2015_1 » ; colonnes présentes : « qp2024 », « statut »"),
        (HEADER, "aucune correspondance"),
        (f"{HEADER}\n\n{OLD},A,MODIFIE,{NEW},B,,", f"ligne 3 : « {OLD} » n’est pas un code de la génération qpv-2024"),
        (f"{HEADER}\n{NEW},A,MODIFIE,086999,B,,", "ligne 2 : « 086999 » n’est pas un code de la génération qpv-2015"),
        (f'{HEADER}\n{NEW},"{"x" * 200_000}",MODIFIE,{OLD},,,', "n’est pas un CSV lisible"),
    ],
)
def test_a_table_that_is_none_is_refused_in_one_clear_line(table, content, said):
    with pytest.raises(FormatError) as caught:
        read_correspondence(table(content))
    assert said in str(caught.value)
    assert "correspondance.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_a_table_in_any_encoding_of_a_spreadsheet_is_read(table, encoding):
    assert read_correspondence(table(f"{HEADER}\n{NEW},Trois Cités,MODIFIE,{OLD},,,", encoding)) == {NEW: (OLD,)}


def test_a_table_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FormatError, match="introuvable"):
        read_correspondence(tmp_path / "absent.csv")


# ── Following ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_correspondence_goes_before_overlap():
    before = quartiers({OLD: square(), OLD_2: square(x=5 * KM)})
    redraw = compare(before, quartiers({NEW: square()}), correspondence={NEW: [OLD_2]})
    moved, gone = redraw.quartiers
    assert (moved.codes_before, moved.change, moved.official) == ((OLD_2,), Change.MODIFIED, True)
    assert moved.gained_m2 == pytest.approx(KM**2, abs=4)
    assert (gone.codes_before, gone.change, gone.removed_m2) == ((OLD,), Change.LEAVING, 0.0)


def test_a_quartier_that_the_correspondence_does_not_name_is_linked_by_overlap():
    before = quartiers({OLD: square(), OLD_2: square(x=5 * KM)})
    after = quartiers({NEW: square(), NEW_2: square(x=5 * KM)})
    lines = compare(before, after, correspondence={NEW: [OLD]}).quartiers
    assert [(line.codes_before, line.official, line.change) for line in lines] == [
        ((OLD,), True, Change.UNCHANGED),
        ((OLD_2,), False, Change.UNCHANGED),
    ]


def test_a_quartier_officially_new_enters_even_where_the_former_set_knows_nothing():
    (line,) = compare(quartiers({}, coverage=NOWHERE), quartiers({NEW: square()}), correspondence={NEW: []}).quartiers
    assert (line.change, line.area_before_m2, line.complete) == (Change.ENTERING, 0.0, False)


def test_a_predecessor_that_the_former_set_does_not_hold_leaves_its_area_unknown():
    before = quartiers({OLD: box(0, 0, 500, KM)}, coverage=covering(box(-KM, -KM, 500, 2 * KM)))
    merged, renamed = compare(
        before,
        quartiers({NEW: square(), NEW_2: square(y=4 * KM)}),
        correspondence={NEW: [OLD, OLD_2], NEW_2: ["QP086997"]},
    ).quartiers
    assert (merged.change, merged.codes_before, merged.area_before_m2) == (Change.MODIFIED, (OLD, OLD_2), None)
    assert not merged.complete
    assert (renamed.change, renamed.codes_before) == (Change.NOT_COMPARABLE, ("QP086997",))


def test_a_quartier_with_an_official_heir_that_the_later_set_does_not_hold_is_not_leaving():
    redraw = compare(quartiers({OLD: square()}), quartiers({}), correspondence={NEW: [OLD]})
    (line,) = redraw.quartiers
    assert (line.change, line.codes_after, line.area_after_m2) == (Change.NOT_COMPARABLE, (NEW,), None)
    assert line.official
    assert not line.split
    (split,) = compare(quartiers({OLD: square()}), quartiers({}), correspondence={NEW: [OLD], NEW_2: [OLD]}).quartiers
    assert (split.codes_after, split.split) == ((NEW, NEW_2), True)


def test_a_quartier_that_shares_its_predecessor_with_one_the_later_set_does_not_hold_is_split():
    before, after = quartiers({OLD: square()}), quartiers({NEW: square()})
    (line,) = compare(before, after, correspondence={NEW: [OLD], NEW_2: [OLD]}).quartiers
    assert (line.split, line.change, line.codes_after) == (True, Change.MODIFIED, (NEW,))

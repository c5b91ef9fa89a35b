"""`qpv diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import api
from qpv_geo import messages as msg
from qpv_geo.cli.map import refuse_other_names, tell_written
from qpv_geo.cli.show import echo, echo_json, echo_paragraph, style
from qpv_geo.errors import MissingPerimetersError
from qpv_geo.files import replaced
from qpv_geo.perimeters.correspondence import EARLIER, LATER
from qpv_geo.perimeters.redraw_facts import redraw_facts

if TYPE_CHECKING:
    from qpv_geo.perimeters.diff_model import PerimeterDiff, Piece, QuartierChange

_COLOURS = {"entering": "green", "leaving": "red", "modified": "yellow"}
_SQUARE_METRES_IN_HECTARE = 10_000


def diff(
    before: str,
    after: str,
    commune: str | None,
    min_area: float,
    correspondence: str | None,
    shape: str,
    output: str | None,
    offline: bool,
    png: str | None,
) -> None:
    refuse_other_names(output, png)

    table = None if correspondence is None else Path(correspondence)
    try:
        redraw = api.diff(before, after, commune=commune, min_area_m2=min_area, correspondence=table)
    except MissingPerimetersError:
        _show_facts(before, after, commune, shape)
        raise
    if shape == "json":
        echo_json(redraw.to_dict())
    elif shape == "geojson":
        echo_json(redraw.to_geojson())
    else:
        _show(redraw)
    if output is not None or png is not None:
        _draw(redraw, before, after, output, png, offline=offline)


def _show_facts(before: str, after: str, commune: str | None, shape: str) -> None:
    """Tell what ships of the redraw where a generation is missing; how to get it is in the error."""
    missing = next((one for one in (before, after) if not _is_at_hand(one)), before)
    facts = redraw_facts(commune) if (before, after) == (EARLIER, LATER) else ()
    if shape != "text":
        listed = [one.to_dict() for one in facts]
        pieces = [piece for one in listed for piece in one["pieces"]]
        echo_json({"before": before, "after": after, "missing": missing, "facts": listed, "pieces": pieces})
        return
    echo(style(msg.perimeters.redraw(before, after, commune), bold=True))
    echo_paragraph(msg.perimeters.redraw_missing(missing) if facts else msg.perimeters.NO_FACTS)
    for one in facts:
        echo()
        echo(f"{msg.verdicts.named(one.name, one.town)}  {one.code_before} → {one.code_after}")
        sides = (f"{msg.verdicts.number(area, 1)} ha" for area in (one.area_before_ha, one.area_after_ha))
        echo_paragraph(msg.perimeters.redraw_areas(*sides))
        for piece in one.pieces:
            told = (
                msg.perimeters.CHANGE[piece.change],
                msg.perimeters.about(msg.verdicts.number(piece.area_m2)),
                piece.lon,
                piece.lat,
                one.code_after,
            )
            echo_paragraph(msg.perimeters.redraw_piece(*told))
        echo_paragraph(msg.perimeters.fact_source(one.source, one.read_on), indent="    ")
        for fact in one.told:
            echo_paragraph(fact.text)
            echo_paragraph(msg.perimeters.fact_source(fact.source, fact.read_on), indent="    ")
    echo()


def _is_at_hand(source: str) -> bool:
    try:
        api.load_perimeters(source)
    except MissingPerimetersError:
        return False
    return True


def _draw(
    redraw: PerimeterDiff, before: str, after: str, output: str | None, png: str | None, *, offline: bool
) -> None:
    """Write the map and the picture, and report them on standard error: standard output has the comparison."""
    from qpv_geo import api, maps  # noqa: PLC0415 - heavy: a comparison does without

    sets = api.load_perimeters(before), api.load_perimeters(after)
    if output is not None:
        maps.redraw_map(redraw, *sets, offline=offline).save(output)
        tell_written(output)
    if png is not None:
        with replaced(Path(png)) as beside:
            maps.redraw_picture(redraw, *sets).savefig(beside)
        tell_written(png)


def _show(redraw: PerimeterDiff) -> None:
    echo(style(msg.perimeters.redraw(redraw.before, redraw.after, redraw.commune), bold=True))
    if not redraw.quartiers:
        echo_paragraph(msg.perimeters.NO_QUARTIER)
        return
    echo_paragraph(msg.perimeters.redraw_counts(redraw.counts))
    totals = redraw.totals
    before, after = _hectares(totals.area_before_m2), _hectares(totals.area_after_m2)
    added, removed = _hectares(totals.added_m2), _hectares(totals.removed_m2)
    unknown = _hectares(totals.not_comparable_m2) if totals.not_comparable_m2 else None
    if totals.is_unknown and unknown is not None:
        echo_paragraph(msg.perimeters.redraw_not_compared(unknown))
    else:
        echo_paragraph(msg.perimeters.redraw_totals(before, after, added, removed, unknown))
    echo_paragraph(
        msg.perimeters.redraw_rule(msg.verdicts.metres(redraw.sliver_width_m), msg.verdicts.number(redraw.min_area_m2))
    )
    if redraw.unattached:
        echo_paragraph(msg.perimeters.redraw_unattached(redraw.unattached))
    for quartier in redraw.quartiers:
        echo()
        _show_quartier(quartier)


def _show_quartier(quartier: QuartierChange) -> None:
    change = style(msg.perimeters.CHANGE[quartier.change], fg=_COLOURS.get(quartier.change), bold=True)
    echo(f"{quartier.name}  ", change, f"  {_codes(quartier)}")
    echo_paragraph(msg.perimeters.redraw_areas(_hectares(quartier.area_before_m2), _hectares(quartier.area_after_m2)))
    for piece in quartier.pieces:
        echo_paragraph(_piece(piece))
    if quartier.smaller_pieces:
        echo_paragraph(
            msg.perimeters.redraw_smaller(quartier.smaller_pieces, msg.verdicts.number(quartier.smaller_pieces_m2))
        )
    if not quartier.complete:
        unknown = msg.verdicts.number(quartier.not_comparable_m2) if quartier.not_comparable_m2 else None
        echo_paragraph(msg.perimeters.redraw_incomplete(unknown))


def _codes(quartier: QuartierChange) -> str:
    sides = (", ".join(codes) or "—" for codes in (quartier.codes_before, quartier.codes_after))
    return " → ".join(sides)


def _piece(piece: Piece) -> str:
    return msg.perimeters.redraw_piece(
        msg.perimeters.CHANGE[piece.change], msg.verdicts.number(piece.area_m2), piece.lon, piece.lat, piece.code
    )


def _hectares(area_m2: float | None) -> str:
    return (
        msg.perimeters.UNKNOWN
        if area_m2 is None
        else f"{msg.verdicts.number(area_m2 / _SQUARE_METRES_IN_HECTARE, 1)} ha"
    )

"""The static pictures: what is written on them, and that they are pictures."""

from __future__ import annotations

from io import BytesIO

import matplotlib.image
import numpy as np
import pytest
from matplotlib.text import Text

from qpv_geo.eligibility.check import default_checker
from qpv_geo.maps import judge, projects_picture, redraw_picture
from qpv_geo.perimeters.redraw import compare


def _texts(figure):
    texts = " / ".join(one.get_text() for one in figure.findobj(Text))
    return texts.replace("\u202f", " ").replace("\u00a0", " ").replace("\n", " ")


def _pixels(figure):
    stream = BytesIO()
    figure.savefig(stream, format="png")
    stream.seek(0)
    return matplotlib.image.imread(stream)


def test_the_fund_of_poitiers(fiq, embedded):
    figure = projects_picture(fiq, embedded)
    told = _texts(figure)
    for expected in ("Projets financés : fiq-2024", "750 000 €", "68 000 €", "95 000 €", "87 000 €", "km", "ANCT"):
        assert expected in told
    pixels = _pixels(figure)
    assert pixels.shape[:2] == (1125, 1500)
    assert len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)) > 10


def test_points_are_drawn_with_their_themes(make_projects, embedded):
    rows = [
        {"id": "1", "title": "A", "amount": "10", "theme": "pilotage", "lon": "0.36111", "lat": "46.58935"},
        {"id": "2", "title": "B", "amount": "90", "theme": "cohésion sociale", "lon": "0.3710", "lat": "46.5900"},
    ]
    projects = make_projects(rows)
    told = _texts(projects_picture(projects, embedded, judged=judge(projects, embedded, checker=default_checker())))
    assert "pilotage" in told
    assert "cohésion sociale" in told


def test_what_is_beyond_the_edges_is_told(make_projects, national):
    far = next(code for code in national.codes if code.startswith("QN974"))
    amounts = {"QN08603M": "5", "QN08604M": "10", far: "70"}
    rows = [{"id": code, "title": "A", "amount": amount, "code_qp": code} for code, amount in amounts.items()]
    assert "au-delà des bords de l'image : 70 €" in _texts(projects_picture(make_projects(rows), national))


def test_dollars_are_not_a_formula(make_projects, embedded):
    projects = make_projects([{"id": "1", "title": "A", "amount": "10", "neighbourhood": "$\\frac$"}])
    figure = projects_picture(projects, embedded, title="$\\sqrt$ et <b>")
    assert _pixels(figure).size


@pytest.mark.parametrize("commune", ["59360"])
def test_a_redraw(loos_2015, embedded, commune):
    told = _texts(redraw_picture(compare(loos_2015, embedded, commune=commune), loos_2015, embedded))
    assert "Parties ajoutées" in told
    assert "ha" in told

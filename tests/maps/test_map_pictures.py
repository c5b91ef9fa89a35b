"""The static pictures: what is written on them, and that they are pictures."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from itertools import combinations

import matplotlib.image
import numpy as np
import pytest
from matplotlib.text import Text

from qpv_geo.eligibility.check import default_checker
from qpv_geo.maps import judge, projects_picture, redraw_picture
from qpv_geo.perimeters.diff import compare


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
    assert pixels.shape[:2] == (2481, 3507)
    some = pixels[::10, ::10].reshape(-1, pixels.shape[2])
    assert len(np.unique(some, axis=0)) > 10


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
    assert "hors de l’image : 70 €" in _texts(projects_picture(make_projects(rows), national))


def test_a_picture_reconciles_with_its_total(mixed, embedded):
    told = _texts(projects_picture(mixed, embedded, judged=judge(mixed, embedded, checker=default_checker())))
    assert "8 projets, 548 937,20 € en tout" in told
    lines = {"Dans les périmètres": "441 237,20", "hors QPV": "12 000", "non publiées)": "95 000", "unique": "700"}
    for label, amount in lines.items():
        assert f"{label} : {amount} €" in told
    amounts = (Decimal(amount.replace(" ", "").replace(",", ".")) for amount in lines.values())
    assert sum(amounts) == mixed.total
    assert "hors de l’image : 5 000 € (1 projet)" in told


def test_a_label_tells_the_whole_sum_of_its_perimeter(mixed, embedded):
    told = _texts(projects_picture(mixed, embedded, judged=judge(mixed, embedded, checker=default_checker())))
    for label in ("Couronneries Saint-Eloi 368 287,20 €", "Trois Cités 68 000 €", "Beaulieu −50 €"):
        assert label in told
    assert "Saint-Eloi 45 000 €" not in told


def test_labels_are_explained_and_never_cover_each_other(national, make_projects):
    codes = [code for code in national.codes if code.startswith("QN059")]
    rows = [{"id": code, "title": "A", "amount": str(k + 1), "code_qp": code} for k, code in enumerate(codes)]
    figure = projects_picture(make_projects(rows), national)
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) > 1
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert all(figure.axes[0].bbox.padded(1).contains(*corner) for box in boxes for corner in box.corners())
    assert "Étiquettes" in _texts(figure)
    assert "faute de place" in _texts(figure)


def test_the_sizes_of_circles_are_explained(mixed, embedded):
    told = _texts(projects_picture(mixed, embedded, judged=judge(mixed, embedded, checker=default_checker())))
    assert "Cercles : montant du projet" in told
    assert "100 000 €" in told


def test_dollars_are_not_a_formula(make_projects, embedded):
    projects = make_projects([{"id": "1", "title": "A", "amount": "10", "neighbourhood": "$\\frac$"}])
    figure = projects_picture(projects, embedded, title="$\\sqrt$ et <b>")
    assert _pixels(figure).size


@pytest.mark.parametrize("commune", ["59360"])
def test_a_redraw(loos_2015, embedded, commune):
    told = _texts(redraw_picture(compare(loos_2015, embedded, commune=commune), loos_2015, embedded))
    assert "Parties ajoutées" in told
    assert "ha" in told


def test_what_cannot_be_compared_is_in_the_legend(loos_2015, embedded):
    told = _texts(redraw_picture(compare(loos_2015, embedded, commune="86194"), loos_2015, embedded))
    assert "Périmètres non comparables" in told

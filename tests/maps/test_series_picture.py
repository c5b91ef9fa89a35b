"""Small multiples: every line of a sum has its chart, and what they show adds up to the table."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qpv_geo.maps import series_picture
from qpv_geo.projects import Placement, Project, Projects, cross_sums

YEARS = range(2019, 2027)


def project(key, amount, code, year):
    return Project(key, "Projet d'essai", None, None, year, amount, (), Placement(codes=(code,)), 2)


def found(*projects):
    return cross_sums(Projects("essai.csv", projects), "quartier-suivi", "year")


SERIES = found(
    project("a", Decimal("1000.10"), "QP059077", 2019),
    project("b", Decimal("3000.01"), "QN05975M", 2024),
    project("c", Decimal("250.00"), "QN05976M", 2026),
    project("d", Decimal("-50.00"), "QP059078", 2021),
    project("e", None, "QN05976M", 2025),
)


def charts(figure):
    return {axes.get_title(loc="left").split("\n")[0]: axes for axes in figure.axes}


def heights(axes):
    return {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in axes.patches}


def test_a_quartier_has_one_chart_before_and_after_the_redraw():
    oliveaux = charts(series_picture(SERIES, title="Essai"))["Les Oliveaux"]
    assert heights(oliveaux) == {year: {2019: 1000.10, 2024: 3000.01}.get(year, 0.0) for year in YEARS}


def test_charts_share_one_scale_and_add_up_to_the_table():
    figure = series_picture(SERIES, title="Essai")
    tops = {axes.get_ylim()[1] for axes in figure.axes}
    assert len(tops) == 1
    total = sum(sum(heights(axes).values()) for axes in figure.axes)
    assert total == pytest.approx(float(SERIES.rows.total))


def test_what_is_not_drawn_is_told():
    many = found(*(project(str(k), Decimal(k + 1), f"QN999{k:02d}M", 2024) for k in range(20)))
    figure = series_picture(many, title="Essai", notes=["Une note d'essai."])
    told = figure.texts[1].get_text().replace("\u00a0", " ").replace("\u202f", " ")
    assert len(figure.axes) == 16
    assert "4 autres lignes : 10 €." in told  # 1 + 2 + 3 + 4
    assert "Une note d'essai." in told


def test_the_command_writes_it(qpv, tmp_path):
    path = tmp_path / "serie.png"
    keys = ("--by", "quartier-suivi", "--by", "year")
    assert qpv("projects", "summary", "fiq-2024", *keys, "-o", path).code == 0
    assert path.read_bytes().startswith(b"\x89PNG")


def test_without_years_it_is_refused(qpv, tmp_path):
    answer = qpv("projects", "summary", "fiq-2024", "--by", "qpv", "-o", tmp_path / "serie.png")
    assert (answer.code, "--by year" in answer.err) == (2, True)

"""The pages as text, without a browser."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from html.parser import HTMLParser

import pytest
from hostile_texts import CLOSING, HOSTILE

from qpv_geo.errors import InputError
from qpv_geo.maps import redraw_map
from qpv_geo.perimeters.diff import compare
from qpv_geo.projects import read_projects


class _Page(HTMLParser):
    """The document of a page, the tags around it, and the addresses that its tags name."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.addresses, self.read, self._in = [], [], defaultdict(str), ""
        self.feed(html)
        self.document = json.loads(self.read["document"])

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        named = dict(attrs)
        self.addresses += [named[key] for key in ("src", "href") if key in named]
        self._in = "document" if named.get("id") == "qpv-document" else tag

    def handle_endtag(self, _tag):
        self._in = ""

    def handle_data(self, data):
        self.read[self._in] += data


def _plain(text):
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize("offline", [True, False])
def test_a_page_names_no_script_style_or_picture_of_elsewhere(fiq, embedded, make_map, offline):
    page = _Page(make_map(fiq, embedded, offline=offline).html)
    assert page.addresses == ["data:,"]


def test_only_a_page_with_backgrounds_names_their_servers(fiq, embedded, make_map):
    servers = ("data.geopf.fr", "tile.openstreetmap.org")
    with_backgrounds, without = make_map(fiq, embedded).html, make_map(fiq, embedded, offline=True).html
    assert all(server in with_backgrounds for server in servers)
    assert not any(server in without for server in servers)
    assert "IGN" in with_backgrounds
    assert "OpenStreetMap" in with_backgrounds
    assert set(re.findall(r"url\((.{5})", _Page(without).read["style"])) == {"data:"}


def test_the_panel_tells_what_has_no_mark(fiq, embedded, make_map):
    document = _Page(make_map(fiq, embedded).html).document
    assert "1 000 000 €" in _plain(document["facts"][0])
    assert _plain(document["facts"][1]) == "Sur la carte : 818 000 €. Projets non localisés : 182 000 €."
    by_place, elsewhere = document["lists"]
    sums = {item["title"]: _plain(item["amount"]) for item in by_place["items"]}
    assert sums["Saint-Éloi"] == "450 000 €"
    assert sums["Bellejouanne"] == "95 000 €"
    assert sums["sans lieu unique"] == "87 000 €"
    assert {_plain(item["amount"]) for item in elsewhere["items"]} == {"95 000 €", "87 000 €"}


def test_amounts_that_are_not_published_are_said_once(embedded, make_map):
    document = _Page(make_map(read_projects("loos-2024"), embedded).html).document
    assert document["facts"][0] == "7 projets, montant non publié."


def test_a_project_placed_by_neighbourhood_is_said_to_be(fiq, embedded, make_map):
    document = _Page(make_map(fiq, embedded).html).document
    located, gathered = (layer["marks"] for layer in document["marks"])
    assert not located
    assert {_plain(mark["label"]) for mark in gathered} == {"750 000 €", "68 000 €"}
    assert all("adresse n’est pas publiée" in mark["note"] for mark in gathered)


def test_a_label_never_passes_a_part_for_the_sum_of_its_perimeter(mixed, embedded, make_map):
    document = _Page(make_map(mixed, embedded).html).document
    marks = {mark["title"]: mark for mark in document["marks"][1]["marks"]}
    assert _plain(marks["Trois Cités (QN08604M)"]["label"]) == "68 000 €"
    partly = marks["Couronneries Saint-Eloi (QN08605M)"]
    assert _plain(partly["label"]) == "45 000 € sur 368 287,20 €"
    assert [_plain(value) for _, value in partly["lines"]] == ["45 000 €", "368 287,20 €"]


def test_a_project_far_from_the_others_is_told_and_not_seen_first(mixed, embedded, make_map):
    document = _Page(make_map(mixed, embedded).html).document
    (south, west), (north, east) = document["bounds"]
    assert 46.5 < south < north < 46.7
    assert 0.3 < west < east < 0.5
    assert any("5 000 € (1 projet)" in _plain(fact) for fact in document["facts"])


def test_refunds_have_their_own_words(mixed, embedded, make_map):
    document = _Page(make_map(mixed, embedded).html).document
    labels = [_plain(entry["label"]) for block in document["legend"] for entry in block["entries"]]
    assert sum("remboursements" in label for label in labels) == 1
    assert not any("−" in label for label in labels)


def test_hostile_texts_stay_text(hostile, embedded, make_map):
    page = _Page(make_map(hostile, embedded, title=f"{HOSTILE}{CLOSING}").html)
    assert "img" not in page.tags
    assert page.read["title"] == page.document["title"] == f"{HOSTILE}{CLOSING}"
    assert page.document["marks"][0]["marks"][0]["title"] == HOSTILE


def test_a_redraw_of_nothing_is_refused(embedded):
    redraw = compare(embedded, embedded, commune="75056")
    with pytest.raises(InputError, match="aucun périmètre"):
        redraw_map(redraw, embedded, embedded)


def test_what_cannot_be_compared_is_drawn_and_explained(loos_2015, embedded):
    redraw = compare(loos_2015, embedded, commune="86194")
    document = _Page(redraw_map(redraw, loos_2015, embedded).html).document
    drawn = {area["id"]: len(area["features"]) for area in document["areas"]}
    assert drawn["not_comparable"] == drawn["current"] == len(redraw.quartiers)
    assert "Périmètres non comparables" in [one["label"] for block in document["legend"] for one in block["entries"]]
    assert any(note.startswith("Non comparable") for note in document["notes"])


def test_a_redraw_draws_the_ground_that_entered_and_left(loos_2015, embedded):
    redraw = compare(loos_2015, embedded, commune="59360")
    document = _Page(redraw_map(redraw, loos_2015, embedded).html).document
    drawn = {area["id"]: len(area["features"]) for area in document["areas"]}
    assert drawn["former"] == drawn["current"] == 3
    for change in ("added", "removed"):
        assert drawn[change] == sum(piece.change == change for piece in redraw.pieces) > 0

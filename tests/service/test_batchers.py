"""Requests that come at the same moment are answered together, and each as if it had come alone."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from fake_geocoder import offline_index, row
from qpv_geo_service.app import create_app
from qpv_geo_service.settings import ServiceSettings
from serving import LOOS
from synthetic import perimeters, point, square
from test_check_route import without_moment

DAY = "2024-06-01"
PLACES = [
    LOOS,
    {"lon": 0.30, "lat": 46.55, "on": DAY},
    {"lon": 4.8357, "lat": 45.764, "on": DAY},
    {"lon": 3.0043, "lat": 50.6085, "on": DAY, "accuracy": 40},
    {"lon": -61.0, "lat": 14.6, "on": "2025-06-01"},
    {**LOOS, "on": "2025-01-01"},
    {**LOOS, "kind": "municipal_zone"},
    {**point(50, 50), "on": DAY},
    {**point(150, 50), "on": DAY, "generation": "qpv-2024"},
    {"q": "1 rue des Carrés, 99990 Essai", "on": DAY, "kind": "municipal_zone"},
    {"q": "2 rue des Carrés, 99990 Essai", "on": DAY, "kind": "municipal_zone"},
    {"q": "2 rue des Carres Essai", "citycode": "99999", "on": DAY, "kind": "municipal_zone"},
    {**LOOS, "scheme": "pic-loos"},
]
ADDRESS = {"q": "1 rue des Carrés, 99990 Essai", "on": DAY, "generation": "qpv-2024"}
MISSPELT = {**ADDRESS, "q": "1 rue des Carrrés, 99990 Essai"}
REFUSED = [
    ({**LOOS, "on": "2020-01-01"}, 503),
    ({**LOOS, "on": "2010-01-01"}, 422),
    ({"lon": 0.0, "lat": 0.0}, 422),
    ({"lon": 3.0}, 422),
    ({**LOOS, "citycode": "59360"}, 422),
    ({**ADDRESS, "on": "2010-01-01", "kind": "municipal_zone"}, 422),
    ({"q": "9 rue Qui N'Est Pas Ici, 99990 Essai", "on": DAY}, 502),  # a service must be asked
]


@pytest.fixture
def ask(catalogue, home, monkeypatch):
    """Send queries all at once to the application, and return its answers in their order."""
    monkeypatch.setenv("QPV_GEO_HTTP_ATTEMPTS", "1")
    offline_index(home, row(50, 50, 1), row(150, 50, 2))
    catalogue.store.install(perimeters(square(0, 0, 100), kind="municipal_zone", generation=None))
    app = create_app(ServiceSettings(rate_limit=""))

    async def all_at_once(queries, given_up=()):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://essai") as client:
            asked = [asyncio.ensure_future(client.get("/v1/check", params=one)) for one in queries]
            if given_up:
                await asyncio.sleep(0)  # they have begun
            for k in given_up:
                asked[k].cancel()
            return await asyncio.gather(*asked, return_exceptions=True)

    return lambda queries, given_up=(): asyncio.run(all_at_once(queries, given_up))


def test_each_is_answered_as_if_alone(ask):
    alone = [without_moment(ask([one])[0].json()) for one in PLACES]
    assert len({one["message"] for one in alone}) > 5  # they do differ
    together = ask(PLACES * 4)
    assert [without_moment(one.json()) for one in together] == alone * 4


def test_what_cannot_be_answered_spoils_no_other_answer(ask):
    expected = [(one, 200) for one in PLACES] + REFUSED * 2
    answers = ask([query for query, _ in expected])
    assert [one.status_code for one in answers] == [status for _, status in expected]
    assert [one.json() for one in answers[-len(REFUSED) :]] == [ask([query])[0].json() for query, _ in REFUSED]


@pytest.mark.parametrize("query", [LOOS, ADDRESS, MISSPELT], ids=["point", "address", "misspelt"])
def test_a_request_given_up_spoils_no_other_answer(ask, query):
    alone = without_moment(ask([query])[0].json())
    answers = ask([query] * 6, given_up=(0, 3))
    assert [isinstance(one, asyncio.CancelledError) for one in answers] == [True, False, False, True, False, False]
    assert [without_moment(one.json()) for one in answers if isinstance(one, httpx2.Response)] == [alone] * 4

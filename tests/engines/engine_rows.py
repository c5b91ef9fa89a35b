"""Rows of every kind of answer, and a home that answers them, for tests of engines."""

from __future__ import annotations

import random

import pandas as pd
from fake_geocoder import offline_index, row
from synthetic import perimeters, point, square

OPTIONS = {"address": ["rue", "ville"], "date": "jour", "on": "2024-06-01", "accuracy_m": 12.0}
"""What the engines and the local functions are asked alike."""


def install(catalogue, home):
    """Install a quartier, and the index of its street."""
    catalogue.store.install(perimeters(square(0, 0, 400)))
    return offline_index(home, *(row(40 * k, 40 * k, 1 + k) for k in range(25)))


def table(rows=300):
    """Points in and around the quartier, addresses, and rows that cannot be answered; numbered, in any order."""
    chance = random.Random(59360)
    made = []
    for k in range(rows):
        place = point(chance.uniform(-900, 900), chance.uniform(-900, 900))
        empty = {"lon": None, "lat": None, "rue": None, "ville": None, "jour": None}
        known = {
            0: {"rue": f"{k % 30} rue des Carrés", "ville": "Essai"},
            1: {"rue": f"{k % 30} rue des Caré", "ville": "Essai"},
            2: {},
            3: {**place, "jour": "31/12/2013"},
            4: {"lon": 2.35, "lat": -48.86},
        }
        made.append({"dossier": k} | empty | known.get(k % 10, place))
    return pd.DataFrame(made).astype({"jour": "str", "rue": "str", "ville": "str"})

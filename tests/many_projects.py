"""Very many invented projects, in the perimeters that there are."""

from __future__ import annotations

import numpy as np

THEMES = ["cohésion sociale", "développement économique et emploi", "cadre de vie et renouvellement urbain", ""]


def project_rows(perimeters, count):
    """Rows of a table of projects, each at a point inside a perimeter drawn at random."""
    random = np.random.default_rng(7)
    places = [geometry.representative_point() for geometry in perimeters.geometry]
    rows = []
    for k in range(count):
        at = places[int(random.integers(len(places)))]
        amount = f"{random.lognormal(9, 1):.2f}"
        row = {"id": k, "title": f"Projet d'essai {k}", "lead": "Association d'essai", "scheme": "Essai", "year": 2024}
        rows.append(row | {"amount": amount, "theme": THEMES[k % 4], "lon": f"{at.x:.5f}", "lat": f"{at.y:.5f}"})
    return rows

"""Questions with every kind of answer, around the embedded perimeters."""

from __future__ import annotations

INSIDE = {"lon": 3.00671, "lat": 50.60889, "on": "2024-06-01"}
OUTSIDE = {"lon": 3.0200, "lat": 50.6150, "on": "2024-06-01"}
UNCERTAIN = {"lon": 3.00671, "lat": 50.60889, "on": "2024-06-01", "accuracy_m": 30.0}
RECORDS = (INSIDE, OUTSIDE, UNCERTAIN)

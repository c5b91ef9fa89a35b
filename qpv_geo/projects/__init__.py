"""Funded projects: a checked table of them, where each one is, and sums that reconcile."""

from __future__ import annotations

from qpv_geo.projects.faults import CellFault, ProjectsError, ReconciliationError
from qpv_geo.projects.locations import locations
from qpv_geo.projects.model import Placement, Precision, Project, Projects, Theme
from qpv_geo.projects.places import OUTSIDE, UNCERTAIN, LineKind
from qpv_geo.projects.published import published_ids
from qpv_geo.projects.read import read_projects, read_source
from qpv_geo.projects.sums import KEYS, Line, Sums, sums

__all__ = [
    "KEYS",
    "OUTSIDE",
    "UNCERTAIN",
    "CellFault",
    "Line",
    "LineKind",
    "Placement",
    "Precision",
    "Project",
    "Projects",
    "ProjectsError",
    "ReconciliationError",
    "Sums",
    "Theme",
    "locations",
    "published_ids",
    "read_projects",
    "read_source",
    "sums",
]

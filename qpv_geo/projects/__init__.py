"""Funded projects: a checked table of them, where each one is, and sums that reconcile."""

from __future__ import annotations

from qpv_geo.projects.faults import CellFault, ProjectsError, ReconciliationError
from qpv_geo.projects.keys import KEYS
from qpv_geo.projects.locations import locations
from qpv_geo.projects.mapping import TableMapping, read_mapping
from qpv_geo.projects.model import Funding, Placement, Precision, Project, Projects
from qpv_geo.projects.places import OUTSIDE, UNCERTAIN, LineKind
from qpv_geo.projects.published import published_ids
from qpv_geo.projects.read import ProjectTableOptions, read_projects, read_source
from qpv_geo.projects.sums import CrossSums, Line, Sums, cross_sums, sums

__all__ = [
    "KEYS",
    "OUTSIDE",
    "UNCERTAIN",
    "CellFault",
    "CrossSums",
    "Funding",
    "Line",
    "LineKind",
    "Placement",
    "Precision",
    "Project",
    "ProjectTableOptions",
    "Projects",
    "ProjectsError",
    "ReconciliationError",
    "Sums",
    "TableMapping",
    "cross_sums",
    "locations",
    "published_ids",
    "read_mapping",
    "read_projects",
    "read_source",
    "sums",
]

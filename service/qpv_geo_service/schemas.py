"""Schemas of the responses, for OpenAPI only: responses are not built from them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from qpv_geo.model import Verdict
from qpv_geo_service.problems import Problem

VerdictOrProblem = Verdict | Problem


class Open(BaseModel):
    """An object that may have undocumented fields."""

    model_config = ConfigDict(extra="allow")


class Feature(Open):
    """A GeoJSON feature (RFC 7946)."""

    type: str = Field(pattern="^Feature$")
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class Features(Open):
    """A GeoJSON collection; when paged, with the counts and links of OGC API Features."""

    type: str = Field(pattern="^FeatureCollection$")
    features: list[Feature]
    numberMatched: int | None = None  # noqa: N815 - spelling of OGC API Features
    numberReturned: int | None = None  # noqa: N815
    links: list[dict[str, str]] | None = None
    coverage: str | dict[str, Any] | None = Field(
        default=None,
        description="Où le jeu est complet : `all`, `none` ou une géométrie ; ailleurs, un périmètre peut manquer.",
    )


class AnswerList(BaseModel):
    """The answers to a list of questions, in order: a verdict each, or the problem that prevents it."""

    answers: list[VerdictOrProblem]
    kept: list[KeptReference | None] | None = None


class AnsweredProperties(Open):
    """The properties of a feature, and what its site is answered: a verdict, or the problem that prevents it."""

    qpv: VerdictOrProblem


class AnsweredFeature(Open):
    """A GeoJSON feature that was asked about."""

    type: str = Field(pattern="^Feature$")
    properties: AnsweredProperties


class AnsweredFeatures(Open):
    """A GeoJSON collection that was asked about, each feature answered."""

    type: str = Field(pattern="^FeatureCollection$")
    features: list[AnsweredFeature]


class SchemeDocument(Open):
    """A scheme."""

    id: str = Field(examples=["fiq-poitiers"])
    label: str
    summary: str


class ProjectSums(Open):
    """A published table of projects and its sums; amounts are text, exact to the cent, null where none is published."""

    file: str = Field(examples=["fiq-2024"])
    by: str = Field(examples=["quartier"])
    lines: list[dict[str, Any]]
    total: str | None = Field(examples=["1000000.00"])
    count: int = Field(examples=[8])


class Job(BaseModel):
    """A file answered in the background; `share` is the part done, 0 to 1."""

    id: str
    state: str = Field(pattern="^(queued|running|done|failed)$")
    rows: int
    share: float = Field(ge=0.0, le=1.0)
    created_at: str
    ended_at: str | None
    expires_at: str | None
    file: str
    columns: dict[str, Any] | None
    summary: dict[str, Any] | None
    cause: str | None
    remedy: str | None
    links: dict[str, str]


class Reading(BaseModel):
    """How a file would be read, without answering it; `problem` says why it cannot be answered as it is."""

    file: str
    format: str
    header: list[str]
    preview: list[list[str]]
    columns: dict[str, Any] | None
    problem: str | None


class ListedRow(BaseModel):
    """The rows to verify that ask one question: what they ask, and why it has no firm answer.

    `row` and `position` are the number in the file and the position from 0 of the first of them, `count` how many they
    are, and `positions` those of all of them (of 20,000 rows of a list at most).
    """

    row: int
    position: int
    positions: list[int]
    count: int
    asked: str
    on: str | None
    status: str
    reason: str | None
    message: str | None


class ListedPoint(BaseModel):
    """Where a row was located."""

    row: int
    lon: float
    lat: float
    status: str


class CorrectedRow(BaseModel):
    """A row whose address was chosen: what the file asks, and what was asked instead."""

    row: int
    position: int
    asked: str
    q: str
    citycode: str | None


class ListedRows(BaseModel):
    """The rows to verify of a list, by question, and the points of all its rows; `count` is the number of rows.

    `corrections` are those that the list was checked with.
    """

    count: int
    rows: list[ListedRow]
    points: list[ListedPoint]
    corrections: list[CorrectedRow]


class KeptDecision(Open):
    """A human decision about a check that was kept."""

    sequence: int
    id: str
    created_at: str
    status: str
    code: str | None
    by: str | None
    reason: str | None


class KeptSummary(Open):
    """A check that was kept, without its record: what was computed, and what was decided."""

    sequence: int
    id: str
    created_at: str
    day: str | None
    status: str
    code: str | None
    name: str | None
    outcomes: dict[str, str]
    case: str | None
    purged: bool
    superseded_by: int | None
    decision: KeptDecision | None


class KeptChecks(BaseModel):
    """Checks that were kept, the newest first; `next` continues the list."""

    count: int
    checks: list[KeptSummary]
    next: int | None


class KeptCheck(KeptSummary):
    """A check that was kept, with its record and every entry about it."""

    record: dict[str, Any] | None
    history: list[dict[str, Any]]


class KeptReference(BaseModel):
    """Where a check was kept."""

    sequence: int
    id: str


class Health(BaseModel):
    """The service answers."""

    status: str = Field(examples=["ok"])
    version: str


class Ready(BaseModel):
    """Whether the data is loaded and intact; `faults` says what is wrong with each dataset."""

    ready: bool
    faults: dict[str, str]

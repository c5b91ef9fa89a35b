"""Recheck what is kept, when perimeters, addresses, rules or the software change; history is never rewritten.

Each block of checks is one transaction: an entry for each answer that changed, and one that says how far the recheck
is. A recheck that is stopped goes on from there, and one under the same data and options has nothing left to do but
the checks kept since.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.eligibility.compose import SOFTWARE
from qpv_geo.eligibility.evidence import canonical
from qpv_geo.errors import InputError
from qpv_geo.files import sha256_of
from qpv_geo.register.changes import AnswerChange, KeptAnswer, answer_of, change_of
from qpv_geo.register.drafts import RECHECK, RUN, Draft
from qpv_geo.register.filters import Filters
from qpv_geo.register.recomputed import Recomputer
from qpv_geo.schemes.load import load_schemes
from qpv_geo.schemes.npnru import lists

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qpv_geo.batch.addresses import Addresses
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.register.chain import Entry
    from qpv_geo.register.recomputed import Search
    from qpv_geo.register.store import Case, Register

BLOCK = 5_000
DISTANCE_M = 10.0
"""AnswerChange of the distance to the limit, in metres, that is worth telling."""


@dataclass(frozen=True)
class RecheckOptions:
    """Options of a recheck.

    Attributes
    ----------
    generation
        Generation to use whatever the date; by default the one in force on the date of each question still answers.
    addresses
        Whether to search the addresses again in the installed indexes, rather than use what was found then.
    distance_m
        AnswerChange of the distance to the limit, in metres, up to which an answer is unchanged.
    """

    generation: str | None = None
    addresses: bool = False
    distance_m: float = DISTANCE_M


@dataclass(frozen=True)
class Changed:
    """A check whose answer changed.

    Attributes
    ----------
    case
        The check, with what was decided.
    """

    case: Case
    change: AnswerChange
    before: KeptAnswer
    after: KeptAnswer


@dataclass(frozen=True)
class RecheckReport:
    """The result of a recheck.

    Attributes
    ----------
    basis
        What it was computed with: perimeters, schemes, thresholds, software, options.
    counts
        Number of checks for each value of `AnswerChange`.
    purged
        Number of checks that cannot be computed again, as they were purged.
    changed
        The checks that changed, in the order of `AnswerChange`; superseded and purged ones are left out.
    """

    basis: dict[str, Any]
    counts: dict[str, int]
    purged: int
    changed: list[Changed]


def recheck(
    register: Register,
    checker: Checker,
    options: RecheckOptions | None = None,
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> RecheckReport:
    """Compute the kept checks again, record those that changed, and report them.

    Parameters
    ----------
    progress
        Called with the number of checks done, and of all to do.

    Raises
    ------
    InputError
        There is no such generation.
    MissingError
        There is no register.
    IntegrityError
        A file of perimeters changed on disk.
    """
    options = options or RecheckOptions()
    if options.generation is not None:
        checker.catalogue.generation(options.generation)
    with _searching(checker, options) as (addresses, search):
        basis = _basis(checker, options, addresses)
        recomputer = Recomputer(checker, generation=options.generation, search=search)
        done = _Run(register, recomputer, basis, options).finish(progress)
    order = list(AnswerChange)
    changed = sorted(_changed(register, _id(basis)), key=lambda one: (order.index(one.change), one.case.check.sequence))
    return RecheckReport(basis, _in_order(done.counts), done.purged, changed)


class _Run:
    """A recheck that goes on from where the last one under the same basis stopped."""

    def __init__(
        self, register: Register, recomputer: Recomputer, basis: dict[str, Any], options: RecheckOptions
    ) -> None:
        self._register, self._recomputer, self._options = register, recomputer, options
        self._basis, self._id = basis, _id(basis)
        self.counts: Counter[str] = Counter()
        self.purged, self._through = 0, 0
        if last := self._last():
            self.counts, self.purged = Counter(last["counts"]), last["purged"]
            self._through = last["through"]

    def _last(self) -> dict[str, Any] | None:
        """Return how far the rechecks under this basis are."""
        found = [one.document for one in self._register.entries(kinds=(RUN,))]
        return next((one for one in reversed(found) if one["basis_id"] == self._id), None)

    def finish(self, progress: Callable[[int, int], None]) -> _Run:
        done, every = 0, self._register.count(Filters())
        block: list[Entry] = []
        for entry in self._register.checks(after=self._through):
            block.append(entry)
            if len(block) == BLOCK:
                self._keep(block)
                done += len(block)
                progress(done, every)
                block = []
        if block:
            self._keep(block)
            progress(done + len(block), every)
        return self

    def _keep(self, block: list[Entry]) -> None:
        known = [one for one in block if not one.purged]
        records = [one.document["record"] for one in known]
        drafts = []
        counts: Counter[str] = Counter()
        for entry, record, after in zip(known, records, self._recomputer.answers(records), strict=True):
            before = answer_of(record)
            change = change_of(before, after, same=self._recomputer.same_quartier, distance_m=self._options.distance_m)
            counts[str(change)] += 1
            if change is not AnswerChange.UNCHANGED:
                drafts.append(self._draft(entry, change, before, after))
        self.counts += counts
        before_this = self._through
        self.purged += len(block) - len(known)
        self._through = block[-1].sequence
        progress = {"through": self._through, "counts": dict(self.counts), "purged": self.purged}
        drafts.append(Draft(RUN, document={"basis_id": self._id, "basis": self._basis, **progress}))
        with self._register.database.writing() as connection:
            if ((self._last() or {}).get("through", 0)) != before_this:
                raise InputError(msg.register_errors.recheck_in_progress())
            self._register.append(connection, drafts)

    def _draft(self, entry: Entry, change: AnswerChange, before: KeptAnswer, after: KeptAnswer) -> Draft:
        return Draft(
            RECHECK,
            root=entry.sequence,
            day=entry.day,
            status=after.status,
            code=after.code,
            name=after.name,
            generation=after.generation,
            outcomes=after.outcomes,
            document={
                "origin": f"{self._id}:{entry.sequence}",
                "change": str(change),
                "before": before.to_dict(),
                "after": after.to_dict(),
            },
        )


def _changed(register: Register, basis_id: str) -> Iterator[Changed]:
    """Return what the rechecks under a basis found to have changed."""
    found = {one.root: one for one in register.of_origin(f"{basis_id}:")}
    for case in register.cases_of([root for root in found if root is not None]):
        document = found[case.check.sequence].document
        if document and case.superseded_by is None:
            before, after = (KeptAnswer(**document[key]) for key in ("before", "after"))
            yield Changed(case, AnswerChange(document["change"]), before, after)


@contextmanager
def _searching(checker: Checker, options: RecheckOptions) -> Iterator[tuple[Addresses | None, Search | None]]:
    if not options.addresses:
        yield None, None
        return
    from qpv_geo.batch.addresses import Addresses  # noqa: PLC0415 - starts processes: for this option only

    with ExitStack() as stack:
        addresses = stack.enter_context(Addresses(checker.settings, offline=True, cached=False))
        find = addresses.finding()
        yield addresses, lambda queries: find(queries)()


def _basis(checker: Checker, options: RecheckOptions, addresses: Addresses | None) -> dict[str, Any]:
    """Return all that the answers of a recheck depend on."""
    home, generations = checker.settings.home, checker.catalogue.registry.generations
    return {
        "software": SOFTWARE,
        "options": asdict(options),
        "perimeters": sorted([one.dataset.id, one.dataset.sha256] for one in checker.catalogue.entries()),
        "schemes": [[one.id, one.sha256] for one in load_schemes(home, generations=generations)],
        "conventions": sha256_of(lists(home)),
        "thresholds": asdict(checker.settings.thresholds),
        "addresses": None if addresses is None else addresses.identity(),
    }


def _id(basis: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(basis)).hexdigest()[:32]


def _in_order(counts: Counter[str]) -> dict[str, int]:
    return {str(change): counts[str(change)] for change in AnswerChange if counts[str(change)]}

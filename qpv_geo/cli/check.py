"""`qpv check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.cli.show import STATUS_COLOURS, echo, echo_facts, echo_json, echo_paragraph, show_decision, style
from qpv_geo.eligibility.check import default_checker
from qpv_geo.eligibility.location import read_site
from qpv_geo.errors import InputError
from qpv_geo.extras import needed
from qpv_geo.messages.typography import joined
from qpv_geo.reports import asked as told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.protocol import Geocoder
    from qpv_geo.model import Verdict
    from qpv_geo.schemes.model import SchemeDecision


def check(
    address: str | None,
    postcode: str | None,
    citycode: str | None,
    offline: bool,
    no_cache: bool,
    lon: float | None,
    lat: float | None,
    site: str | None,
    layer: str | None,
    encoding: str | None,
    on: str | None,
    generation: str | None,
    accuracy: float,
    kinds: tuple[str, ...],
    schemes: tuple[str, ...],
    amount: float | None,
    answers: tuple[str, ...],
    pdf: str | None,
    shape: str,
    save: bool,
    **labels: str | None,
) -> None:
    heading = {name: labels[name] for name in ("case", "service")} if pdf is not None or shape == "text" else {}
    refuse_labels({name: value for name, value in labels.items() if name not in heading}, save=save)
    if site is None and (layer, encoding) != (None, None):
        raise InputError(msg.cli.needs_site())
    _refuse_needless(schemes, amount, answers)
    checker = default_checker()
    options: dict[str, Any] = {"postcode": postcode, "citycode": citycode}
    options |= {"on": on, "generation": generation, "kinds": kinds}
    if address == "-":
        from qpv_geo.cli.check_lines import check_lines  # noqa: PLC0415 - needed for this argument only

        if save or accuracy or schemes or any(heading.values()) or (pdf, lon, lat, site) != (None, None, None, None):
            raise InputError(msg.cli.lines_alone())
        check_lines(checker, _geocoder(checker, offline=offline, cached=not no_cache), options)
        return
    verdict = checker.check(
        address=address,
        geocoder=None if address is None else _geocoder(checker, offline=offline, cached=not no_cache),
        lon=lon,
        lat=lat,
        site=None if site is None else read_site(Path(site), layer=layer, encoding=encoding),
        accuracy_m=accuracy,
        **options,
    )
    verdict, decisions = _with_decisions(checker, verdict, schemes, amount, answers)
    if pdf is not None:
        _write_fiche(checker, verdict, Path(pdf), decisions, heading)
    if save:
        from qpv_geo.cli.register import keep_verdict  # noqa: PLC0415 - needed for this option only

        keep_verdict(verdict, labels)
    if shape == "json":
        echo_json(verdict.to_dict())
    else:
        _show(verdict, decisions, msg.fiche.case_of(**heading))


def _refuse_needless(schemes: tuple[str, ...], amount: float | None, answers: tuple[str, ...]) -> None:
    if amount is None and not answers:
        return
    from qpv_geo.schemes.answers import refuse_without_scheme  # noqa: PLC0415 - needed for these options only

    refuse_without_scheme(schemes, amount=amount, answers=answers)


def refuse_labels(labels: Mapping[str, str | None], *, save: bool) -> None:
    """Raise `InputError` for what is kept with a check if the check is not."""
    given = [f"--{name.replace('_', '-')}" for name, value in labels.items() if value is not None]
    if given and not save:
        raise InputError(msg.register_errors.saving_without_save(given))


def _geocoder(checker: Checker, *, offline: bool, cached: bool) -> Geocoder:

    from qpv_geo.geocoding.resolve import geocoder_of  # noqa: PLC0415 - a check of coordinates does without

    return geocoder_of(checker.settings, offline=offline, cached=cached)


def _write_fiche(
    checker: Checker, verdict: Verdict, path: Path, decisions: list[SchemeDecision], heading: Mapping[str, str | None]
) -> None:
    with needed("reports"):
        from qpv_geo.reports.fiche import write_fiche  # noqa: PLC0415 - needed for this option only
    from qpv_geo.reports.places import perimeters_of  # noqa: PLC0415
    from qpv_geo.reports.streets import streets_of  # noqa: PLC0415

    perimeters, streets = perimeters_of(verdict, checker.catalogue), streets_of(checker.settings)
    write_fiche(verdict, path, perimeters=perimeters, decisions=decisions, streets=streets, **heading)
    echo(msg.cli.fiche_written(str(path)), err=True)


def _with_decisions(
    checker: Checker, verdict: Verdict, schemes: tuple[str, ...], amount: float | None, answers: tuple[str, ...]
) -> tuple[Verdict, list[SchemeDecision]]:
    """Return the verdict with the decisions of schemes under its digest, and the decisions."""
    if not schemes:
        return verdict, []
    from qpv_geo.schemes.answers import read_answers  # noqa: PLC0415 - needed for this option only
    from qpv_geo.schemes.evaluate import decide_schemes  # noqa: PLC0415
    from qpv_geo.schemes.records import with_schemes  # noqa: PLC0415

    given = read_answers(answers, between="=")
    decisions = decide_schemes(schemes, verdict, checker=checker, amount=amount, answers=given)
    return with_schemes(verdict, decisions), decisions


def _show(verdict: Verdict, decisions: Sequence[SchemeDecision], case: str) -> None:
    evidence = verdict.evidence
    if case:
        echo(case)
    words = msg.cli.STATUS if told.is_about_qpv(verdict) else msg.cli.STATUS | msg.cli.STATUS_OTHER_KINDS
    echo(style(words[verdict.status], fg=STATUS_COLOURS[verdict.status], bold=True))
    echo_paragraph(verdict.message)
    if verdict.generation and told.is_to_come(verdict):
        echo_paragraph(msg.cli.FUTURE)
    echo()
    echo_facts(_facts(verdict))
    echo()
    if verdict.remedy is not None:
        echo_paragraph(msg.cli.remedy(verdict.remedy))
        echo()
    echo_paragraph(evidence.notice)
    for decision in decisions:
        echo()
        show_decision(decision)


def _facts(verdict: Verdict) -> list[tuple[str, str]]:
    evidence = verdict.evidence
    matches = [
        msg.cli.matched(
            msg.verdicts.named(one.name, one.code),
            msg.cli.KIND.get(one.kind, one.kind),
            None if one.share_inside is None else msg.verdicts.percent(one.share_inside),
        )
        for one in verdict.perimeters
    ]
    return [
        *_place_facts(verdict),
        (msg.cli.DATE, told.dated(verdict)),
        (msg.cli.REASON_LABEL, msg.cli.REASON[verdict.reason]),
        (
            msg.cli.SHARE if told.is_about_qpv(verdict) else msg.cli.SHARE_OTHER_KINDS,
            "" if verdict.share_inside is None else msg.verdicts.percent(verdict.share_inside),
        ),
        (msg.cli.EDGE, _edge(verdict)),
        *_address_facts(verdict),
        *((msg.cli.STATED, msg.cli.stated(one.text, one.source)) for one in verdict.statements),
        *((msg.cli.PERIMETERS_LABEL if k == 0 else "", match) for k, match in enumerate(matches)),
        (msg.cli.DECREES, joined(evidence.decrees)),
        ("", msg.verdicts.decree_note(evidence.decrees)),
        (msg.cli.DATA, msg.cli.data(evidence.title, evidence.edition, evidence.sha256)),
        (msg.cli.FINGERPRINT, msg.cli.fingerprint(evidence.digest)),
    ]


def _address_facts(verdict: Verdict) -> list[tuple[str, str]]:
    """Return the lines of an address decided by several points: candidates, or the sides of a street."""
    words = told.short_words(verdict)
    streets = [
        (
            msg.cli.SIDES[one.side],
            msg.cli.side(
                (words[status], ", ".join(getattr(one, status))) for status in ("inside", "outside", "uncertain")
            ),
        )
        for one in verdict.street
    ]
    places = told.candidates(verdict)
    return [*((msg.cli.CANDIDATES if k == 0 else "", place) for k, place in enumerate(places)), *streets]


def _place_facts(verdict: Verdict) -> list[tuple[str, str]]:
    """Return the lines of the place; for an address: what was asked, what was found, and how they agree."""
    address = told.asked_address(verdict)
    if address is None:
        return [(msg.cli.PLACE, _place(verdict))]
    return [
        (msg.addresses.ASKED, address),
        (msg.addresses.FOUND, _place(verdict)),
        ("", told.compared(verdict)),
    ]


def _place(verdict: Verdict) -> str:
    location = verdict.location
    if location.point is None:
        return told.found_without_point(verdict)
    lon, lat, accuracy_m = location.point
    if location.type == "site":
        return msg.cli.site(lon, lat)
    if location.label is not None:
        score = None if location.type in told.UNRANKED else msg.verdicts.number(location.score or 0.0, 2)
        return msg.cli.found(
            location.label, score, msg.verdicts.metres(accuracy_m) if accuracy_m else None, location.source
        )
    return msg.cli.point(lon, lat, msg.verdicts.metres(accuracy_m) if accuracy_m else None)


def _edge(verdict: Verdict) -> str:
    if verdict.nearest is None:
        return ""
    name = msg.verdicts.named(verdict.nearest.name, verdict.nearest.code)
    return msg.cli.edge(msg.verdicts.metres(verdict.nearest.distance_m), verdict.nearest.distance_m, name)

"""Records: whatever is changed in one is found, and those of earlier releases are read by their own shape."""

from __future__ import annotations

import copy
import io
import json
import re
from pathlib import Path

import pypdf
import pytest
from examples import examples
from fake_geocoder import FakeGeocoder, candidate, offline_index, row
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from real_towns import LOOS

import qpv_geo
from qpv_geo.eligibility.check import default_checker
from qpv_geo.eligibility.evidence import canonical, digest
from qpv_geo.errors import FormatError, InputError, QpvGeoError
from qpv_geo.schemes.evaluate import decide_schemes
from qpv_geo.schemes.records import with_schemes

ON = "2024-06-01"
OLIVEAUX = {"lon": 3.00671, "lat": 50.60889}
SITE = {"type": "Polygon", "coordinates": [[[3.004, 50.608], [3.009, 50.608], [3.009, 50.611], [3.004, 50.608]]]}
STREET = [3.0050 + 0.0002 * number for number in range(20)]
"""Longitudes of house numbers in Loos, on both sides of a boundary."""
EARLIER = Path(__file__).resolve().parents[1] / "data/records"
OF_POINT = ("--lon", OLIVEAUX["lon"], "--lat", OLIVEAUX["lat"], "--on", ON)


def verdict_with_schemes(*ids, amount=None, answers=None, **question):
    verdict = qpv_geo.check(**question, on=ON)
    decisions = decide_schemes(ids, verdict, checker=default_checker(), amount=amount, answers=answers)
    return with_schemes(verdict, decisions)


class Records(list):
    """Records, too long to be written with an example that fails."""

    def __repr__(self):
        return f"<{len(self)} records>"


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """Records of every kind of question, on the embedded perimeters."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QPV_GEO_HOME", str(tmp_path_factory.mktemp("home")))
        rows = [
            row(0, 0, 1 + number, "Rue des Essais", **LOOS.columns() | {"lon": lon, "lat": 50.60889})
            for number, lon in enumerate(STREET)
        ]
        index = offline_index(tmp_path_factory.mktemp("index"), *rows)
        two = [candidate(0, 0, "1 Rue Double", **OLIVEAUX), candidate(0, 0, "1 Rue Double", lon=3.02, lat=50.6)]
        geocoder = FakeGeocoder({"1 rue Double": two})
        verdicts = [
            qpv_geo.check(**OLIVEAUX, on=ON),
            qpv_geo.check(**OLIVEAUX, accuracy_m=30, on=ON, generation="qpv-2024"),
            qpv_geo.check(site=SITE, on=ON),
            qpv_geo.check(lon=4.8, lat=45.7, on=ON),
            qpv_geo.check(address="rue des Essais, Loos", geocoder=index, on=ON),
            qpv_geo.check(address="1 rue Double", geocoder=geocoder, on=ON),
            qpv_geo.check(address="nulle part", geocoder=geocoder, on=ON),
            qpv_geo.check(address="Poitiers", geocoder=geocoder, on=ON),
            verdict_with_schemes("pic-loos", "fiq-poitiers", amount=2_000, **OLIVEAUX),
            verdict_with_schemes("tva-accession", site=SITE, answers={"prix": True, "ressources": False}),
            verdict_with_schemes("ftu-loos", address="1 rue Double", geocoder=geocoder),
        ]
    assert verdicts[4].street
    assert verdicts[5].candidates
    assert len(verdicts) == 11
    return Records(verdict.to_dict() for verdict in verdicts)


# ── Whatever is changed ──────────────────────────────────────────────────────────────────────────────────────

finite = st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | finite | st.text(max_size=8)
json_values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.text(max_size=5), scalars, max_size=3)


def places(value, path=()):
    """Yield the path of every value in a JSON document."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def written(path):
    """Return a path as differences write it."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


mutations = st.fixed_dictionaries(
    {
        "record": st.integers(0, 10),
        "place": st.integers(0, 10**6),
        "how": st.sampled_from(["change", "remove", "add"]),
        "value": json_values,
        "key": st.text(max_size=5),
    }
)


def mutated(records, mutation, allowed=lambda _: True):
    """Return a record, a copy in which one value was changed, removed or added, and where."""
    record = records[mutation["record"]]
    forged = copy.deepcopy(record)
    paths = [path for path in places(record) if allowed(path)]
    path = paths[mutation["place"] % len(paths)]
    parent = forged
    for key in path[:-1]:
        parent = parent[key]
    if mutation["how"] == "remove":
        del parent[path[-1]]
    elif mutation["how"] == "change":
        parent[path[-1]] = mutation["value"]
    elif isinstance(parent, list):
        parent.insert(path[-1], mutation["value"])
    else:
        key = mutation["key"]
        path = (*path[:-1], key if key not in parent else f"{key}_")
        parent[path[-1]] = mutation["value"]
    return record, forged, path


def is_same(one, other):
    try:
        return canonical(one) == canonical(other)
    except TypeError:
        return False


def verified(forged, path):
    """Return the verification of a forged record, None if it is refused: for its evidence or for what it lacks."""
    try:
        return qpv_geo.verify(forged)
    except QpvGeoError:
        assert path[0] == "evidence" or path[0] not in forged or not is_json(forged)
        return None


def is_json(document):
    try:
        canonical(document)
    except TypeError:
        return False
    return True


@examples(30, of=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutation=mutations)
def test_whatever_is_changed_a_record_is_neither_intact_nor_identical(records, mutation):
    record, forged, path = mutated(records, mutation)
    if is_same(forged, record):
        return
    found = verified(forged, path)
    if found is not None:
        assert (found.intact, found.identical) == (False, False)


def can_be_recomputed(path):
    return path[:2] not in {("evidence", "input"), ("evidence", "digest"), ("evidence", "checked_at")} and path != (
        "evidence",
    )


@examples(30, of=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutation=mutations)
def test_a_forger_who_writes_the_digest_again_is_found_and_what_was_changed_is_named(records, mutation):
    record, forged, path = mutated(records, mutation, can_be_recomputed)
    if is_same(forged, record) or not is_json(forged):
        return
    if "evidence" in forged:
        forged["evidence"]["digest"] = digest(forged)
    found = verified(forged, path)
    if found is not None:
        assert (found.intact, found.identical) == (True, False)
        assert any(one.field.startswith(written(path[:-1])) for one in found.differences)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_in_json_is_refused(records, number):
    with pytest.raises(FormatError, match="valeur illisible"):
        qpv_geo.verify(records[0] | {"distance_m": float(number)})


def test_what_nobody_changed_is_identical(records):
    for record in records:
        found = qpv_geo.verify(json.loads(json.dumps(record)))
        assert (found.intact, found.same_answer, found.identical, found.differences) == (True, True, True, ())


def forged_scheme(record, field, value):
    forged = copy.deepcopy(record)
    forged["schemes"][0][field] = value
    return forged


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("outcome", "eligible", "answer"),
        ("spatial", "not_met", "answer"),
        ("message", "Projet d’initiative citoyenne (PIC), Loos : éligible.", "wording"),
        ("amount", 20.0, "answer"),
        ("date_used", "2025-01-01", "answer"),
        ("label", "Autre dispositif", "wording"),
    ],
)
def test_a_forged_decision_is_named_with_both_values(records, field, value, what):
    record = records[8]
    forged = forged_scheme(record, field, value)
    found = qpv_geo.verify(forged)
    assert (found.intact, found.same_answer, found.identical) == (False, False, False)
    [one] = found.differences
    expected = (what, f"schemes[0].{field}", value, record["schemes"][0][field], "changed")
    assert (one.what, one.field, one.recorded, one.computed, one.change) == expected


def test_a_decision_that_is_removed_or_added_is_named(records):
    with_two, without = copy.deepcopy(records[8]), copy.deepcopy(records[0])
    removed = with_two["schemes"].pop()
    [one] = [one for one in qpv_geo.verify(with_two).differences if one.field == "schemes[1]"]
    assert (one.recorded, one.computed, one.change) == (None, removed, "removed")
    without["schemes"] = [records[8]["schemes"][0] | {"outcome": "eligible"}]
    assert [one.field for one in qpv_geo.verify(without).differences] == ["schemes[0].outcome"]


def test_the_answers_given_are_under_the_digest_as_declared(records):
    record = records[9]
    assert record["evidence"]["input"]["answers"] == {"prix": True, "ressources": False}
    answered = {one["id"]: (one["answer"], one["by"]) for one in record["schemes"][0]["questions"]}
    assert answered["prix"] == (True, "declared")
    assert answered["ressources"] == (False, "declared")
    assert answered["contrat-de-ville"] == (None, None)
    assert record["schemes"][0]["outcome"] == "not_eligible"


def forged_question(record, name, **changes):
    forged = copy.deepcopy(record)
    next(one for one in forged["schemes"][0]["questions"] if one["id"] == name).update(changes)
    return forged


@pytest.mark.parametrize("sealed_again", [False, True])
@pytest.mark.parametrize(
    ("name", "changes"),
    [("ressources", {"answer": True}), ("prix", {"by": "npnru"}), ("contrat-de-ville", {"answer": True})],
)
def test_a_forged_answer_is_found(records, name, changes, sealed_again):
    forged = forged_question(records[9], name, **changes)
    if sealed_again:
        forged["evidence"]["digest"] = digest(forged)
    found = qpv_geo.verify(forged)
    assert (found.intact, found.same_answer, found.identical) == (sealed_again, False, False)
    [(field, value)] = changes.items()
    [one] = found.differences
    assert (one.what, one.field.rpartition(".")[2], one.recorded) == ("answer", field, value)


def test_an_answer_forged_in_the_question_alone_is_found_by_what_follows_from_it(records):
    forged = copy.deepcopy(records[9])
    forged["evidence"]["input"]["answers"]["ressources"] = True
    forged["evidence"]["digest"] = digest(forged)
    found = qpv_geo.verify(forged)
    assert (found.intact, found.same_answer, found.unexplained) == (True, False, True)
    assert {"schemes[0].outcome", "schemes[0].message"} <= {one.field for one in found.differences}


@pytest.mark.parametrize("answers", [{"prix": "non"}, {"prix": 1}, {"prix": None}, {"inconnue": True}, 3, ["prix"]])
def test_answers_that_nobody_could_have_given_are_refused(records, answers):
    forged = copy.deepcopy(records[9])
    forged["evidence"]["input"]["answers"] = answers
    with pytest.raises(QpvGeoError) as refused:
        qpv_geo.verify(forged)
    assert "\n" not in str(refused.value)


# ── Every door ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_decisions_asked_are_under_the_digest_at_the_command_line_and_on_the_fiche(qpv, tmp_path):
    schemes = ("--scheme", "pic-loos", "--scheme", "fiq-poitiers", "--amount", 2000)
    record = json.loads(qpv("check", *OF_POINT, *schemes, "--format", "json", "--pdf", tmp_path / "fiche.pdf").out)
    bare = json.loads(qpv("check", *OF_POINT, "--format", "json").out)
    assert record["evidence"]["input"] == bare["evidence"]["input"] | {
        "schemes": ["pic-loos", "fiq-poitiers"],
        "amount": 2000.0,
    }
    assert record["evidence"]["digest"] != bare["evidence"]["digest"]
    assert record["evidence"]["digest"] == digest(record)
    assert record["evidence"]["digest"][:16] in qpv("check", *OF_POINT, *schemes).out
    [page] = pypdf.PdfReader(io.BytesIO((tmp_path / "fiche.pdf").read_bytes())).pages
    assert record["evidence"]["digest"] in page.extract_text()


def test_the_command_names_each_difference_with_both_values(qpv, records, tmp_path):
    path = tmp_path / "verdict.json"
    path.write_text(json.dumps(forged_scheme(records[8], "outcome", "eligible") | {"note": 1}), encoding="utf-8")
    answer = qpv("verify", path)
    assert answer.code == 0
    assert "RÉPONSE MODIFIÉE" in answer.out
    assert "IDENTIQUE" not in answer.out
    assert "réponse, schemes[0].outcome : eligible → not_eligible" in answer.out
    assert "réponse, note : 1 → (absent)" in answer.out
    told = json.loads(qpv("verify", path, "--format", "json").out)
    added = {"what": "answer", "field": "note", "recorded": 1, "computed": None, "change": "added"}
    assert added in told["differences"]
    assert (told["intact"], told["same_answer"], told["identical"]) == (False, False, False)


def test_a_message_forged_under_its_own_digest_is_told(qpv, records, tmp_path):
    path = tmp_path / "verdict.json"
    record = records[0] | {"message": "Ce point est hors QPV."}
    record["evidence"] = record["evidence"] | {"digest": digest(record)}
    path.write_text(json.dumps(record), encoding="utf-8")
    found = qpv_geo.verify(path)
    assert (found.intact, found.same_answer, found.identical, found.unexplained) == (True, False, False, True)
    assert "n’a donc pas été calculée telle qu’elle est écrite" in " ".join(qpv("verify", path).out.split())


def test_a_field_given_twice_is_refused(records, tmp_path):
    path = tmp_path / "verdict.json"
    path.write_text(json.dumps(records[0])[:-1] + ', "status": "inside"}', encoding="utf-8")
    with pytest.raises(FormatError, match="« status » y figure deux fois"):
        qpv_geo.verify(path)


# ── Other releases ───────────────────────────────────────────────────────────────────────────────────────────


def is_of_later_readings(field):
    """Tell whether a field says what the rules asked in answer to, which were read again since."""
    return re.sub(r"\[\d+\]", "", field) in {
        *("schemes.questions", "schemes.known_until", "schemes.reasons.result", "schemes.steps"),
    }


@pytest.mark.parametrize("path", sorted(EARLIER.glob("*.json")), ids=lambda path: path.stem)
def test_a_record_made_before_schemes_were_under_the_digest_is_read(path):
    found = qpv_geo.verify(path)
    assert (found.intact, found.unexplained) == (True, False)
    of_answer = [one.field for one in found.differences if one.what == "answer"]
    assert [field for field in of_answer if not is_of_later_readings(field)] == []
    assert not of_answer or any(one.field.endswith("scheme_sha256") for one in found.differences)


def test_a_decision_forged_beside_an_earlier_record_is_named():
    record = json.loads((EARLIER / "0.1.0-schemes.json").read_text(encoding="utf-8"))
    found = qpv_geo.verify(forged_scheme(record, "outcome", "eligible"))
    assert (found.same_answer, found.identical) == (False, False)
    of_answer = [one for one in found.differences if one.what == "answer" and not is_of_later_readings(one.field)]
    assert [(one.field, one.recorded, one.computed) for one in of_answer] == [
        ("schemes[0].outcome", "eligible", "not_eligible")
    ]


@pytest.mark.parametrize(
    ("former", "successors"), [("tva-5-5", ("tva-accession",)), ("tfpb", ("tfpb-1383-c-ter", "tfpb-1388-bis"))]
)
def test_a_record_of_a_former_scheme_says_what_replaces_it(qpv, tmp_path, former, successors):
    record = json.loads((EARLIER / "0.1.0-schemes.json").read_text(encoding="utf-8"))
    path = tmp_path / "verdict.json"
    path.write_text(json.dumps(forged_scheme(record, "scheme", former)), encoding="utf-8")
    answer = qpv("verify", path)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert f"le dispositif « {former} » n’existe plus sous ce nom" in answer.err
    assert all(f"« {one} »" in answer.err for one in successors)


def of_release(record, release, **changes):
    record = copy.deepcopy(record) | changes
    record["evidence"]["software"] = f"qpv-geo {release}"
    record["evidence"]["digest"] = digest(record)
    return record


def test_other_words_of_an_earlier_release_are_the_same_answer(records):
    record = of_release(records[0], "0.0.9", message="Ce point est dans Les Oliveaux (QPV).")
    found = qpv_geo.verify(record)
    assert (found.intact, found.same_answer, found.identical, found.unexplained) == (True, True, False, False)
    assert {(one.what, one.field) for one in found.differences} == {
        ("wording", "message"),
        ("software", "evidence.software"),
    }
    forged = of_release(records[0], "0.0.9", status="outside")
    assert not qpv_geo.verify(forged).same_answer


@pytest.mark.parametrize("release", ["99.0.0", "0.1.0.1", "deux"])
def test_a_shape_that_is_not_known_is_refused_in_one_line(qpv, records, release, tmp_path):
    path = tmp_path / "verdict.json"
    path.write_text(json.dumps(of_release(records[0], release)), encoding="utf-8")
    answer = qpv("verify", path)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert f"« qpv-geo {release} »" in answer.err


def test_a_scheme_that_is_not_known_here_is_told(records):
    record = copy.deepcopy(records[8])
    record["evidence"]["input"]["schemes"][0] = "ailleurs"
    with pytest.raises(InputError, match="ailleurs"):
        qpv_geo.verify(record)

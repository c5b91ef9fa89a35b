"""The register is append-only, orders what is written, and finds it again."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from dataclasses import replace

import pytest

from qpv_geo.errors import FormatError, InputError, MissingError
from qpv_geo.register.audit import audit
from qpv_geo.register.decisions import decide
from qpv_geo.register.drafts import Labels
from qpv_geo.register.filters import Filters


@pytest.fixture
def kept(register, records):
    """Three checks: inside, outside, uncertain, with cases A-1, A-2, A-3."""
    return register.keep([(one, Labels(case=f"A-{k}", service="Habitat")) for k, one in enumerate(records, 1)])


def cases(register, **filters):
    return [one.check.document["case"] for one in register.cases(Filters(**filters))]


def test_what_is_kept_is_read_back_whole(register, kept, records):
    assert [one.sequence for one in kept] == [1, 2, 3]
    found = [register.find(str(k)) for k in (1, 2, 3)]
    assert found == kept
    assert [one.document["record"] for one in found] == records
    assert [one.status for one in found] == ["inside", "outside", "uncertain"]
    assert [one.code for one in found] == ["QN05975M", None, "QN05975M"]
    assert register.find(kept[1].id) == kept[1]


def test_the_beginning_of_an_id_is_enough_though_it_be_digits_alone(register, records):
    kept = register.keep([(one, Labels()) for one in records * 200])
    digits_alone = [one for one in kept if one.id[:8].isdecimal()]  # one in 43
    assert [register.find(one.id[:8]) for one in digits_alone] == digits_alone
    assert digits_alone


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["A-1", "A-2", "A-3"]),
        ({"status": "uncertain"}, ["A-3"]),
        ({"quartier": "QN05975M"}, ["A-1", "A-3"]),
        ({"quartier": "oliveaux"}, ["A-1", "A-3"]),
        ({"quartier": "100%"}, []),
        ({"case": "A-2"}, ["A-2"]),
        ({"since": "2026-03-01", "until": "2026-03-01"}, ["A-1", "A-2", "A-3"]),
        ({"since": "2026-03-02"}, []),
        ({"until": "2026-02-28"}, []),
        ({"scheme": "pic-loos"}, []),
        ({"address": "3.00671 50.60889"}, ["A-1", "A-3"]),
    ],
)
def test_filters(register, kept, filters, expected):  # noqa: ARG001 - what is filtered
    assert cases(register, **filters) == expected
    assert register.count(Filters(**filters)) == len(expected)


def test_a_scheme_and_its_outcome_are_found(qpv, register):
    point = ("check", "--lon", "3.00671", "--lat", "50.60889", "--on", "2024-06-01", "--save")
    assert qpv(*point, "--scheme", "pic-loos", "--case", "B").code == 0
    assert cases(register, scheme="pic-loos") == ["B"]
    assert cases(register, scheme="pic-loos", outcome="place_ok") == ["B"]
    assert cases(register, outcome="eligible") == cases(register, scheme="ftu-loos") == []


def test_a_decision_is_beside_the_verdict_and_decides_what_is_listed(register, kept):  # noqa: ARG001 - what is decided
    entry = decide(register, "3", status="outside", reason="Plan vu", by="Mme Essai")
    case = register.case("3")
    assert (case.check.status, case.decision) == ("uncertain", entry)
    assert cases(register, status="uncertain") == []
    assert cases(register, status="outside") == ["A-2", "A-3"]
    assert cases(register, quartier="QN05975M") == ["A-1"]
    again = decide(register, "3", status="inside", reason="Relevé du géomètre", by="Mme Essai")
    assert again.supersedes == entry.sequence
    assert register.case(again.id).decision == again
    assert [one.sequence for one in register.history(3)] == [3, 4, 5]
    assert cases(register, quartier="oliveaux") == ["A-1", "A-3"]


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("9", {}, "«\u00a09\u00a0»"),
        ("3", {"status": "dedans"}, "«\u00a0dedans\u00a0»"),
        ("3", {"reason": " "}, "motif"),
        ("3", {"by": ""}, "nom"),
        ("4", {}, "n’est pas une vérification"),
    ],
)
def test_a_decision_that_cannot_be_kept(register, kept, name, change, told):  # noqa: ARG001 - what is decided
    decide(register, "1", status="outside", reason="Plan vu", by="Mme Essai")
    with pytest.raises(InputError, match=told):
        decide(register, name, **{"status": "inside", "reason": "Plan vu", "by": "Mme Essai"} | change)
    assert register.head().sequence == 4


def test_a_later_check_supersedes_one_and_only_one(register, kept, records):  # noqa: ARG001 - what is superseded
    labels = Labels(case="A-3", supersedes=3, reason="Numéro corrigé")
    [later] = register.keep([(records[0], labels)])
    assert register.case("3").superseded_by == later.sequence
    assert cases(register, current=True) == ["A-1", "A-2", "A-3"]
    assert [one.check.sequence for one in register.cases(Filters(current=True))] == [1, 2, 4]
    with pytest.raises(InputError, match="« 4 »"):
        register.keep([(records[0], labels)])
    assert register.head().sequence == 4


def test_the_same_origin_is_kept_once(register, records):
    labels = [Labels(origin=f"essai:{k}") for k in range(3)]
    assert len(register.keep(list(zip(records, labels, strict=True)))) == 3
    labels[0] = replace(labels[0], origin="essai:3")
    [new] = register.keep(list(zip(records, labels, strict=True)))
    assert new.document["origin"] == "essai:3"


def test_pages_of_many_checks(register, records):
    register.keep([(records[k % 3], Labels(case=str(k))) for k in range(2_100)])
    assert cases(register) == [str(k) for k in range(2_100)]
    newest = [one.check.sequence for one in register.cases(Filters(), limit=1_050, newest_first=True)]
    assert newest == list(range(2_100, 1_050, -1))
    assert [one.sequence for one in register.entries(after=2_000)] == list(range(2_001, 2_101))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register_entry SET status = 'inside'",
        "UPDATE register_content SET content = '{}'",
        "UPDATE register_about SET value = '9'",
        "DELETE FROM register_entry WHERE sequence = 3",
        "DELETE FROM register_content WHERE sequence = 3",
        "DELETE FROM register_about",
        "INSERT OR REPLACE INTO register_content (sequence, salt, content) VALUES (3, '', '{}')",
        "REPLACE INTO register_about VALUES ('version', '9')",
    ],
)
def test_nothing_is_edited_or_deleted(register, kept, home, statement):  # noqa: ARG001 - what is attacked
    refused = pytest.raises(sqlite3.IntegrityError, match="append-only")
    with closing(sqlite3.connect(home / "register.sqlite")) as connection, refused:
        connection.execute(statement)
    assert audit(register).fault is None


def test_only_its_owner_reads_the_files(register, kept, home):  # noqa: ARG001 - what is written
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert "register.sqlite" in modes
    assert set(modes.values()) == {0o600}


def test_a_register_of_another_version_is_refused_with_what_to_do(register, kept, home, qpv):  # noqa: ARG001
    register.database.close()
    with closing(sqlite3.connect(home / "register.sqlite")) as connection:
        connection.execute("DROP TRIGGER register_about_no_update")
        connection.execute("UPDATE register_about SET value = '99' WHERE name = 'version'")
        connection.commit()
    answer = qpv("register", "list")
    assert answer.code == 2
    assert "version (99" in answer.err
    assert "qpv register export" in answer.err


def test_what_is_no_register(register, home):
    with pytest.raises(MissingError, match="aucun registre"):
        register.head()
    home.mkdir()
    (home / "register.sqlite").write_bytes(b"du texte, et pas un registre\n" * 100)
    with pytest.raises(FormatError, match="endommag"):
        register.head()

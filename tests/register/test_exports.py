"""Exports are verified on a machine that has no register, and bring a register to another machine."""

from __future__ import annotations

import csv
import hashlib
import json
import random
from datetime import date

import openpyxl
import pytest

from qpv_geo.eligibility.evidence import canonical
from qpv_geo.errors import FormatError, InputError, QpvGeoError
from qpv_geo.register.audit import audit
from qpv_geo.register.chain import CHAINED, Entry, link
from qpv_geo.register.database import Database
from qpv_geo.register.decisions import decide
from qpv_geo.register.drafts import Labels
from qpv_geo.register.exports import verify_export, write_export
from qpv_geo.register.filters import Filters
from qpv_geo.register.importing import import_export
from qpv_geo.register.signing import Signer, is_signed, read_public, signer_of
from qpv_geo.register.store import Register
from qpv_geo.settings import load_settings


@pytest.fixture
def filled(register, records):
    """Six checks, a decision and a later check."""
    register.keep([(records[k % 3], Labels(case=f"A-{k}", by="=HYPERLINK(1)")) for k in range(6)])
    decide(register, "3", status="inside", reason="Plan vu", by="Mme Essai")
    register.keep([(records[0], Labels(case="A-0", supersedes=1, reason="Point corrigé"))])
    return register


@pytest.fixture
def signer(home):  # noqa: ARG001 - where the key is made
    return signer_of(load_settings(), create=True)


def exported(register, path, filters=Filters(), signer=None):  # noqa: B008 - frozen
    write_export(path, register, filters, signer=signer)
    return path.read_bytes()


@pytest.fixture
def elsewhere(tmp_path):
    """A register that does not exist yet."""
    with Register(Database(url=None, path=tmp_path / "ailleurs" / "register.sqlite")) as register:
        yield register


def test_a_signed_export_is_intact_and_tells_its_key(filled, signer, tmp_path):
    found = verify_export(exported(filled, tmp_path / "e.jsonl", signer=signer), name="e")
    assert (found.intact, found.signed, found.whole, found.entries) == (True, True, True, 8)
    assert (found.key, found.head) == (signer.public, filled.head())
    assert (tmp_path / "e.jsonl").stat().st_mode & 0o777 == 0o600


def test_an_export_of_a_few_is_verified_link_by_link(filled, tmp_path):
    found = verify_export(exported(filled, tmp_path / "e.jsonl", Filters(case="A-2")), name="e")
    assert (found.intact, found.signed, found.whole, found.entries) == (True, None, False, 2)


def test_the_key_is_made_once_and_readable_by_its_owner_alone(signer, home):
    assert signer_of(load_settings(), create=True).public == signer.public
    assert (home / "register-key.pem").stat().st_mode & 0o777 == 0o600
    assert read_public(str(home / "register-key.pub")) == read_public(signer.public) == signer.public
    content = b"essai"
    assert is_signed(content, public=signer.public, signature=signer.sign(content))
    assert not is_signed(b"autre", public=signer.public, signature=signer.sign(content))
    assert not is_signed(content, public="?", signature=signer.sign(content))


def lines(content, change):
    documents = [json.loads(line) for line in content.splitlines()]
    change(documents)
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in documents).encode()


ATTACKS = {
    "a status": (lambda d: d[2].update(status="inside"), "altered"),
    "a case": (lambda d: d[2]["content"].update(case="B"), "content_altered"),
    "an entry removed": (lambda d: d.pop(3), "missing"),
    "two entries swapped": (lambda d: d.insert(2, d.pop(3)), "missing"),
    "the last one cut": (lambda d: d.pop(-2), "head"),
    "the head": (lambda d: d[-1]["head"].update(sequence=7), "head"),
    "a content": (lambda d: d[2].update(content=None, salt=None), "content_missing"),
    "another register": (lambda d: d[0].update(register="x"), "missing"),
    "the moment of the export": (lambda d: d[0].update(exported_at="2020-01-01"), "file"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_done_to_an_export_is_found(filled, signer, tmp_path, attack):
    change, fault = ATTACKS[attack]
    altered = lines(exported(filled, tmp_path / "e.jsonl", signer=signer), change)
    found = verify_export(altered, name="e")
    assert (found.intact, found.fault) == (False, fault)


def forged(document, previous, **changes):
    """An entry as its author would write it, with the hash that goes with it."""
    fields = {key: document[key] for key in CHAINED} | changes
    entry = Entry(**fields)
    return {**document, **changes, "previous": previous, "chain_hash": link(previous, entry)}


@pytest.mark.parametrize(
    "changes",
    [
        {"created_at": "hier"},
        {"created_at": 3},
        {"day": "2024-13-01"},
        {"kind": "autre"},
        {"status": "dedans"},
        {"sequence": 2**60},
        {"root": "1"},
        {"outcomes": {"x": 3}},
        {"outcomes": []},
        {"name": 3},
    ],
)
def test_an_entry_that_no_register_writes_is_no_export(filled, elsewhere, tmp_path, changes):
    """Its hashes are right, and it is not signed: it must not come into a register that could no longer be shown."""
    start, first, *_ = (json.loads(line) for line in exported(filled, tmp_path / "e.jsonl").splitlines())
    entry = forged(first, first["previous"], **changes)
    body = b"".join(canonical(one) + b"\n" for one in (start, entry))
    head = {"sequence": 1, "chain_hash": entry["chain_hash"]}
    end = {"count": 1, "sha256": hashlib.sha256(body).hexdigest(), "head": head, "whole": True}
    with pytest.raises(FormatError, match="pas un export"):
        import_export(elsewhere, body + canonical(end), name="e")
    assert elsewhere.database.is_missing_file


def test_a_content_taken_out_is_not_imported_even_if_the_export_does_not_say_that_it_is_whole(
    filled, elsewhere, tmp_path
):
    start, *entries, end = (json.loads(line) for line in exported(filled, tmp_path / "e.jsonl").splitlines())
    entries[1] |= {"content": None, "salt": None}
    body = b"".join(canonical(one) + b"\n" for one in (start, *entries))
    content = body + canonical(end | {"sha256": hashlib.sha256(body).hexdigest(), "whole": False})
    assert verify_export(content, name="e").intact
    with pytest.raises(InputError, match="effacé sans purge, enregistrement n°\u00a02"):
        import_export(elsewhere, content, name="e")
    assert elsewhere.head().sequence == 0


def test_a_signed_head_is_compared_with_the_key_expected(filled, qpv, tmp_path, home):  # noqa: ARG001 - what is verified
    head = tmp_path / "tete.jsonl"
    assert qpv("register", "export", "-o", head, "--head", "--new-key").code == 0
    public = home / "register-key.pub"
    expected = tmp_path / "attendue.pub"
    public.rename(expected)
    told = qpv("register", "verify", "--head", head, "--key", expected)
    assert told.out.startswith("INTACT")
    assert "la clé que vous avez donnée" in told.out
    assert "Comparez" in qpv("register", "verify", "--head", head).out
    (home / "register-key.pem").unlink()
    assert qpv("register", "export", "-o", head, "--head", "--new-key").code == 0
    refused = qpv("register", "verify", "--head", head, "--key", expected)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "une autre clé" in refused.err
    assert qpv("register", "verify", "--key", expected).code == 2


def test_who_writes_an_export_again_cannot_sign_it(filled, signer, tmp_path, home):
    """Its sha256 can be computed again, not its signature."""
    content = exported(filled, tmp_path / "e.jsonl", signer=signer)
    other = exported(filled, tmp_path / "f.jsonl", Filters(case="A-2"), signer=signer)
    forged = b"".join(other.splitlines(keepends=True)[:-1]) + lines(
        other.splitlines(keepends=True)[-1], lambda d: d[0].update(whole=True)
    )
    assert verify_export(forged, name="f").signed is False
    (home / "register-key.pem").rename(tmp_path / "gardée.pem")
    stranger = signer_of(load_settings(), create=True)
    assert isinstance(stranger, Signer)
    again = verify_export(exported(filled, tmp_path / "g.jsonl", signer=stranger), name="g")
    assert (again.signed, again.key == signer.public) == (True, False)
    assert verify_export(content, name="e").key == signer.public


def test_a_byte_changed_anywhere_in_an_export_is_found(filled, signer, tmp_path):
    content, chance = exported(filled, tmp_path / "e.jsonl", signer=signer), random.Random(40)
    for _ in range(200):
        place = chance.randrange(len(content) - 1)
        changed = bytearray(content)
        changed[place] ^= 1 << chance.randrange(8)
        try:
            assert not verify_export(bytes(changed), name="e").intact, place
        except QpvGeoError:
            continue


def test_an_export_brings_the_register_to_another_machine_where_it_goes_on(filled, elsewhere, records, tmp_path):
    content = exported(filled, tmp_path / "e.jsonl")
    assert import_export(elsewhere, content, name="e") == 8
    assert list(elsewhere.entries()) == list(filled.entries())
    assert import_export(elsewhere, content, name="e") == 0
    filled.keep([(records[1], Labels(case="A-9"))])
    assert import_export(elsewhere, exported(filled, tmp_path / "e.jsonl"), name="e") == 1
    assert elsewhere.head() == filled.head()
    assert audit(elsewhere).fault is None


def test_a_purged_register_is_imported_as_purged(filled, elsewhere, clock, tmp_path):
    clock.now = clock.now.replace(month=clock.now.month + 1)
    filled.purge(date(2026, 3, 20))
    import_export(elsewhere, exported(filled, tmp_path / "e.jsonl"), name="e")
    assert (audit(elsewhere).fault, audit(elsewhere).purged) == (None, 8)


def test_what_cannot_be_imported_changes_nothing(filled, elsewhere, records, tmp_path):
    whole, part = exported(filled, tmp_path / "e.jsonl"), exported(filled, tmp_path / "f.jsonl", Filters(case="A-2"))
    for content, told in (
        (part, "n° 1"),
        (lines(whole, lambda d: d[2].update(status="inside")), "modifié"),
        (b"du texte", "pas un export"),
    ):
        with pytest.raises(QpvGeoError, match=told):
            import_export(elsewhere, content, name="e")
        assert elsewhere.database.is_missing_file
    import_export(elsewhere, whole, name="e")
    elsewhere.keep([(records[0], Labels(case="B"))])
    filled.keep([(records[1], Labels(case="C"))])
    with pytest.raises(QpvGeoError, match="n° 9"):
        import_export(elsewhere, exported(filled, tmp_path / "e.jsonl"), name="e")
    with Register(Database(url=None, path=tmp_path / "autre" / "register.sqlite")) as other:
        other.keep([(records[0], Labels())])
        with pytest.raises(QpvGeoError, match="autre registre"):
            import_export(other, whole, name="e")
        assert other.head().sequence == 1


def test_a_signed_head_tells_that_the_end_was_cut(filled, home, qpv, tmp_path, records):
    import sqlite3  # noqa: PLC0415 - what an attacker uses
    from contextlib import closing  # noqa: PLC0415

    assert qpv("register", "export", "-o", tmp_path / "tete.jsonl", "--head", "--sign", "--new-key").code == 0
    assert b"Oliveaux" not in (tmp_path / "tete.jsonl").read_bytes()
    filled.keep([(records[0], Labels())])
    assert qpv("register", "verify", "--head", tmp_path / "tete.jsonl").out.startswith("INTACT")
    filled.database.close()
    with closing(sqlite3.connect(home / "register.sqlite")) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for table in ("register_content", "register_entry"):
            connection.execute(f"DELETE FROM {table} WHERE sequence > 6")  # noqa: S608 - our own names
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()
    assert qpv("register", "verify").out.startswith("INTACT")
    found = json.loads(qpv("register", "verify", "--head", tmp_path / "tete.jsonl", "--format", "json").out)
    assert (found["intact"], found["fault"]["what"], found["fault"]["sequence"]) == (False, "head", 7)


def test_tables_show_both_what_was_computed_and_what_was_decided(filled, qpv, tmp_path):  # noqa: ARG001 - what is listed
    for name in ("e.csv", "e.xlsx"):
        assert qpv("register", "export", "-o", tmp_path / name, "--case", "A-2").code == 0
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    [row] = csv.DictReader((tmp_path / "e.csv").read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
    book = openpyxl.load_workbook(tmp_path / "e.xlsx")
    header, cells = book["Vérifications"].values
    for told in (row, dict(zip(header, cells, strict=True))):
        assert (told["calculé"], told["statut décidé"]) == ("à vérifier", "en QPV")
        assert (told["motif de la décision"], told["décidé par"]) == ("Plan vu", "Mme Essai")
    assert row["par"] == "'=HYPERLINK(1)"
    assert row["longitude"] == "3,00671"
    assert {cell.data_type for line in book["Vérifications"].iter_rows() for cell in line} <= {
        "s",
        "n",
        "d",
        "inlineStr",
    }


def test_an_export_is_verified_by_qpv_verify_without_the_register(filled, qpv, home, tmp_path, monkeypatch):  # noqa: ARG001
    assert qpv("register", "export", "-o", tmp_path / "e.jsonl", "--sign", "--new-key").code == 0
    public = (home / "register-key.pub").read_text(encoding="utf-8").strip()
    monkeypatch.setenv("QPV_GEO_HOME", str(tmp_path / "autre"))
    told = qpv("verify", tmp_path / "e.jsonl", "--key", public)
    assert told.out.startswith("EXPORT INTACT")
    assert "la clé que vous avez donnée" in told.out
    assert json.loads(qpv("verify", tmp_path / "e.jsonl", "--format", "json").out)["signed"]
    altered = lines((tmp_path / "e.jsonl").read_bytes(), lambda d: d[2].update(status="inside"))
    (tmp_path / "e.jsonl").write_bytes(altered)
    assert qpv("verify", tmp_path / "e.jsonl").out.startswith("EXPORT MODIFIÉ")
    assert qpv("verify", tmp_path / "e.jsonl", "--key", "x").code == 2

"""The encoding of a file is found on all of it; one that is told is checked on all of it."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.errors import FormatError
from qpv_geo.messages.typography import quoted
from qpv_geo.tables.encoding import MIXED, find_encoding

TEXT = "commune;libellé\nÉpargne;Noël à Œuilly – 3 €\n"
ACCENTS = "commune;libellé\nÉpargne;Noël\n"
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff"), max_size=30)


@pytest.fixture
def found(tmp_path):
    def find(content, forced=None):
        (tmp_path / "essai.csv").write_bytes(content)
        return find_encoding(tmp_path / "essai.csv", forced)

    return find


def refusal(found, content, forced=None):
    with pytest.raises(FormatError) as caught:
        found(content, forced)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("mark", "codec", "name"),
    [
        (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32-be"),
    ],
)
def test_a_byte_order_mark_tells_the_encoding_and_is_remembered(found, mark, codec, name):
    content = mark + TEXT.encode(codec)
    encoding = found(content)
    assert (encoding.bom, encoding.codec, encoding.name) == (mark, codec, name)
    assert found(content, encoding.name) == encoding


@pytest.mark.parametrize("codec", ["utf-8", "cp1252", "utf-16-le", "utf-16-be"])
def test_without_a_mark_the_bytes_tell(found, codec):
    encoding = found(TEXT.encode(codec))
    assert (encoding.codec, encoding.bom) == (codec, b"")


def test_bytes_that_windows_1252_has_not_are_latin_1(found):
    assert found(ACCENTS.encode("latin-1") + b"\x81\n").codec == "latin-1"


def test_the_whole_file_decides_and_not_its_start(found):
    assert found(b"commune;nom\n" + b"86194;Poitiers\n" * 200_000 + "Épargne\n".encode("cp1252")).codec == "cp1252"


def test_a_character_across_two_readings_is_still_utf_8(found):
    for before in range(4):
        assert found(b"x" * ((1 << 20) - before) + "€".encode()).codec == "utf-8"


def test_zeros_here_and_there_do_not_make_utf_16(found):
    assert found("nom;libellé\nun\0deux;trois\0\n".encode()).codec == "utf-8"


@pytest.mark.parametrize("told", ["utf-8", "utf-8-sig", "UTF8"])
def test_utf_8_is_told_with_or_without_its_mark(found, told):
    assert found(codecs.BOM_UTF8 + TEXT.encode(), told).name == "utf-8-sig"
    assert found(TEXT.encode(), told).name == "utf-8"


def test_utf_16_is_told_without_its_side(found):
    assert found(codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16").codec == "utf-16-be"
    assert found(TEXT.encode("utf-16-le"), "utf-16").codec == "utf-16-le"


def test_an_encoding_that_is_told_goes_before_what_the_bytes_say(found):
    assert found("é".encode(), "cp1252").codec == "cp1252"


@pytest.mark.parametrize("unknown", ["cp9999", "hex", "zlib", "idna", "", "utf\0", "utf8 et cp1252"])
def test_an_unknown_encoding_is_refused(found, unknown):
    told = refusal(found, b"a;b\n\xe9", unknown)
    assert told.startswith(f"encodage inconnu : {quoted(unknown)}")
    assert MIXED in told


@pytest.mark.parametrize("lines", ["\n", "\r\n", "\r"])
def test_a_byte_that_cannot_be_read_is_told_with_its_line_and_position(found, lines):
    content = lines.join(["nom", "é", "è"]).encode() + b"\xff"
    told = refusal(found, content, "utf-8")
    assert "« essai.csv », ligne 3 : " in told
    assert f"l’octet {len(content)} " in told


def test_a_file_cut_within_a_character_is_told(found):
    assert "l’octet 3 " in refusal(found, "a\né".encode()[:-1], "utf-8")


def test_a_mark_that_lies_is_told(found):
    assert "ligne 2" in refusal(found, codecs.BOM_UTF8 + "nom\né\n".encode("cp1252"))


# ── Two encodings in one file ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lines", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", [1, 200_000])
def test_a_stray_byte_among_utf_8_is_refused_with_its_line(found, lines, before):
    told = refusal(found, f"Épargne{lines}".encode() * before + f"Noël{lines}".encode("cp1252"))
    assert f"ligne {before + 1} : 0xEB (« ë » en cp1252)" in told
    assert "1 octet " in told
    assert MIXED in told


def test_a_stray_byte_is_seen_wherever_the_file_is_cut_into_readings(found):
    for before in range(5):
        told = refusal(found, b"x" * ((1 << 20) - before) + "\n€".encode() + b"\xe2\x82\n" + "€\xe9".encode())
        assert "2 octets d’un autre, le premier ligne 2 : 0xE2" in told


def test_utf_8_lines_in_a_file_of_windows_1252_are_refused_as_well(found):
    told = refusal(found, ("Noël\n" * 3).encode("cp1252") + "Épargne\n".encode())
    assert "ligne 1 : 0xEB" in told


def test_a_file_of_utf_8_that_is_cut_within_its_last_character_is_refused(found):
    assert "ligne 2 : 0xC3" in refusal(found, "Épargne\nÉté".encode()[:-1])


@pytest.mark.parametrize(
    "text",
    [
        "LA CITÉ’S ÉTÉ\n",
        "«\xa0CAFÉ»\n",
        "Noël à Œuilly – 3 €\n",
        "essai «\xa0santé\xa0»\n",
        "“égalité”… à\xa0«\xa0été\xa0»\n",
    ],
)
def test_windows_1252_whose_bytes_look_like_utf_8_by_chance_stays_so(found, text):
    encoding = found((text + "été\n").encode("cp1252"))
    assert (encoding.codec, encoding.mix.characters) == ("cp1252", 0)


@given(
    words=st.lists(
        st.tuples(
            st.sampled_from(["Santé", "ÇA", "Àl’Été", "Brehañ", "Aïssé", "Zoë", "Forêt", "CORTÈ", "Œuvre", "où"]),
            st.sampled_from(
                ["\xa0»", "»", "’", "”…", "…", " – ", "\xa0–\xa0", "\xa0€", "°", ";", " «\xa0", "\xa0:", "\r\n"]
            ),
        )
    ),
    codec=st.sampled_from(["utf-8", "cp1252"]),
)
def test_names_and_signs_of_french_texts_are_read_in_the_encoding_that_they_are_in(tmp_path_factory, words, codec):
    path = tmp_path_factory.mktemp("encoding") / "essai.csv"
    path.write_bytes(("été\n" + " ".join(map("".join, words))).encode(codec))
    assert find_encoding(path).codec == codec


@pytest.mark.parametrize("sign", ["é", "ł", "’", "€", "\ufffd", "😀"])
def test_a_file_is_a_mix_from_one_character_of_utf_8_for_nine_other_bytes(found, sign):
    assert "1 caractère en UTF-8, et 9 octets" in refusal(found, sign.encode() + b"\n" + b"\xe9\n" * 9)
    encoding = found(sign.encode() + b"\n" + b"\xe9\n" * 10)
    assert (encoding.codec, encoding.mix.characters, encoding.mix.first_character) == ("cp1252", 1, (1, sign))


@given(text=ANY)
def test_the_first_character_of_a_mix_is_told_as_soon_as_one_is_counted(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("encoding") / "essai.csv"
    path.write_bytes(text.encode() + b"\xff")
    mix = find_encoding(path, MIXED).mix
    assert (mix.strays, mix.characters > 0) == (1, mix.first_character[0] > 0)


@pytest.mark.parametrize("forced", [None, "utf-8"])
def test_a_line_break_across_two_readings_is_one(found, forced):
    for before in range(4):
        content = b"x" * ((1 << 20) - before) + "\r\né\r\n".encode() + b"\xe9\r\n"
        assert "ligne 3 : " in refusal(found, content, forced)


def test_texts_spoilt_before_are_counted_and_do_not_change_the_encoding(found):
    encoding = found(("été\n" * 50 + "spoilt Ã©tÃ©\n").encode("cp1252"))
    assert (encoding.codec, encoding.mix.characters, encoding.mix.first_character) == ("cp1252", 2, (51, "é"))


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_mix_that_is_told_reads_each_byte_for_what_it_is(found, mark):
    content = mark + "Été ".encode() + "Noël ’ \x81".encode("cp1252", errors="ignore") + b"\x81" + "€".encode()[:2]
    encoding = found(content, MIXED.upper())
    assert (encoding.name, encoding.bom, encoding.mix.strays) == (MIXED, mark, 5)
    assert content[len(mark) :].decode(encoding.codec, encoding.errors) == "Été Noël ’ \x81â‚"
    assert found(content, encoding.name) == encoding


def test_an_encoding_that_would_write_the_file_otherwise_is_refused(found):
    assert found("日本".encode("shift_jis"), "shift_jis").codec == "shift_jis"
    assert "à l’identique" in refusal(found, b"a;+AGE-\n", "utf-7")


@given(text=ANY, codec=st.sampled_from(["utf-8", "utf-16", "utf-32", "cp1252", "latin-1", "utf-8-sig"]))
def test_what_is_found_reads_the_file_and_writes_it_again_to_the_byte(tmp_path_factory, text, codec):
    path = tmp_path_factory.mktemp("encoding") / "essai.csv"
    content = text.encode(codec, errors="replace")
    path.write_bytes(content)
    try:
        encoding = find_encoding(path)
    except FormatError:  # it looks like a mix: its encoding must be told
        encoding = find_encoding(path, codec)
    assert content.startswith(encoding.bom)
    read = content[len(encoding.bom) :].decode(encoding.codec)
    assert encoding.bom + read.encode(encoding.codec) == content
    assert find_encoding(path, encoding.name) == encoding

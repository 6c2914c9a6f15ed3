"""The same name arrives whatever character set carries it (MSH-18, table 0211)."""

from __future__ import annotations

import codecs

import pytest

from ris.hl7 import er7


def sent(name: str, charset: str, codec: str) -> bytes:
    return f"MSH|^~\\&|A|B|C|D|1||ADT^A08|7|P|2.5.1||||||{charset}\rPID|||5||{name}\r".encode(codec)


@pytest.mark.parametrize(
    ("name", "charset", "codec"),
    [
        ("SMITH^Lucy", "", "ascii"),
        ("MÜLLER^Åse", "8859/1", "latin-1"),
        ("Dvořák^Jiří", "8859/2", "iso8859-2"),
        ("Иванов^Пётр", "8859/5", "iso8859-5"),
        ("Παπαδόπουλος^Νίκος", "8859/7", "iso8859-7"),
        ("YILMAZ^Şükrü", "8859/9", "iso8859-9"),
        ("山田^太郎", "UNICODE UTF-8", "utf-8"),
        ("山田^太郎", "UNICODE", "utf-8"),
        ("山田^太郎", "~ISO IR87", "iso2022_jp"),
        ("王^小東", "GB 18030-2000", "gb18030"),
        ("김^희중", "KS X 1001", "euc_kr"),
        ("許^功蓋", "BIG-5", "big5"),
    ],
)
def test_a_name_is_read_in_the_character_set_of_msh_18(name: str, charset: str, codec: str) -> None:
    pid = er7.read(sent(name, charset, codec)).first("PID")
    assert f"{pid.text(5)}^{pid.text(5, 2)}" == name


def test_the_senders_own_character_set_counts_where_msh_18_is_empty() -> None:
    assert er7.read(sent("MÜLLER", "", "latin-1"), default_charset="8859/1").first("PID").text(5) == "MÜLLER"


@pytest.mark.parametrize(("charset", "codec"), [("", "latin-1"), ("ASCII", "utf-8"), ("UNICODE UTF-8", "latin-1")])
def test_bytes_that_are_not_what_they_claim_are_refused(charset: str, codec: str) -> None:
    with pytest.raises(er7.Malformed) as refused:
        er7.read(sent("MÜLLER", charset, codec))
    assert refused.value.location == "MSH^1^18"
    assert "MÜLLER" not in refused.value.words


@pytest.mark.parametrize("charset", ["UNICODE UTF-16", "CNS 11643-1992", "KLINGON"])
def test_a_character_set_that_is_not_read_is_said(charset: str) -> None:
    with pytest.raises(er7.Malformed, match="MSH-18"):
        er7.read(sent("SMITH", charset, "ascii"))


def test_escaped_bytes_are_of_the_messages_character_set() -> None:
    raw = b"MSH|^~\\&|A|B|C|D|1||SIU^S12|7|P|2.5.1||||||8859/1\rNTE|1||OPERA\\XC7\\\\XC3\\O\r"
    assert er7.read(raw).first("NTE").text(3) == "OPERAÇÃO"


def test_the_mark_of_utf_8_before_a_message_is_no_part_of_it() -> None:
    raw = codecs.BOM_UTF8 + sent("MÜLLER^Åse", "", "utf-8")
    assert er7.read(b"\r\n" + raw).first("PID").text(5) == "MÜLLER", "its bytes are UTF-8, whatever the sender's are"
    assert er7.header_of(raw)[0].startswith("MSH|^~")


HIDING = [
    ("ポ病院ソ", "ISO IR14", "shift_jis"),
    ("亅院乗", "GB 18030-2000", "gb18030"),
    ("吜院么育", "BIG-5", "big5"),
    ("万京ぼ", "~ISO IR87", "iso2022_jp"),
    ("病院", "UNICODE UTF-8", "utf-8"),
]


@pytest.mark.parametrize(("name", "charset", "codec"), HIDING)
def test_a_character_that_looks_like_a_delimiter_in_the_header_shifts_nothing(
    name: str, charset: str, codec: str
) -> None:
    raw = f"MSH|^~\\&|{name}|{name}^9|C|D|1||ADT^A08|7|P|2.5.1||||||{charset}|JA|ISO 2022-1994\rPID|||5||{name}\r"
    found = er7.read(raw.encode(codec))
    assert (found.header.text(3), found.header.text(4, 2), found.control_id) == (name, "9", "7")
    assert found.first("PID").text(5) == name
    head, used = er7.header_of(raw.encode(codec))
    assert er7.read_text(head, codec=used).header == found.header


def test_a_header_that_is_cut_off_or_not_what_it_claims_is_read_as_far_as_it_goes() -> None:
    cut = "MSH|^~\\&|病|B|C|D|1||ADT^A08|7|P|2.5.1||||||UNICODE UTF-8|".encode().ljust(4095, b"x") + "院院".encode()
    head, _codec = er7.header_of(cut)
    assert (er7.read_text(head).header.text(3), len(head)) == ("病", 4093)
    head, used = er7.header_of("MSH|^~\\&|RÖNTGEN|B|C|D|1||ADT^A08|7|P|2.5.1||||||ASCII".encode("latin-1"))
    assert (er7.read_text(head).header.text(3), used) == ("RÖNTGEN", "latin-1")

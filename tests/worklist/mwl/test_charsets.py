"""Names in every character set of DICOM, read back by dcmtk as a stranger reads them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests.worklist.mwl.samples import answered, entry, identifier
from worklist.mwl.charset import CHARACTER_SETS, fit, holds, terms
from worklist.mwl.encoding import Encoded, ordered
from worklist.mwl.query import match, parse
from worklist.mwl.style import Style

# Defined terms of a profile, a name, and what a reader of that character set sees.
NAMES = [
    ("ISO_IR 192", "Wang^XiaoDong=王^小東", "Wang^XiaoDong=王^小東"),
    ("ISO_IR 100", "Müller^Änne", "Müller^Änne"),
    ("ISO_IR 101", "Łukasz^Żak", "Łukasz^Żak"),
    ("ISO_IR 109", "Ċensu^Ġorġ", "Ċensu^Ġorġ"),
    ("ISO_IR 110", "Jānis^Bērziņš", "Jānis^Bērziņš"),
    ("ISO_IR 144", "Люкceмбypг^Пётр", "Люкceмбypг^Пётр"),
    ("ISO_IR 127", "قباني^لنزار", "قباني^لنزار"),
    ("ISO_IR 126", "Διονυσιος", "Διονυσιος"),
    ("ISO_IR 138", "שרון^דבורה", "שרון^דבורה"),
    ("ISO_IR 148", "Çavuşoğlu^İnci", "Çavuşoğlu^İnci"),
    ("ISO_IR 166", "นามสกุล^ชื่อ", "นามสกุล^ชื่อ"),
    ("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
    ("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    (
        "ISO 2022 IR 13\\ISO 2022 IR 87",
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
    ),
    ("\\ISO 2022 IR 149", "Hong^Gildong=洪^吉洞=홍^길동", "Hong^Gildong=洪^吉洞=홍^길동"),
    ("\\ISO 2022 IR 58", "Zhang^XiaoDong=张^小东", "Zhang^XiaoDong=张^小东"),
    ("GB18030", "Wang^XiaoDong=王^小东", "Wang^XiaoDong=王^小东"),
    ("GBK", "Wang^XiaoDong=王^小东", "Wang^XiaoDong=王^小东"),
    ("ISO_IR 6", "Müller^Änne=王", "Muller^Anne"),
    ("ISO_IR 100", "Wang^XiaoDong=王^小东", "Wang^XiaoDong"),
    ("ISO_IR 100", "Иванов^Пётр", "Ivanov^Petr"),
    ("ISO_IR 144", "قباني^لنزار", "qbny^lnzr"),
    ("ISO_IR 100", "王^小东", "Wang^XiaoDong"),
]


def style_of(profile: str) -> Style:
    return Style.of(profile, transliterate=True, max_lengths={}, implicit=False)


@pytest.mark.parametrize(("profile", "name", "expected"), NAMES)
def test_a_name_is_read_back_as_it_was_written(profile: str, name: str, expected: str) -> None:
    asked = parse(identifier(PatientName=""))
    answer = answered(entry(patient_name=name), asked, style_of(profile))
    assert str(answer.PatientName).replace("\x1b$)A", "") == expected  # pydicom leaves the escape of GB 2312 in


@pytest.mark.parametrize(("profile", "name", "expected"), NAMES)
def test_dcmtk_reads_the_same(tmp_path: Path, profile: str, name: str, expected: str) -> None:
    query = parse(identifier(PatientName="", PatientID=""))
    body = Encoded(entry(patient_name=name), style_of(profile)).answer(ordered(query.keys))
    file = tmp_path / "answer.dcm"
    file.write_bytes(body)
    if "IR 87" in profile:  # the iconv of this dcmtk has no JIS X 0208: the example of PS3.5 Annex H in its place
        assert b"=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(" in body.replace(
            b"\x1b(J", b"\x1b(B"
        )
        return
    run = subprocess.run(
        ["/usr/bin/dcmdump", "+U8", "-f", "-te", "+P", "0010,0010", "-q", str(file)],
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert f"[{expected}]" in run.stdout.decode("utf-8")


@pytest.mark.parametrize("term", CHARACTER_SETS)
def test_each_term_of_the_table_is_one_that_we_write(term: str) -> None:
    assert fit("Smith", terms(term)) == "Smith"
    assert holds("Smith", terms(term))


def test_a_name_asked_in_gb2312_is_found() -> None:
    asked = Dataset()
    asked.SpecificCharacterSet = ["", "ISO 2022 IR 58"]
    asked.PatientName = "Zhang^XiaoDong=\x1b$)A张^\x1b$)A小东"
    assert match(entry(patient_name="Zhang^XiaoDong=张^小东"), parse(asked))


def test_half_width_katakana_holds_no_kanji() -> None:
    assert not holds("山田", ("ISO_IR 13",))
    assert holds("ﾔﾏﾀﾞ", ("ISO_IR 13",))


# What is written beside what the set holds best, and what the device must see of it.
MIXED = [
    ("ISO_IR 13", "YAMADA ﾀﾛｳ", "YAMADA ﾀﾛｳ"),
    ("ISO_IR 13", "Yamada ¥", "Yamada Y"),
    ("\\ISO 2022 IR 87\\ISO 2022 IR 159", "Müller^Jörg", "Muller^Jorg"),
    ("\\ISO 2022 IR 87\\ISO 2022 IR 159", "Kim 한", "Kim Han"),
    ("\\ISO 2022 IR 149", "Grøn^Åse", "Gron^Ase"),
    ("\\ISO 2022 IR 149\\ISO 2022 IR 87", "½ ß", "1/2 ss"),
    ("\\ISO 2022 IR 58\\ISO 2022 IR 87", "王 £", "王 GBP"),
]


@pytest.mark.parametrize(("profile", "text", "expected"), MIXED)
def test_no_letter_is_lost_or_misread_beside_others(profile: str, text: str, expected: str) -> None:
    body = Encoded(entry(patient_name=text), style_of(profile)).answer(ordered(parse(identifier(PatientName="")).keys))
    assert fit(text, terms(profile)) == expected
    assert b"?" not in body
    if profile.startswith("\\"):
        assert body.isascii() or b"\x1b" in body


@pytest.mark.parametrize("letter", ["＊", "？", "＾", "＝", "＼", "※"])
def test_no_transliteration_makes_a_delimiter_or_a_wildcard(letter: str) -> None:
    assert not set(fit(letter, ("ISO_IR 100",))) & set("*?^=\\")


def test_no_control_character_reaches_a_device_but_the_line_ends_of_a_text() -> None:
    keywords = ("RequestedProcedureComments", "ReasonForTheRequestedProcedure", "PatientName", "ReferringPhysicianName")
    said = {"procedure_comments": "Fever?\r\nCough\x1b$B", "reason": "Fever?\r\nCough\x1b$B"}
    written = entry(patient_name="Dahl\t^Åse", referring_physician="A\\B", **said)
    asked: dict[str, Any] = dict.fromkeys(keywords, "")
    answer = answered(written, parse(identifier(**asked)), style_of("ISO_IR 192"))
    found = [str(answer[keyword].value) for keyword in keywords]
    assert found == ["Fever?\r\nCough $B", "Fever? Cough $B", "Dahl ^Åse", "A/B"]

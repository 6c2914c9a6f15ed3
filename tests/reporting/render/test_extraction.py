"""What two foreign programs read in the PDF is the text that was signed, over line ends, in six scripts."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from pypdf import PdfReader

from reporting.render import render_pdf
from tests.reporting.render.examples import saying

LINED = {
    "Latin": "Zunahme des Rundherdes im rechten Oberlappen von 11 auf 14 mm (+27 %), sonst unverändert zur "
    "Voruntersuchung vom 2026-03-12; kein Erguss, keine Lymphknoten ≥ 10 mm in der kurzen Achse.",
    "Greek": "Αύξηση του όζου του δεξιού άνω λοβού από 11 σε 14 mm (+27 %), κατά τα λοιπά χωρίς μεταβολή από "
    "2026-03-12· χωρίς υπεζωκοτική συλλογή, χωρίς λεμφαδένες ≥ 10 mm.",
    "Cyrillic": "Увеличение узла верхней доли правого лёгкого с 11 до 14 мм (+27 %), в остальном без изменений с "
    "2026-03-12; выпота нет, лимфоузлов ≥ 10 мм по короткой оси нет.",
    "Han": "右肺上叶结节由11毫米增大至14毫米（+27%），"
    "其余与2026-03-12检查相比无变化；无胸腔积液，无短径≥10毫米的淋巴结。"
    "右上葉の結節は11ミリから14ミリに増大した。우상엽 결절이 11에서 14 mm로 증가하였다.",
}
ARABIC = (
    "ازدياد حجم العقيدة في الفص العلوي الأيمن وبقية الفحص دون تغيير منذ الفحص السابق ولا يوجد انصباب جنبي ولا عقد "
    "لمفية متضخمة في المنصف أو السرتين على الجانبين"
)
HEBREW = (
    "הגדלה של הקשרית באונה הימנית העליונה ושאר הבדיקה ללא שינוי מאז הבדיקה הקודמת אין תפליט ואין קשריות לימפה "
    "מוגדלות במיצר או בשערי הריאות משני הצדדים"
)
STEERING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


LIGATURES = {one: unicodedata.normalize("NFKC", one) for one in map(chr, range(0xFEF5, 0xFEFD))}  # lam with alef


def plain(text: str, blank: str = " ") -> str:
    """Exactly the characters that were read but for blanks, for marks of direction, and for the one ligature of Arabic
    that is one sign on the page and in the file (see `tounicode.written`).
    """
    for sign, letters in LIGATURES.items():
        text = text.replace(sign, letters)
    return re.sub(r"\s+", blank, STEERING.sub("", text))


def by_poppler(pdf: bytes, folder: Path) -> str:
    (folder / "report.pdf").write_bytes(pdf)
    done = subprocess.run(["pdftotext", folder / "report.pdf", "-"], capture_output=True, check=True)
    return done.stdout.decode()


def by_pypdf(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


@pytest.mark.parametrize("script", LINED)
def test_a_text_over_several_lines_is_read_as_it_was_written(script: str, tmp_path: Path) -> None:
    pdf = render_pdf(saying(LINED[script]), extra_fonts=settings.PRINT_FONTS)
    blank = "" if script == "Han" else " "  # a line of ideographs ends anywhere
    for read in (by_poppler(pdf, tmp_path), by_pypdf(pdf)):
        assert plain(LINED[script], blank) in plain(read, blank)


@pytest.mark.parametrize("text", [ARABIC, HEBREW], ids=["Arabic", "Hebrew"])
def test_a_right_to_left_text_over_several_lines_is_read_in_the_order_in_which_it_was_written(
    text: str, tmp_path: Path
) -> None:
    assert plain(text) in plain(by_poppler(render_pdf(saying(text)), tmp_path))


@pytest.mark.parametrize("text", [ARABIC, HEBREW], ids=["Arabic", "Hebrew"])
def test_a_measured_value_within_right_to_left_text_is_read_whole_between_its_words(text: str, tmp_path: Path) -> None:
    """A page in Latin letters makes readers name the runs of such a line from left to right: each is whole."""
    first, rest = text[:24].rsplit(" ", 1)[0], text[24:48].split(" ", 1)[1]
    read = plain(by_poppler(render_pdf(saying(f"{first} 14.2 mm {rest}")), tmp_path))
    assert [part for part in (first, rest, "mm") if part not in read] == []
    assert re.search(r"14\.2", read)


MIXED = {
    "Hebrew": "הקשרית באונה הימנית גדלה מ-11 ל-14.2 mm (+27 %), ללא תפליט; CT מיום 2026-03-12 להשוואה. " * 3,
    "Arabic": "ازداد حجم العقيدة من 11 إلى 14.2 mm، دون انصباب (CT 2026-03-12)؛ عقدة ٣٤ مم دون تغيير. " * 3,
    "Hebrew in English": f"The letter says: {HEBREW[:32]} (14.2 mm) and no more. " * 3,
}


@pytest.mark.parametrize("script", MIXED)
def test_numbers_and_latin_words_stand_in_right_to_left_text_where_they_were_written(script: str) -> None:
    """As a reader that follows the page's program has it (pypdf); Poppler goes by places, see docs/guides/api.md."""
    assert plain(MIXED[script].strip(), "") in plain(by_pypdf(render_pdf(saying(MIXED[script].strip()))), "")

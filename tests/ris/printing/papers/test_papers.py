"""Papers as they leave the printer, read back by a scanner's software."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from ris.core.typeset.errors import DoesNotFit, LostGlyph
from ris.core.typeset.fixed import barcode
from ris.core.typeset.fonts import FontSet, font_set
from ris.printing.papers import Band, Exam, Person, Slip, Tag, label_roll, label_sheets, slips, wristbands
from tests.ris.printing.reading import barcodes, fonts, sizes_mm, words

PERSON = Person("Møller-Wojciechowska, Åse", "1961-05-17", "F", "NORTH0000001")
EXAM = Exam("LEFT Knee MRI with contrast", "N260000123", "Nothing to eat for four hours.\nBring your implant card.")
SLIP = Slip("Northgate Radiology", "1 Northgate Street\nExampletown", PERSON, "Saturday 21 November 2026", "08:30",
            "Europe/Berlin (UTC+0100)", "MR 1", (EXAM,), note="Bring your insurance card.")  # fmt: skip
TAG = Tag(PERSON, EXAM, "21 Nov 2026 08:30")
BAND = Band("Northgate Radiology", PERSON, "visit of 21 Nov 2026", ("Allergy",))


@pytest.fixture(scope="module")
def house() -> FontSet:
    return font_set(settings.PRINT_FONTS)


def named(name: str) -> Person:
    return replace(PERSON, name=name)


@pytest.mark.parametrize("size", ["A4", "A5", "LETTER"])
def test_a_slip_says_all_a_patient_needs_and_its_barcode_is_the_accession_number(size: str, house: FontSet) -> None:
    pdf = slips([SLIP], size, house)
    said = words(pdf)
    for part in ("Northgate Radiology", "1 Northgate Street", "Møller-Wojciechowska, Åse", "1961-05-17",
                 "Saturday 21 November 2026, 08:30", "MR 1", "LEFT Knee MRI with contrast", "Nothing to eat",
                 "N260000123", "insurance card"):  # fmt: skip
        assert part in said
    assert barcodes(pdf) == ["N260000123"]
    assert sizes_mm(pdf) == [{"A4": (210, 297), "A5": (148, 210), "LETTER": (216, 279)}[size]]


def test_a_slip_with_much_to_prepare_goes_on_overleaf_and_loses_nothing(house: FontSet) -> None:
    long = replace(EXAM, preparation="\n".join(f"Step {number} of the preparation." for number in range(120)))
    pdf = slips([replace(SLIP, exams=(long, replace(EXAM, accession="N260000124")))], "A5", house)
    assert all(f"Step {number} of" in words(pdf) for number in range(120))
    assert sorted(barcodes(pdf)) == ["N260000123", "N260000124"]


def test_a_label_of_the_smallest_roll_carries_the_longest_accession_number(house: FontSet) -> None:
    longest = replace(EXAM, accession="QWERTYUIOPASDFGH", description="RIGHT " + "Magnetic resonance " * 3)
    pdf = label_roll([replace(TAG, exam=longest)], (62, 29), house)
    assert (barcodes(pdf), sizes_mm(pdf)) == (["QWERTYUIOPASDFGH"], [(62, 29)])
    assert "1961-05-17 F" in words(pdf)


def test_a_sheet_leaves_the_used_places_empty_and_goes_on_to_the_next(house: FontSet) -> None:
    tags = [replace(TAG, exam=replace(EXAM, accession=f"N2600{number:05d}")) for number in range(23)]
    pdf = label_sheets(tags, house, used=4)
    assert sizes_mm(pdf) == [(210, 297)] * 2
    assert barcodes(pdf) == [tag.exam.accession for tag in tags]
    assert words(pdf).split("\f")[1].count("N2600") == 3


def test_a_wristband_carries_name_birth_date_and_the_patient_number_to_scan(house: FontSet) -> None:
    pdf = wristbands([BAND], house)
    assert barcodes(pdf) == ["NORTH0000001"]
    assert all(part in words(pdf) for part in ("Møller-Wojciechowska, Åse", "1961-05-17 F", "Allergy", "21 Nov 2026"))


def test_a_reprint_says_which_copy_it_is_and_a_first_print_says_nothing(house: FontSet) -> None:
    for first, again in ((slips([SLIP], "A4", house), slips([replace(SLIP, copy=2)], "A4", house)),
                         (label_roll([TAG], (62, 29), house), label_roll([replace(TAG, copy=2)], (62, 29), house)),
                         (wristbands([BAND], house), wristbands([replace(BAND, copy=2)], house))):  # fmt: skip
        assert "COPY" not in words(first)
        assert "COPY 2" in words(again)


@pytest.mark.parametrize(
    "name",
    ["Παπαδόπουλος, Γιώργος", "Иванова, Анна", "שלום, דוד", "محمد، علي", "Nguyễn, Thị Hồng", "山田, 太郎", "김철수"],
)
def test_names_of_many_scripts_are_printed_in_embedded_fonts(name: str, house: FontSet) -> None:
    pdf = label_roll([replace(TAG, person=named(name))], (62, 29), house)
    assert {embedded for _, embedded in fonts(pdf)} == {"yes"}
    assert barcodes(pdf) == ["N260000123"]


@pytest.mark.parametrize("name", ["अमित कुमार", "สมชาย", "Ann \U00013000"])
def test_a_name_that_no_font_draws_is_an_error_and_not_an_empty_box(name: str, house: FontSet) -> None:
    person = named(name)
    with pytest.raises(LostGlyph, match="cannot be printed"):
        label_roll([replace(TAG, person=person)], (62, 29), house)
    with pytest.raises(LostGlyph):
        wristbands([replace(BAND, person=person)], house)
    with pytest.raises(LostGlyph):
        slips([replace(SLIP, person=person)], "A4", house)


def test_a_name_in_ideographs_without_a_font_for_them_is_an_error() -> None:
    with pytest.raises(LostGlyph, match=r"U\+5C71"):
        label_roll([replace(TAG, person=named("山田"))], (62, 29), font_set())


def test_a_name_too_long_for_the_label_is_an_error_and_never_cut(house: FontSet) -> None:
    with pytest.raises(DoesNotFit, match="name is too long"):
        label_roll([replace(TAG, person=named("Wolfeschlegelsteinhausen " * 12))], (62, 29), house)


@pytest.mark.parametrize("number", ["", "Nº 5", "12\t3"])
def test_a_number_that_no_barcode_can_hold_is_an_error(number: str, house: FontSet) -> None:
    with pytest.raises(DoesNotFit, match="barcode"):
        wristbands([replace(BAND, person=replace(PERSON, number=number))], house)


def test_the_same_paper_is_the_same_bytes(house: FontSet) -> None:
    assert label_roll([TAG], (62, 29), house) == label_roll([TAG], (62, 29), house)
    assert slips([SLIP], "A4", house) == slips([SLIP], "A4", house)


@given(st.text("ABCXYZ0123456789-/._", min_size=1, max_size=16))
@limits(max_examples=12, deadline=None)
def test_every_accession_number_comes_back_from_its_label(number: str) -> None:
    pdf = label_roll([replace(TAG, exam=replace(EXAM, accession=number))], (62, 29), font_set())
    assert barcodes(pdf) == [number]


def test_bars_are_never_narrower_than_a_printer_can_draw() -> None:
    with pytest.raises(DoesNotFit, match="too long for a barcode"):
        barcode("QWERTYUIOPASDFGH", 60, 20)


def test_nobody_is_named_in_the_documents_title(house: FontSet) -> None:
    for pdf in (slips([SLIP], "A4", house), label_roll([TAG], (62, 29), house), wristbands([BAND], house)):
        assert "ller" not in pdf.split(b"/Title")[1].split(b")")[0].decode("latin-1")

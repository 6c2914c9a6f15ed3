"""Reports in words, and templates that nobody here knows: shown as plain lines, their numbers kept."""

from __future__ import annotations

from pydicom.dataset import Dataset

from reporting.sr import read_json
from tests.reporting.sr import builders as b

HEADING = ("121070", "DCM", "Findings")


def basic_text(*inside: Dataset) -> bytes:
    dataset = b.document(b.BASIC_TEXT_SR, ("11528-7", "LN", "Radiology Report"))
    dataset.ContentSequence = list(inside)
    return b.part10(dataset)


def text(words: str, name: b.Triple | None = ("121071", "DCM", "Finding"), relationship: str = "CONTAINS") -> Dataset:
    return b.content(relationship, "TEXT", name, TextValue=words)


def section(*inside: Dataset, name: b.Triple = HEADING) -> Dataset:
    container = b.content("CONTAINS", "CONTAINER", name, ContinuityOfContent="SEPARATE")
    container.ContentSequence = list(inside)
    return container


def test_a_text_report_is_shown_section_by_section() -> None:
    document = read_json(basic_text(section(text("No lesion."), text("Normal heart."))))

    assert (document["reader"], document["groups"]) == ("basic-text", [])
    assert document["text"] == ["Findings", "  Finding: No lesion.", "  Finding: Normal heart."]
    assert document["title"] == {"scheme": "LN", "code": "11528-7", "name": "Radiology Report"}


def test_line_breaks_of_any_kind_break_lines_and_other_markup_stays_text() -> None:
    document = read_json(basic_text(text("A<br>B<BR/>C\r\nD <b>bold</b><script>x</script>")))

    assert document["text"] == ["Finding: A", "  B", "  C", "  D <b>bold</b><script>x</script>"]


def test_the_observer_is_no_line_of_the_report() -> None:
    observer = b.content("HAS OBS CONTEXT", "PNAME", ("121008", "DCM", "Person Observer Name"), PersonName="Roe^Jane")

    document = read_json(basic_text(observer, text("No lesion.")))

    assert (document["observer"], document["text"]) == ("Roe^Jane", ["Finding: No lesion."])


def test_words_in_a_national_character_set_survive() -> None:
    dataset = b.document(b.BASIC_TEXT_SR, ("11528-7", "LN", "Radiology Report"))
    dataset.SpecificCharacterSet, dataset.SeriesDescription = "ISO_IR 144", "Отчёт"
    dataset.ContentSequence = [section(text("Лёгкие без изменений"))]

    document = read_json(b.part10(dataset))

    assert document["text"] == ["Findings", "  Finding: Лёгкие без изменений"]
    assert document["series_description"] == "Отчёт"


def unknown_template() -> bytes:
    dose = b.Num(("113722", "DCM", "Dose Area Product Total"), "1.07E-05", ("Gy.m2", "UCUM", "Gy.m2"))
    pulses = b.Num(("113768", "DCM", "Number of Pulses"), "3", ("1", "UCUM", "no units"))
    dataset = b.document("1.2.840.10008.5.1.4.1.1.88.33", ("9701", "99LOCAL", "Our Own Dose Sheet"))
    plane = b.content("HAS CONCEPT MOD", "CODE", ("113764", "DCM", "Acquisition Plane"))
    plane.ConceptCodeSequence = [b.concept(("113622", "DCM", "Single Plane"))]
    inner = section(pulses.item(), name=("113706", "DCM", "Irradiation Event"))
    dataset.ContentSequence = [section(plane, dose.item(), inner, name=("113702", "DCM", "Accumulated Dose"))]
    return b.part10(dataset)


def test_an_unknown_template_is_outlined_in_plain_lines() -> None:
    assert read_json(unknown_template())["text"] == [
        "Our Own Dose Sheet",
        "  Accumulated Dose",
        "    Acquisition Plane: Single Plane",
        "    Dose Area Product Total: 1.07E-05 Gy.m2",
        "    Irradiation Event",
        "      Number of Pulses: 3 no units",
    ]


def test_the_numbers_of_an_unknown_template_are_grouped_by_section() -> None:
    groups = read_json(unknown_template())["groups"]

    found = [
        (group["title"], value["value"], value["unit"], value["flags"]) for group in groups for value in group["values"]
    ]
    assert found == [
        ("Accumulated Dose", 1.07e-05, "Gy.m2", ["not-recomputed"]),
        ("Irradiation Event", 3.0, "1", ["not-recomputed"]),
    ]


def test_numbers_outside_the_measurement_groups_of_a_report_are_found_too() -> None:
    dataset = b.ohif_dataset(b.length(5.0, [10, 20, 16, 25]))
    dataset.ContentSequence.append(section(b.Num(b.LENGTH, 7.5).item()))

    groups = read_json(b.part10(dataset))["groups"]

    assert [(group["title"], [value["value"] for value in group["values"]]) for group in groups] == [
        ("", [5.0]),
        ("Findings", [7.5]),
    ]


def test_a_measurement_group_inside_another_keeps_its_own_numbers() -> None:
    dataset = b.ohif_dataset(b.length(5.0, [10, 20, 16, 25]))
    inner = b.Annotation("Angle", [b.Num(b.COBB_ANGLE, 30.0, b.DEGREES)]).item(7)
    dataset.ContentSequence[4].ContentSequence[0].ContentSequence.append(inner)

    groups = read_json(b.part10(dataset))["groups"]

    assert [(group["tool"], [value["value"] for value in group["values"]]) for group in groups] == [
        ("Length", [5.0]),
        ("Angle", [30.0]),
    ]

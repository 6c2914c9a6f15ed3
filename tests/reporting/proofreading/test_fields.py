"""Fields against the order and the patient, and words of another patient."""

from __future__ import annotations

import pytest

from reporting.proofreading.facts import Case, Entry, Part, Person
from reporting.proofreading.rules import doubts

KNEE = Entry("findings", "Findings", "Effusion", "12 mm", "L")


def rules(*entries: Entry, **known: str) -> list[tuple[str, str]]:
    return [(doubt.rule, doubt.quote) for doubt in doubts([], Case(entries=entries, **known))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("entry", "order"),
    [
        (KNEE, ("R", "KNEE")),
        (Entry("findings", "Findings", "Side", "left"), ("R", "KNEE")),
        (
            Entry("findings", "Findings", "Location", "tear of the left medial meniscus", "", is_typed=True),
            ("R", "KNEE"),
        ),
        (Entry("findings", "Findings", "Seite", "links"), ("R", "HIP")),
        (Entry("findings", "Right kidney", "Length", "10 cm", "L"), ("", "")),
        (Entry("findings", "Findings", "Left kidney, length", "10 cm", "R"), ("L", "KIDNEY")),
    ],
)
def test_a_field_of_the_wrong_side_is_seen(entry: Entry, order: tuple[str, str]) -> None:
    language = "de" if entry.label == "Seite" else "en"
    found = rules(entry, side=order[0], region=order[1], language=language)
    assert found == [("laterality", f"{entry.label}: {entry.text}")]


@pytest.mark.parametrize(
    "entry",
    [
        Entry("findings", "Findings", "Effusion", "12 mm", "R"),
        Entry("findings", "Findings", "Effusion", "12 mm"),
        Entry("findings", "Left knee, for comparison", "Effusion", "2 mm", "L"),
        Entry("findings", "Findings", "Liver cyst", "left lobe"),
        Entry("findings", "Findings", "Lung nodule", "8 mm", "L"),
        Entry("findings", "Findings", "Side", "right and left"),
        Entry("comparison", "Comparison", "Earlier exam", "left knee", "", is_typed=True, role="comparison"),
    ],
)
def test_a_field_of_the_right_side_or_of_another_part_is_let_be(entry: Entry) -> None:
    assert rules(entry, side="R", region="KNEE") == []


def test_a_field_of_an_organ_of_the_other_sex_is_seen() -> None:
    volume = Entry("findings", "Findings", "Prostate volume", "22 ml")
    assert rules(volume, sex="F") == [("sex", "Prostate volume: 22 ml")]
    assert rules(volume, sex="M") == rules(volume, sex="O") == []


def test_a_placeholder_in_a_typed_field_is_seen_and_in_a_choice_it_is_its_name() -> None:
    assert rules(Entry("", "", "Where", "[lobe]", "", is_typed=True)) == [("placeholder", "[lobe]")]
    assert rules(Entry("", "", "Grade", "II [mild]")) == []


HANS = Person("Meier-Groß", "Hans")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Meier-Groß, Hans: no change.", "another-patient"),
        ("No change in Hans MEIER-GROSS.", "another-patient"),
        ("Herr Meier-Groß was told.", "another-name"),
        ("A Meier-Groß procedure was done.", ""),
        ("Hans was told.", ""),
        ("Compared with N260000001.", "another-number"),
        ("Compared with N2600000012.", ""),
    ],
)
def test_words_of_another_patient_are_seen(text: str, rule: str) -> None:
    case = Case(own=(Person("Muster", "Eva"),), others=(HANS,), others_numbers=frozenset({"N260000001"}))
    found = [doubt.rule for doubt in doubts([Part("findings", "Findings", text)], case)]
    assert found == ([rule] if rule else [])


def test_a_patient_of_the_same_name_or_family_is_no_stranger() -> None:
    text = Part("findings", "Findings", "Frau Meier-Groß was told.")
    assert doubts([text], Case(own=(Person("Meier-Gross", "Eva"),), others=(HANS,))) == []
    assert doubts([Part("findings", "Findings", "Hans Meier-Groß.")], Case(own=(HANS,), others=(HANS,))) == []


OTHER = Person("Berg", "Anna Maria")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Berg, Anna: the lungs are clear.", "another-patient"),
        ("Seen with Anna Maria Berg.", "another-patient"),
        ("ANNA BERG has a nodule.", "another-patient"),
        ("Mother Anna Berg had breast cancer.", "another-name"),
        ("Told to Anna Berg on the phone at 10:00, anna berg agreed.", "another-patient"),
        ("anna berg", "another-name"),
        ("Mrs Berg was told.", "another-name"),
        ("A Berg fracture.", ""),
        ("Anna was told.", ""),
    ],
)
def test_a_full_name_stops_and_what_may_well_be_said_only_warns(text: str, rule: str) -> None:
    case = Case(own=(Person("Muster", "Eva"),), others=(OTHER,))
    found = [doubt.rule for doubt in doubts([Part("findings", "Findings", text)], case)]
    assert found == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("other", "text"),
    [
        (Person("Fort", "Le"), "A Le Fort II fracture."),
        (Person("Virchow", "Robin"), "Widened Virchow Robin spaces."),
        (Person("Lung", "Left"), "Left Lung: clear."),
    ],
)
def test_words_of_a_report_that_are_somebodys_name_stop_nothing(other: Person, text: str) -> None:
    case = Case(own=(Person("Muster", "Eva"),), others=(other,))
    assert {doubt.rule for doubt in doubts([Part("findings", "Findings", text)], case)} == {"another-name"}


def test_who_is_called_as_a_patient_is_and_belongs_here_stops_nothing() -> None:
    text = Part("findings", "Findings", "Discussed with Dr. Anna Berg.")
    (found,) = doubts([text], Case(own=(Person("Muster", "Eva"),), others=(OTHER,), known=("Dr. Anna M. Berg",)))
    assert found.rule == "another-name"
    own = (Person("Muster", "Anna"), Person("Berg", "Anna Lena"))
    assert doubts([text], Case(own=own, others=(Person("Berg", "Anna"),))) == [], "it is an earlier name of the patient"

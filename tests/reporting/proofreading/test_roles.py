"""What a section is for is known by its key, its code, or its title, in English and German."""

from __future__ import annotations

import pytest

from reporting.proofreading.roles import ROLES, key_of, role_of, role_of_title


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Impressions", "impression"),
        ("Impression and plan", "impression"),
        ("Findings and impression", "impression"),
        ("4. Conclusion:", "impression"),
        ("Radiologist's impression", "impression"),
        ("Befund und Beurteilung", "impression"),
        ("Fazit", "impression"),
        ("Zusammenfassung", "impression"),
        ("Assessment of the left ventricle", ""),
        ("Nodule assessment", ""),
        ("Clinical impression", "indication"),
        ("Klinische Angaben", "indication"),
        ("Fragestellung", "indication"),
        ("Prior studies", "comparison"),
        ("Vergleich mit Voruntersuchungen", "comparison"),
        ("Comparison of both sides", ""),
        ("Previous surgery", ""),
        ("Technik", "technique"),
        ("Technique / Comparison", "technique"),
        ("Technique and findings", "findings"),
        ("Liver", ""),
        ("", ""),
    ],
)
def test_a_title_says_what_a_section_is_for(title: str, role: str) -> None:
    assert role_of_title(title) == role
    assert role in {"", *ROLES}


def test_a_key_that_is_a_word_goes_before_the_code_and_the_code_before_the_title() -> None:
    code = {"scheme": "RADLEX", "code": "rid13170", "name": "Impression"}
    assert role_of({"key": "s3", "title": "Comment", "code": code}) == "impression"
    assert role_of({"key": "s3", "title": "Findings", "code": code}) == "impression"
    assert role_of({"key": "technique", "title": "Comment", "code": code}) == "technique"
    assert role_of({"key": "s3", "title": "Comment", "code": {"code": "RID58"}}) == ""


def test_of_two_sections_the_one_that_is_called_so_is_meant() -> None:
    two = [{"key": "s1", "title": "Fazit"}, {"key": "impression", "title": "Impression"}]
    assert (key_of(two, "impression"), key_of(two[:1], "impression"), key_of(two, "technique")) == (
        "impression",
        "s1",
        "",
    )

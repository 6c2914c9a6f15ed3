"""Which order a study answers: a wrong patient is never linked, whatever else agrees (DESIGN.md §5.6, §5.10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worklist.matching import ASPECTS, DIFFERS, RULES, SAME, UNKNOWN, Candidate, Seen, compared, match, scored

CANDIDATE = Candidate(
    key=1, site_id=1, study_instance_uid="2.25.1", accession_number="N260000001",
    patient_ids=frozenset({("NORTHGATE", "NORTH1"), ("SOUTHBANK", "S9")}), family_name="moller",
    birth_date=date(1961, 5, 17), modality="CT",
)  # fmt: skip
SEEN = Seen(
    study_instance_uid="2.25.1", accession_number="N260000001", patient_id="NORTH1", issuer="NORTHGATE",
    family_name="moller", birth_date=date(1961, 5, 17), modalities=frozenset({"CT"}),
)  # fmt: skip
UID, ACCESSION = "same StudyInstanceUID", "same accession number"

DAY = date(2027, 3, 12)

LINKED = {
    "all agrees": (SEEN, UID),
    "the device made a study UID of its own": (replace(SEEN, study_instance_uid="2.25.7"), ACCESSION),
    "the accession was lost": (replace(SEEN, accession_number=""), UID),
    "the accession was mistyped": (replace(SEEN, accession_number="N260000002"), UID),
    "no issuer": (replace(SEEN, issuer=""), UID),
    "the number of another authority of the same person": (replace(SEEN, issuer="SOUTHBANK", patient_id="S9"), UID),
    "no birth date": (replace(SEEN, birth_date=None), UID),
    "no name": (replace(SEEN, family_name=""), UID),
    "the same issuer of the accession number": (
        replace(SEEN, study_instance_uid="2.25.7", accession_issuer="RIS"),
        ACCESSION,
    ),
    "modality not told": (replace(SEEN, modalities=frozenset()), UID),
    "a report is in it too": (replace(SEEN, modalities=frozenset({"CT", "SR", "DOC"})), UID),
}

LEFT = {
    "another patient number": (replace(SEEN, patient_id="NORTH2"), "the patient number differs"),
    "another issuer's equal number": (replace(SEEN, issuer="ELSEWHERE"), "the patient number differs"),
    "no patient number": (replace(SEEN, patient_id="", issuer=""), "the patient number differs"),
    "another birth date": (replace(SEEN, birth_date=date(1961, 5, 18)), "the birth date differs"),
    "another family name": (replace(SEEN, family_name="moeller"), "the family name differs"),
    "another modality": (replace(SEEN, modalities=frozenset({"MR"})), "the modality differs"),
    "neither UID nor accession": (
        replace(SEEN, study_instance_uid="2.25.7", accession_number="N269999999"),
        "no open order has",
    ),
    "no accession and a UID of its own": (replace(SEEN, study_instance_uid="2.25.7", accession_number=""), "no open"),
}


@pytest.mark.parametrize("case", LINKED)
def test_a_study_that_fits_is_linked_with_its_evidence(case: str) -> None:
    seen, evidence = LINKED[case]
    assert (match(seen, [CANDIDATE]).key, match(seen, [CANDIDATE]).evidence) == (1, evidence)


@pytest.mark.parametrize("case", LEFT)
def test_a_study_that_does_not_fit_is_left_and_says_why(case: str) -> None:
    seen, why = LEFT[case]
    verdict = match(seen, [CANDIDATE])
    assert verdict.key is None
    assert any(why in finding for finding in verdict.findings)


def test_the_study_uid_goes_before_the_accession_number() -> None:
    other = replace(CANDIDATE, key=2, study_instance_uid="2.25.2", accession_number="N260000002")
    seen = replace(SEEN, accession_number="N260000002")
    assert match(seen, [other, CANDIDATE]).key == 1


def test_one_accession_number_of_two_orders_is_for_a_person_to_decide() -> None:
    both = [replace(CANDIDATE, study_instance_uid="2.25.8"), replace(CANDIDATE, key=2, study_instance_uid="2.25.9")]
    verdict = match(replace(SEEN, study_instance_uid="2.25.7"), both)
    assert (verdict.key, verdict.findings) == (None, ("same accession number as 2 orders: a person must choose",))


def test_without_orders_nothing_is_linked() -> None:
    assert match(SEEN, []).key is None


def test_every_reason_is_told() -> None:
    seen = replace(SEEN, patient_id="X", birth_date=date(1999, 1, 1), family_name="other")
    assert len(match(seen, [CANDIDATE]).findings) == 6, "three for the UID, three for the accession number"


def test_one_accession_number_of_another_issuer_is_another_number() -> None:
    seen = replace(SEEN, study_instance_uid="2.25.7", accession_issuer="ELSEWHERE")
    verdict = match(seen, [replace(CANDIDATE, accession_issuer="NORTH")])
    assert (verdict.key, verdict.findings) == (None, ("same accession number, but of another issuer",))


def test_patient_day_and_modality_only_suggest() -> None:
    seen = replace(SEEN, study_instance_uid="2.25.7", accession_number="", day=DAY)
    verdict = match(seen, [replace(CANDIDATE, days=frozenset({DAY}))])
    assert (verdict.key, verdict.doubt) == (None, "nothing")
    assert verdict.findings == ("same patient, day and modality as N260000001: a person must confirm",)


def test_every_rule_asks_for_aspects_that_exist_and_says_so_in_words() -> None:
    known = {aspect.key for aspect in ASPECTS}
    assert all(known.issuperset(rule.needs) and rule.words for rule in RULES)
    assert [rule.links for rule in RULES] == [True, True, False], "patient, day and modality never link"


def test_the_one_that_agrees_most_stands_first() -> None:
    seen = replace(SEEN, study_instance_uid="2.25.7", accession_number="", day=DAY)
    right = replace(CANDIDATE, key=3, days=frozenset({DAY}))
    other_day = replace(CANDIDATE, key=2, days=frozenset({date(2027, 3, 1)}))
    stranger = replace(CANDIDATE, key=1, patient_ids=frozenset({("NORTHGATE", "NORTH2")}), family_name="olsen")
    assert [one.key for one in scored(seen, [stranger, other_day, right])] == [3, 2, 1]


# Few values, so that they meet often.
NUMBERS = st.sampled_from(["1", "2", "3", ""])
ISSUERS = st.sampled_from(["A", "B", ""])
NAMES = st.sampled_from(["moller", "olsen", ""])
DAYS = st.sampled_from([None, date(1961, 5, 17), date(1990, 3, 30)])
KINDS = st.sampled_from(["CT", "MR"])

candidates = st.lists(
    st.builds(
        Candidate, key=st.integers(1, 99), site_id=st.just(1), study_instance_uid=NUMBERS, accession_number=NUMBERS,
        patient_ids=st.frozensets(st.tuples(st.sampled_from(["A", "B"]), st.sampled_from(["1", "2", "3"])), max_size=2),
        family_name=NAMES, birth_date=DAYS, modality=KINDS, order=st.integers(0, 2),
        accession_issuer=ISSUERS, days=st.frozensets(st.sampled_from([DAY, date(2027, 3, 13)]), max_size=2),
    ),
    max_size=5, unique_by=lambda candidate: candidate.key,
)  # fmt: skip
seen_studies = st.builds(
    Seen, study_instance_uid=NUMBERS, accession_number=NUMBERS, patient_id=NUMBERS, issuer=ISSUERS, family_name=NAMES,
    birth_date=DAYS, modalities=st.frozensets(KINDS), linked=st.booleans(), accession_issuer=ISSUERS,
    day=st.sampled_from([None, DAY]),
)  # fmt: skip


def is_same_person(seen: Seen, candidate: Candidate) -> bool:
    if seen.issuer:
        return (seen.issuer, seen.patient_id) in candidate.patient_ids
    return any(value == seen.patient_id for _issuer, value in candidate.patient_ids)


@settings(max_examples=400)
@given(seen_studies, candidates)
def test_nothing_is_ever_linked_to_another_patient(seen: Seen, orders: list[Candidate]) -> None:
    verdict = match(seen, orders)
    linked = [one for one in orders if one.key in {verdict.key, *verdict.others}]
    assert bool(linked) is (verdict.key is not None)
    for candidate in linked:
        assert is_same_person(seen, candidate)
        assert seen.patient_id, "who is nobody is nobody's"
        assert candidate.accession_number == seen.accession_number or any(
            one.study_instance_uid == seen.study_instance_uid for one in linked
        )
        if not seen.linked:
            assert not (seen.birth_date and candidate.birth_date and seen.birth_date != candidate.birth_date)


@settings(max_examples=400)
@given(seen_studies, candidates, st.randoms())
def test_the_order_in_which_orders_are_looked_at_does_not_matter(
    seen: Seen, orders: list[Candidate], random: object
) -> None:
    shuffled = list(orders)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = match(seen, orders), match(seen, shuffled)
    assert {one.key, *one.others} == {other.key, *other.others}


@given(seen_studies, candidates)
def test_what_is_left_always_says_why(seen: Seen, orders: list[Candidate]) -> None:
    verdict = match(seen, orders)
    assert verdict.findings
    assert (verdict.key is None) is (verdict.evidence == "")


@settings(max_examples=400)
@given(seen_studies, candidates)
def test_only_uid_and_accession_ever_link_and_never_against_a_difference(seen: Seen, orders: list[Candidate]) -> None:
    verdict = match(seen, orders)
    assert verdict.evidence in {"", UID, ACCESSION}
    for one in orders:
        if one.key in {verdict.key, *verdict.others}:
            found = compared(seen, one)
            against = [aspect for aspect in ASPECTS if aspect.against and found[aspect.key] == DIFFERS]
            assert all(seen.linked and aspect.person for aspect in against)


@settings(max_examples=400)
@given(seen_studies, candidates)
def test_a_score_is_of_all_that_could_be_compared(seen: Seen, orders: list[Candidate]) -> None:
    rows = scored(seen, orders)
    assert sorted(one.key for one in rows) == sorted(one.key for one in orders)
    assert [one.score for one in rows] == sorted((one.score for one in rows), reverse=True)
    for one in rows:
        assert 0 <= one.score <= 100
        assert set(one.compared.values()) <= {SAME, DIFFERS, UNKNOWN}
        assert one.score < 100 or not one.against


@settings(max_examples=300)
@given(seen_studies, candidates)
def test_a_doubt_is_named_exactly_when_nothing_is_linked(seen: Seen, orders: list[Candidate]) -> None:
    verdict = match(seen, orders)
    assert (verdict.doubt in {"mismatch", "ambiguous", "nothing"}) is (verdict.key is None)

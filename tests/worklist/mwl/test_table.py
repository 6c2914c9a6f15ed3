"""Every row of PS3.4 Table K.6-1: how it matches, how it returns, and what becomes of the rows that we do not hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests.worklist.mwl.samples import ENTRY, STEP, answered, identifier
from worklist.mwl.attributes import ATTRIBUTES, Attribute, Matching
from worklist.mwl.entry import Code, ContextItem, Issuer, OtherPatientId, Reference
from worklist.mwl.query import IdentifierError, match, parse
from worklist.mwl.style import IncompleteEntryError, Style

SIDE = ContextItem((Code("272741003", "SCT", "Laterality", "2026"),), (Code("7771000", "SCT", "Left", "2026"),))
FULL_STEP = replace(
    STEP, performing_physician="Holm^Karl", pre_medication="Sedation", contrast_agent="Iomeprol", comments="Low dose",
    protocol_codes=(Code("CTCH", "99ISO", "CT chest", "1", context=(SIDE,)),),
)  # fmt: skip
FULL = replace(
    ENTRY, steps=(FULL_STEP,), patient_name="Lund^Anna", weight="70.5", confidentiality="CONFIDENTIAL",
    patient_state="eGFR: 40", pregnancy_status="1", medical_alerts=("Implant: pacemaker", "Infection: MRSA"),
    allergies=("Penicillin", "Latex"), special_needs="Isolation: MRSA", patient_comments="Walks", transport="Bed",
    procedure_codes=(Code("CTCH", "99ISO", "CT chest", "1"),), referenced_studies=(Reference("1.2.3", "1.2.4"),),
    reason="Cough", procedure_comments="Embolism?", requesting_service="Ward 4", placer_number="P1", filler_number="F1",
    admission_id="V-7", admission_issuers=(Issuer("VISITS", "1.2.8", "ISO"),), patient_location="4 West, 12",
    referenced_patients=(Reference("1.2.5", "1.2.6"),), institution="North",
    other_patient_ids=(OtherPatientId("S-77", "SOUTH"),),
    accession_issuers=(Issuer("NORTH", "1.2.7", "ISO"),),
)  # fmt: skip

# By value representation: a value that no entry above has.
OTHER: dict[str, str] = {
    "AE": "NOBODY", "CS": "NOTHING", "DA": "19000101", "TM": "235959", "PN": "Nobody^Nil", "LO": "nothing",
    "SH": "nothing", "LT": "nothing", "ST": "nothing", "UI": "1.9.9", "DS": "99.25", "US": "4", "UT": "nothing",
}  # fmt: skip
WILD_VRS = {"AE", "CS", "LO", "SH", "LT", "ST", "PN", "UT"}


@dataclass(frozen=True)
class Row:
    """A row of the table and the sequences that it stands in."""

    attribute: Attribute
    within: tuple[Attribute, ...]

    def __str__(self) -> str:
        return ".".join(part.keyword for part in (*self.within, self.attribute))

    @property
    def supported(self) -> bool:
        return all(part.supported for part in (*self.within, self.attribute))

    def asked(self, value: Any) -> Dataset:
        """A query with this one key."""
        dataset = Dataset()
        setattr(dataset, self.attribute.keyword, value)
        for sequence in reversed(self.within):
            outer = Dataset()
            setattr(outer, sequence.keyword, [dataset])
            dataset = outer
        if not self.within or self.within[0].keyword != "ScheduledProcedureStepSequence":
            dataset.ScheduledProcedureStepSequence = [identifier(Modality="")]
        return dataset

    def held(self) -> str:
        """What FULL says here, the first of several."""
        source: Any = FULL
        for sequence in self.within:
            source = getattr(source, sequence.source)[0]
        value = getattr(source, self.attribute.source)
        return value[0] if isinstance(value, tuple) else value

    def returned(self, answer: Dataset) -> Dataset | None:
        """The item of an answer that holds this row; None when a sequence on the way is missing."""
        item = answer
        for sequence in self.within:
            if sequence.keyword not in item or not item[sequence.keyword].value:
                return None
            item = item[sequence.keyword].value[0]
        return item


def rows(attributes: tuple[Attribute, ...] = ATTRIBUTES, within: tuple[Attribute, ...] = ()) -> Iterator[Row]:
    for attribute in attributes:
        yield Row(attribute, within)
        yield from rows(attribute.items, (*within, attribute))


ALL = list(rows())
LEAVES = [row for row in ALL if row.supported and not row.attribute.items]
SEQUENCES = [row for row in ALL if row.supported and row.attribute.items]
NOT_HELD = [row for row in ALL if not row.supported]
REQUIRED = {
    "ScheduledProcedureStepSequence", "ScheduledStationAETitle", "ScheduledProcedureStepStartDate",
    "ScheduledProcedureStepStartTime", "Modality", "ScheduledPerformingPhysicianName", "PatientName", "PatientID",
}  # fmt: skip


def test_the_required_matching_keys_are_those_of_the_standard() -> None:
    assert {row.attribute.keyword for row in ALL if row.attribute.matching is Matching.REQUIRED} == REQUIRED


def test_the_type_1_keys_of_the_standard_are_all_held() -> None:
    wanted = REQUIRED - {"ScheduledPerformingPhysicianName"} | {
        "ScheduledProcedureStepID", "RequestedProcedureID", "StudyInstanceUID",
    }  # fmt: skip
    assert {
        str(row).rpartition(".")[2] for row in ALL if row.attribute.returned == "1" and len(row.within) < 2
    } >= wanted
    assert all(row.supported for row in ALL if str(row).rpartition(".")[2] in wanted)


@pytest.mark.parametrize("row", ALL, ids=str)
def test_a_row_is_cited_and_of_the_data_dictionary(row: Row) -> None:
    assert row.attribute.tag
    assert row.attribute.citation.startswith("PS3.4 Table K.6-1")
    assert row.attribute.returned in {"1", "1C", "2", "2C", "3"}


@pytest.mark.parametrize("row", LEAVES, ids=str)
def test_its_own_value_selects_and_another_does_not(row: Row) -> None:
    assert match(FULL, parse(row.asked(row.held())))
    assert not match(FULL, parse(row.asked(OTHER[row.attribute.vr])))
    assert parse(row.asked(row.held())).fully_supported


@pytest.mark.parametrize("row", LEAVES, ids=str)
def test_universal_matching_takes_every_entry_and_returns_the_value(row: Row) -> None:
    query = parse(row.asked(None))
    assert match(FULL, query)
    item = row.returned(answered(FULL, query))
    assert item is not None
    found = item[row.attribute.keyword]
    assert not found.is_empty
    assert set(item.dir()) == {row.attribute.keyword} | ({"SpecificCharacterSet", "ScheduledProcedureStepSequence"}
                                                         & set(item.dir()))  # fmt: skip


@pytest.mark.parametrize("row", [row for row in LEAVES if row.attribute.vr in WILD_VRS], ids=str)
def test_a_wildcard_stands_for_letters(row: Row) -> None:
    value = row.held()
    for pattern in (f"{value[:2]}*", f"?{value[1:]}", f"*{value[-2:]}"):
        assert match(FULL, parse(row.asked(pattern))), pattern
    assert not match(FULL, parse(row.asked("zz*")))


@pytest.mark.parametrize("row", [row for row in LEAVES if row.attribute.vr in {"LO", "SH", "CS", "AE"}], ids=str)
def test_case_counts_but_in_names(row: Row) -> None:
    other = row.held().swapcase()
    assert other == row.held() or not match(FULL, parse(row.asked(other)))


@pytest.mark.parametrize("row", [row for row in LEAVES if row.attribute.vr == "PN"], ids=str)
def test_a_name_is_found_in_any_case(row: Row) -> None:
    assert match(FULL, parse(row.asked(row.held().upper())))


@pytest.mark.parametrize("row", [row for row in LEAVES if row.attribute.vr == "UI"], ids=str)
def test_a_list_of_uids_names_any_of_them(row: Row) -> None:
    assert match(FULL, parse(row.asked(["1.9.9", row.held()])))
    assert not match(FULL, parse(row.asked(["1.9.9", "1.9.8"])))


@pytest.mark.parametrize("row", [row for row in LEAVES if row.attribute.vr in {"DA", "TM"}], ids=str)
def test_a_range_takes_what_lies_within(row: Row) -> None:
    value, early, late = row.held(), {"DA": "19000101", "TM": "0000"}, {"DA": "29990101", "TM": "2359"}
    vr = row.attribute.vr
    for asked in (f"{early[vr]}-{late[vr]}", f"{value}-", f"-{value}", f"{value}-{value}"):
        assert match(FULL, parse(row.asked(asked))), asked
    assert not match(FULL, parse(row.asked(f"{late[vr]}-"))) or value > late[vr]
    with pytest.raises(IdentifierError):
        parse(row.asked("2026-13-40"))


@pytest.mark.parametrize("row", SEQUENCES, ids=str)
def test_a_sequence_asked_as_a_whole_returns_its_items(row: Row) -> None:
    query = parse(row.asked([]))
    item = row.returned(answered(FULL, query))
    assert match(FULL, query)
    assert item is not None
    assert item[row.attribute.keyword].value


def emptied(attribute: Attribute) -> Any:
    """FULL, or its step, without this attribute."""
    if hasattr(FULL, attribute.source):
        return replace(FULL, **{attribute.source: type(getattr(FULL, attribute.source))()})
    blank = type(getattr(FULL_STEP, attribute.source))()
    return replace(FULL, steps=(replace(FULL_STEP, **{attribute.source: blank}),))


STEP_ONLY = ["ScheduledProcedureStepSequence"]
SHALLOW = [row for row in (*LEAVES, *SEQUENCES) if [part.keyword for part in row.within] in ([], STEP_ONLY)]


@pytest.mark.parametrize("row", SHALLOW, ids=str)
def test_what_is_unknown_returns_as_its_type_says(row: Row) -> None:
    if row.attribute.keyword == "ScheduledProcedureStepSequence":
        return
    query = parse(row.asked([] if row.attribute.items else None))
    if row.attribute.returned == "1":
        with pytest.raises(IncompleteEntryError):
            answered(emptied(row.attribute), query)
        return
    item = row.returned(answered(emptied(row.attribute), query))
    if row.attribute.returned == "1C":
        assert item is None or row.attribute.keyword not in item
    else:
        assert item is not None
        assert item[row.attribute.keyword].is_empty


@pytest.mark.parametrize("row", SHALLOW, ids=str)
def test_an_unknown_value_fails_every_key_that_selects(row: Row) -> None:
    if not row.attribute.items:
        assert not match(emptied(row.attribute), parse(row.asked(row.held())))


@pytest.mark.parametrize("row", NOT_HELD, ids=str)
def test_a_row_that_we_do_not_hold_warns_and_neither_selects_nor_returns(row: Row) -> None:
    value: Any = [Dataset()] if row.attribute.vr == "SQ" else OTHER.get(row.attribute.vr)
    query = parse(row.asked(value))
    assert not query.fully_supported
    assert match(FULL, query)
    item = row.returned(answered(FULL, query, Style()))
    assert item is None or row.attribute.keyword not in item

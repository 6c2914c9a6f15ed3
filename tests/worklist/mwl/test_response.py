from __future__ import annotations

import warnings

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pynetdicom.dsutils import decode, encode

from tests.worklist.mwl.samples import ENTRY, entry, identifier
from worklist.mwl.attributes import ATTRIBUTES, SCHEDULED_STEP, STEP_SEQUENCE, Attribute
from worklist.mwl.query import Key, MwlQuery, parse
from worklist.mwl.response import IncompleteEntryError, respond

UTF8 = ("ISO_IR 192",)
LATIN1 = ("ISO_IR 100",)


def everything() -> MwlQuery:
    def keys(attributes: tuple[Attribute, ...]) -> tuple[Key, ...]:
        return tuple(Key(attribute, keys=keys(attribute.items)) for attribute in attributes)

    return MwlQuery(keys(ATTRIBUTES))


def over_the_wire(dataset: Dataset) -> Dataset:
    encoded = encode(dataset, True, True)
    assert encoded is not None
    buffer = DicomBytesIO(encoded)
    buffer.is_little_endian = buffer.is_implicit_VR = True
    return decode(buffer, True, True)


def test_exactly_the_keys_asked_come_back() -> None:
    query = parse(identifier({"Modality": "CT", "ScheduledProcedureStepID": ""}, PatientName="", PatientWeight=""))
    answer = respond(ENTRY, query, UTF8)
    assert {element.keyword for element in answer} == {
        "SpecificCharacterSet",
        "PatientName",
        "PatientWeight",
        "ScheduledProcedureStepSequence",
    }
    (step,) = answer.ScheduledProcedureStepSequence
    assert {element.keyword: element.value for element in step} == {
        "Modality": "CT",
        "ScheduledProcedureStepID": "N260000001-1",
    }


def test_a_sequence_asked_as_a_whole_comes_with_all_that_is_known() -> None:
    for items in ([], [Dataset()]):
        asked = Dataset()
        asked.ScheduledProcedureStepSequence = items
        (step,) = respond(ENTRY, parse(asked), UTF8).ScheduledProcedureStepSequence
        always = {row.keyword for row in SCHEDULED_STEP if row.returned in {"1", "2", "2C", "3"}}
        assert always <= {element.keyword for element in step}
        assert step.ScheduledProtocolCodeSequence[0].CodeMeaning == "CT chest"


def test_type_1_is_never_empty_and_unknown_type_2_always_is() -> None:
    answer = respond(ENTRY, everything(), UTF8)
    (step,) = answer.ScheduledProcedureStepSequence
    for dataset, rows in ((answer, ATTRIBUTES), (step, SCHEDULED_STEP)):
        for row in rows:
            if row.returned == "1":
                assert not dataset[row.tag].is_empty, row.keyword
            elif row.returned == "2":
                assert row.tag in dataset, row.keyword
    assert answer["Allergies"].is_empty
    assert answer["PregnancyStatus"].is_empty


def test_an_unknown_1c_attribute_is_left_out() -> None:
    answer = respond(entry(procedure_codes=(), step_protocol_codes=()), everything(), UTF8)
    assert "RequestedProcedureCodeSequence" not in answer
    assert "ScheduledProtocolCodeSequence" not in answer.ScheduledProcedureStepSequence[0]


@pytest.mark.parametrize("missing", ["patient_id", "study_instance_uid", "step_step_id", "step_modality"])
def test_an_entry_without_a_type_1_value_is_not_sent(missing: str) -> None:
    with pytest.raises(IncompleteEntryError):
        respond(entry(**{missing: ""}), everything(), UTF8)


def test_an_identifier_is_never_shortened() -> None:
    with pytest.raises(IncompleteEntryError, match="AccessionNumber"):
        respond(entry(accession_number="A" * 17), parse(identifier(AccessionNumber="")), UTF8)


def test_a_description_is_cut_to_what_the_device_can_hold() -> None:
    answer = respond(entry(procedure_description="x" * 90), parse(identifier(RequestedProcedureDescription="")), UTF8)
    assert answer.RequestedProcedureDescription == "x" * 64


@pytest.mark.parametrize(
    ("charset", "name", "expected"),
    [
        (UTF8, "Müller^Änne=山田^太郎", "Müller^Änne=山田^太郎"),
        (LATIN1, "Müller^Änne=山田^太郎", "Müller^Änne"),
        (LATIN1, "Łukasz^Żak", "Lukasz^Zak"),
        (("ISO_IR 6",), "Groß^Bjørn", "Gross^Bjorn"),
        (("ISO_IR 144",), "Иванов^Пётр", "Иванов^Пётр"),
        (("", "ISO 2022 IR 87"), "Yamada^Tarou=山田^太郎", "Yamada^Tarou=山田^太郎"),
        (("GB18030",), "Wang^XiaoDong=王^小东", "Wang^XiaoDong=王^小东"),
    ],
)
def test_a_name_survives_the_wire_in_the_character_set_of_the_device(
    charset: tuple[str, ...], name: str, expected: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answer = over_the_wire(respond(entry(patient_name=name), parse(identifier(PatientName="")), charset))
        assert str(answer.PatientName) == expected


def test_the_character_set_is_named_unless_it_is_plain_ascii() -> None:
    asked = parse(identifier(PatientName=""))
    assert respond(ENTRY, asked, UTF8).SpecificCharacterSet == "ISO_IR 192"
    assert "SpecificCharacterSet" not in respond(ENTRY, asked, ("ISO_IR 6",))


def test_the_table_names_real_attributes_and_fields() -> None:
    def check(rows: tuple[Attribute, ...], source: object) -> None:
        for row in rows:
            assert row.tag, row.keyword
            assert (row.vr == "SQ") is bool(row.items), row.keyword
            assert hasattr(source, row.source), row.keyword

    check(ATTRIBUTES, ENTRY)
    check(STEP_SEQUENCE.items, ENTRY.steps[0])


def test_the_answer_is_written_in_ascending_order_of_tags() -> None:
    buffer = DicomBytesIO()
    buffer.is_little_endian = buffer.is_implicit_VR = True
    write_dataset(buffer, respond(ENTRY, everything(), UTF8))
    tags = [element.tag for element in over_the_wire(respond(ENTRY, everything(), UTF8))]
    assert tags == sorted(tags)

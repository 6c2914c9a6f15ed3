from __future__ import annotations

import warnings

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from tests.worklist.mwl.samples import ENTRY, answered, entry, identifier
from worklist.mwl.attributes import ATTRIBUTES, SCHEDULED_STEP, STEP_SEQUENCE, Attribute
from worklist.mwl.encoding import Encoded, ordered
from worklist.mwl.query import Key, MwlQuery, parse
from worklist.mwl.style import IncompleteEntryError, Style, cut, cut_group

UTF8 = Style()
LATIN1 = Style(("ISO_IR 100",))


def everything() -> MwlQuery:
    def keys(attributes: tuple[Attribute, ...]) -> tuple[Key, ...]:
        return ordered(Key(row, keys=keys(row.items)) for row in attributes if row.supported)

    return MwlQuery(keys(ATTRIBUTES))


def test_exactly_the_keys_asked_come_back() -> None:
    query = parse(identifier({"Modality": "CT", "ScheduledProcedureStepID": ""}, PatientName="", PatientWeight=""))
    answer = answered(ENTRY, query, UTF8)
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
        (step,) = answered(ENTRY, parse(asked), UTF8).ScheduledProcedureStepSequence
        always = {row.keyword for row in SCHEDULED_STEP if row.supported and row.returned != "1C"}
        assert always <= {element.keyword for element in step}
        assert step.ScheduledProtocolCodeSequence[0].CodeMeaning == "CT chest"


def test_type_1_is_never_empty_and_unknown_type_2_always_is() -> None:
    answer = answered(ENTRY, everything(), UTF8)
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
    answer = answered(entry(procedure_codes=(), step_protocol_codes=()), everything(), UTF8)
    assert "RequestedProcedureCodeSequence" not in answer
    assert "ScheduledProtocolCodeSequence" not in answer.ScheduledProcedureStepSequence[0]


@pytest.mark.parametrize("missing", ["patient_id", "study_instance_uid", "step_step_id", "step_modality"])
def test_an_entry_without_a_type_1_value_is_not_sent(missing: str) -> None:
    with pytest.raises(IncompleteEntryError):
        answered(entry(**{missing: ""}), everything(), UTF8)


def test_an_identifier_is_never_shortened() -> None:
    with pytest.raises(IncompleteEntryError, match="AccessionNumber"):
        answered(entry(accession_number="A" * 17), parse(identifier(AccessionNumber="")), UTF8)


def test_a_description_is_cut_to_what_the_device_can_hold() -> None:
    answer = answered(entry(procedure_description="x" * 90), parse(identifier(RequestedProcedureDescription="")), UTF8)
    assert answer.RequestedProcedureDescription == "x" * 64


@pytest.mark.parametrize(
    ("charset", "name", "expected"),
    [
        (("ISO_IR 192",), "Müller^Änne=山田^太郎", "Müller^Änne=山田^太郎"),
        (("ISO_IR 100",), "Müller^Änne=山田^太郎", "Müller^Änne"),
        (("ISO_IR 100",), "Łukasz^Żak", "Lukasz^Zak"),
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
        answer = answered(entry(patient_name=name), parse(identifier(PatientName="")), Style(charset))
        assert str(answer.PatientName) == expected


def test_the_character_set_is_named_unless_it_is_plain_ascii() -> None:
    asked = parse(identifier(PatientName=""))
    assert answered(ENTRY, asked, UTF8).SpecificCharacterSet == "ISO_IR 192"
    assert "SpecificCharacterSet" not in answered(ENTRY, asked, Style(("ISO_IR 6",)))


def test_the_table_names_real_attributes_and_fields() -> None:
    def check(rows: tuple[Attribute, ...], source: object) -> None:
        for row in rows:
            assert row.tag, row.keyword
            if row.supported:
                assert (row.vr == "SQ") is bool(row.items), row.keyword
                assert hasattr(source, row.source), row.keyword

    check(ATTRIBUTES, ENTRY)
    check(STEP_SEQUENCE.items, ENTRY.steps[0])


@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize("charset", ["ISO_IR 192", "ISO_IR 100", "GB18030", "\\ISO 2022 IR 87", "ISO_IR 6"])
def test_what_is_written_is_byte_for_byte_what_pydicom_writes(charset: str, implicit: bool) -> None:
    style = Style.of(charset, transliterate=True, max_lengths={}, implicit=implicit)
    told = entry(
        patient_name="Müller^Änne=山田^太郎", pregnancy_status="3", allergies=("Penicillin", "Latex"), weight="70.5"
    )
    written = DicomBytesIO()
    written.is_little_endian, written.is_implicit_VR = True, implicit
    write_dataset(written, answered(told, everything(), style))
    assert Encoded(told, style).answer(everything().keys) == written.getvalue()


def test_the_answer_is_written_in_ascending_order_of_tags() -> None:
    tags = [element.tag for element in answered(ENTRY, parse(identifier({}, PatientName="", AccessionNumber="")))]
    assert tags == sorted(tags)


@pytest.mark.parametrize(
    ("group", "length", "expected"),
    [
        ("Lindqvist^Anna^Maria^Dr.^PhD", 64, "Lindqvist^Anna^Maria^Dr.^PhD"),
        ("Lindqvist^Anna^Maria^Dr.^PhD", 25, "Lindqvist^Anna^Maria^Dr."),
        ("Lindqvist^Anna^Maria^Dr.^PhD", 22, "Lindqvist^Anna^Maria"),
        ("Lindqvist^Anna^Maria", 16, "Lindqvist^Anna"),
        ("Lindqvist^Annamaria", 14, "Lindqvist^Anna"),
        ("Lindqvist^Annamaria", 9, "Lindqvist"),
        ("Lindqvist^Annamaria", 4, "Lind"),
        ("^Annamaria", 5, "^Anna"),
    ],
)
def test_a_name_that_is_too_long_loses_whole_components_first(group: str, length: int, expected: str) -> None:
    assert cut_group(group, length) == expected


def test_a_letter_is_never_parted_from_its_marks() -> None:
    assert cut("Nguye\u0302\u0303n", 7) == "Nguye\u0302\u0303"
    assert cut("Nguye\u0302\u0303n", 6) == "Nguy"


def test_a_profile_shortens_what_its_device_cannot_hold_and_never_an_identifier() -> None:
    style = Style(max_lengths={"PatientName": 12, "RequestedProcedureDescription": 8, "AccessionNumber": 6})
    asked = parse(identifier(PatientName="", RequestedProcedureDescription="CT"))
    answer = answered(entry(patient_name="Lindqvist^Anna"), asked, style)
    assert (str(answer.PatientName), answer.RequestedProcedureDescription) == ("Lindqvist^An", "CT chest")
    with pytest.raises(IncompleteEntryError, match="AccessionNumber"):
        answered(ENTRY, parse(identifier(AccessionNumber="")), style)


def test_without_transliteration_what_cannot_be_written_is_marked() -> None:
    asked = parse(identifier(PatientName=""))
    strict = Style(("ISO_IR 100",), transliterate=False)
    assert str(answered(entry(patient_name="Łukasz^Żak"), asked, strict).PatientName) == "_ukasz^_ak"

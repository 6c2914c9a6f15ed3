"""The report as an object of its study: same patient, same study, same PDF, and nothing a validator dislikes."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian

from reporting.publish.encapsulated_pdf import (
    Description,
    Identity,
    NotAnEncapsulatedPdf,
    Predecessor,
    build,
    extract_pdf,
)
from reporting.publish.origin import SourceIncomplete
from reporting.render import render_pdf
from tests.reporting.render.examples import FINAL
from tests.reporting.tools import run

IDENTITY = Identity("2.25.1001", "2.25.2001", 3)
CREATED_AT = datetime(2026, 11, 21, 23, 30, tzinfo=timezone(timedelta(hours=1)))
DESCRIPTION = Description("Final report", CREATED_AT, verified=True)
PDF = render_pdf(FINAL)


def source(**changes: Any) -> Dataset:
    """An image of the study, as the archive gives it."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.PatientName = "Müller-Lüdenscheidt^Änne"
    dataset.PatientID = "NS-0048213"
    dataset.IssuerOfPatientID = "NORDSTADT"
    dataset.PatientBirthDate = "19560312"
    dataset.PatientSex = "F"
    dataset.StudyInstanceUID = "2.25.77"
    dataset.StudyDate = "20261120"
    dataset.StudyTime = "101500"
    dataset.ReferringPhysicianName = "Petrova^Olga"
    dataset.StudyID = "RP-12"
    dataset.AccessionNumber = "NS26-000417"
    dataset.StudyDescription = "CT chest with contrast"
    dataset.SeriesInstanceUID = "2.25.78"
    dataset.SOPInstanceUID = "2.25.79"
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    dataset.Modality = "CT"
    dataset.Rows = dataset.Columns = 512
    for keyword, value in changes.items():
        setattr(dataset, keyword, value)
    return dataset


def built(
    pdf: bytes = PDF, *, origin: Any = None, identity: Identity = IDENTITY, about: Description = DESCRIPTION
) -> bytes:
    return build(pdf, source=origin or source(), identity=identity, description=about)


def read(part10: bytes) -> Dataset:
    return dcmread(BytesIO(part10))


@pytest.mark.parametrize("pdf", [PDF[: len(PDF) // 2 * 2], PDF + b"\n" * (1 - len(PDF) % 2)], ids=["even", "odd"])
def test_dcmtk_takes_the_identical_pdf_out_again(pdf: bytes, tmp_path: Path) -> None:
    (tmp_path / "report.dcm").write_bytes(built(pdf))
    run("dcm2pdf", tmp_path / "report.dcm", tmp_path / "back.pdf")
    assert (tmp_path / "back.pdf").read_bytes() == pdf == extract_pdf(built(pdf))


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_come_back_as_they_went_in(pdf: bytes) -> None:
    part10 = built(pdf)
    assert extract_pdf(part10) == pdf
    assert len(part10) % 2 == 0
    assert read(part10).EncapsulatedDocumentLength == len(pdf)


@pytest.mark.parametrize(
    ("identity", "about"),
    [
        (IDENTITY, DESCRIPTION),
        (Identity("2.25.1002", "2.25.2001", 4, Predecessor("2.25.1001")), DESCRIPTION),
        (
            IDENTITY,
            Description("Preliminary report", CREATED_AT, verified=False, accession_numbers=(("A1", "R1"),)),
        ),
    ],
    ids=["first", "successor", "preliminary-with-requests"],
)
def test_dciodvfy_finds_no_error(identity: Identity, about: Description, tmp_path: Path) -> None:
    (tmp_path / "report.dcm").write_bytes(built(identity=identity, about=about))
    done = subprocess.run(["dciodvfy", "-new", str(tmp_path / "report.dcm")], capture_output=True, check=False)
    findings = (done.stdout + done.stderr).decode("latin-1").splitlines()
    assert "EncapsulatedPDF" in findings
    assert [line for line in findings if line.startswith("Error")] == []


def test_dciodvfy_would_have_found_an_error(tmp_path: Path) -> None:
    broken = read(built())
    del broken.BurnedInAnnotation, broken.Modality
    broken.save_as(tmp_path / "broken.dcm", enforce_file_format=True)
    done = subprocess.run(["dciodvfy", "-new", str(tmp_path / "broken.dcm")], capture_output=True, check=False)
    assert b"Error" in done.stdout + done.stderr


def test_patient_and_study_are_the_archives_own() -> None:
    origin, report = source(), read(built())
    copied = [
        "SpecificCharacterSet",
        "PatientName",
        "PatientID",
        "IssuerOfPatientID",
        "PatientBirthDate",
        "PatientSex",
        "StudyInstanceUID",
        "StudyDate",
        "StudyTime",
        "ReferringPhysicianName",
        "StudyID",
        "AccessionNumber",
        "StudyDescription",
    ]
    assert [report[keyword].value for keyword in copied] == [origin[keyword].value for keyword in copied]


def test_nothing_of_the_image_itself_is_copied() -> None:
    report = read(built())
    assert "Rows" not in report
    assert report.SOPInstanceUID == report.file_meta.MediaStorageSOPInstanceUID == "2.25.1001"
    assert report.SeriesInstanceUID == "2.25.2001"


def test_the_object_says_what_it_is() -> None:
    report = read(built())
    assert report.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert report.SOPClassUID == EncapsulatedPDFStorage
    assert (report.Modality, report.ConversionType, report.BurnedInAnnotation) == ("DOC", "WSD", "YES")
    assert (report.SeriesDescription, report.SeriesNumber, report.InstanceNumber) == ("Radiology report", 9000, 3)
    assert (report.DocumentTitle, report.VerificationFlag) == ("Final report", "VERIFIED")
    assert report.MIMETypeOfEncapsulatedDocument == "application/pdf"
    code = report.ConceptNameCodeSequence[0]
    assert (code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning) == (
        "18748-4",
        "LN",
        "Diagnostic imaging study",
    )


def test_a_preliminary_report_is_not_verified() -> None:
    assert read(built(about=Description("Draft", CREATED_AT, verified=False))).VerificationFlag == "UNVERIFIED"


def test_a_successor_names_its_predecessor_in_the_same_study_and_series() -> None:
    report = read(built(identity=Identity("2.25.1002", "2.25.2001", 4, Predecessor("2.25.1001"))))
    study = report.PredecessorDocumentsSequence[0]
    series = study.ReferencedSeriesSequence[0]
    instance = series.ReferencedSOPSequence[0]
    assert (study.StudyInstanceUID, series.SeriesInstanceUID) == ("2.25.77", "2.25.2001")
    assert (instance.ReferencedSOPClassUID, instance.ReferencedSOPInstanceUID) == (EncapsulatedPDFStorage, "2.25.1001")


def test_every_answered_accession_number_is_named() -> None:
    about = Description("Final report", CREATED_AT, verified=True, accession_numbers=(("A1", "R1"), ("A2", "R2")))
    requests = read(built(about=about)).RequestAttributesSequence
    assert [(one.AccessionNumber, one.RequestedProcedureID) for one in requests] == [("A1", "R1"), ("A2", "R2")]


def test_dicom_json_and_dataset_give_the_same_object() -> None:
    origin = source()
    assert built(origin=json.loads(json.dumps(origin.to_json_dict()))) == built(origin=origin)


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert built() == built()


def test_the_source_is_left_as_it_was() -> None:
    origin = source()
    built(origin=origin)
    assert origin == source()


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 192", "Wang^XiaoDong=王^小东"),
        ("ISO_IR 144", "Люкceмбypг"),
        ("ISO_IR 127", "قباني^لنزار"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        (["ISO 2022 IR 13", "ISO 2022 IR 87"], "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
        (["", "ISO 2022 IR 58"], "Zhang^XiaoDong=张^小东"),
    ],
)
def test_a_name_in_any_character_set_keeps_its_bytes(charset: Any, name: str) -> None:
    plain = source(SpecificCharacterSet=charset, PatientName=name, ReferringPhysicianName="")
    archive = BytesIO()
    plain.save_as(archive, implicit_vr=False, little_endian=True)
    origin = dcmread(archive, force=True)
    report = read(built(origin=origin))
    assert report.SpecificCharacterSet == origin.SpecificCharacterSet
    assert report.get_item("PatientName").value == dcmread(archive, force=True).get_item("PatientName").value
    assert str(report.PatientName) == str(origin.PatientName)


@pytest.mark.parametrize("charset", [None, "ISO_IR 6", "ISO_IR 100"])
def test_a_title_the_character_set_cannot_write_moves_the_object_to_utf_8(charset: str | None) -> None:
    origin = source(SpecificCharacterSet=charset, PatientName="Mueller^Anne")
    report = read(built(origin=origin, about=Description("Ορισμός", CREATED_AT, verified=True)))
    assert report.SpecificCharacterSet == "ISO_IR 192"
    assert report.DocumentTitle == "Ορισμός"
    assert report.PatientName == "Mueller^Anne"


def test_a_name_beyond_its_own_character_set_is_not_turned_into_question_marks() -> None:
    origin = source(SpecificCharacterSet="ISO_IR 6").to_json_dict()
    report = read(built(origin=origin))
    assert report.PatientName == "Müller-Lüdenscheidt^Änne"
    assert report.SpecificCharacterSet == "ISO_IR 192"


def test_times_are_in_the_zone_of_the_study() -> None:
    report = read(built(origin=source(TimezoneOffsetFromUTC="-0500")))
    assert (report.ContentDate, report.ContentTime) == ("20261121", "173000")
    assert report.TimezoneOffsetFromUTC == "-0500"


def test_times_are_as_given_when_the_study_names_no_zone() -> None:
    report = read(built())
    assert (report.ContentDate, report.ContentTime) == ("20261121", "233000")


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Description("Final report", datetime(2026, 11, 21), verified=True)  # noqa: DTZ001


@pytest.mark.parametrize("keyword", ["PatientID", "StudyInstanceUID"])
@pytest.mark.parametrize("empty", [True, False])
def test_a_source_without_patient_or_study_is_refused(keyword: str, empty: bool) -> None:
    origin = source()
    if empty:
        setattr(origin, keyword, "")
    else:
        delattr(origin, keyword)
    for form in (origin, origin.to_json_dict()):
        with pytest.raises(SourceIncomplete, match=keyword):
            built(origin=form)


def test_what_the_archive_lacks_is_empty_not_absent() -> None:
    bare = Dataset()
    bare.PatientID, bare.StudyInstanceUID = "P1", "2.25.77"
    report = read(built(origin=bare))
    for keyword in ("PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "AccessionNumber", "StudyID"):
        assert keyword in report
        assert not report[keyword].value


@pytest.mark.parametrize("rubbish", [b"", b"%PDF-1.4", b"\0" * 200, b"\0" * 128 + b"DICM"])
def test_rubbish_holds_no_report(rubbish: bytes) -> None:
    with pytest.raises(NotAnEncapsulatedPdf):
        extract_pdf(rubbish)


def test_an_image_holds_no_report() -> None:
    other = read(built())
    other.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    target = BytesIO()
    other.save_as(target)
    with pytest.raises(NotAnEncapsulatedPdf):
        extract_pdf(target.getvalue())


def test_an_object_without_a_length_loses_its_padding_only() -> None:
    other = read(built(b"%PDF-odd!"))
    del other.EncapsulatedDocumentLength
    target = BytesIO()
    other.save_as(target)
    assert extract_pdf(target.getvalue()) == b"%PDF-odd!"


def test_an_instant_in_utc_is_written_as_utc() -> None:
    about = Description("Final report", datetime(2026, 11, 21, 22, 30, tzinfo=UTC), verified=True)
    assert read(built(about=about)).ContentTime == "223000"

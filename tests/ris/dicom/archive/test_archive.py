"""What both adapters promise, seen at a real Orthanc."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ris.dicom.archive import Archive, ArchiveError, InstanceRef, InvalidKey, NotInArchive, StudyQuery
from ris.dicom.archive.orthanc import OrthancArchive
from tests.ris.dicom.objects import ct, file_of, new_accession, new_uid
from tests.services.orthanc import Server

NOWHERE = InstanceRef("2.25.1", "2.25.2", "2.25.3")


def test_a_stored_image_is_found_by_its_accession_with_what_it_says(archive: Archive) -> None:
    image = ct()
    assert archive.store([file_of(image)]).stored == {image.SOPInstanceUID}
    (row,) = archive.find_studies(StudyQuery(accession_number=image.AccessionNumber))
    assert row.study_instance_uid == image.StudyInstanceUID
    assert (row.patient_id, row.patient_name) == ("T-1", "TEST^PERSON")
    assert (row.birth_date, row.study_date) == (date(1970, 1, 2), date(2026, 1, 2))
    assert (row.modalities, row.series_count, row.instance_count) == (("CT",), 1, 1)
    assert row.description == "CT test"


def test_studies_are_found_by_patient_and_day(archive: Archive) -> None:
    mine = new_accession()
    images = [ct(PatientID=mine, StudyDate=day) for day in ("20260301", "20260302", "20260305")]
    archive.store([file_of(image) for image in images])
    found = archive.find_studies(StudyQuery(patient_id=mine, study_date=(date(2026, 3, 1), date(2026, 3, 4))))
    assert {row.study_instance_uid for row in found} == {image.StudyInstanceUID for image in images[:2]}


def test_no_more_rows_come_back_than_the_limit(archive: Archive) -> None:
    mine = new_accession()
    archive.store([file_of(ct(PatientID=mine)) for _ in range(3)])
    assert len(archive.find_studies(StudyQuery(patient_id=mine, limit=2))) == 2


def test_a_study_that_does_not_exist_is_none_and_has_nothing_in_it(archive: Archive) -> None:
    assert archive.study(new_uid()) is None
    assert archive.find_studies(StudyQuery(accession_number=new_accession())) == []
    assert archive.series(new_uid()) == []
    assert archive.instances(new_uid(), new_uid()) == []
    assert archive.locate(new_uid()) is None


def test_reading_what_does_not_exist_says_so(archive: Archive) -> None:
    with pytest.raises(NotInArchive):
        archive.retrieve(NOWHERE)
    with pytest.raises(NotInArchive):
        archive.metadata("2.25.1")
    with pytest.raises(NotInArchive):
        archive.instance_metadata(NOWHERE)


def test_series_and_instances_are_listed(archive: Archive) -> None:
    first = ct(SeriesNumber=1)
    second = ct(StudyInstanceUID=first.StudyInstanceUID, SeriesNumber=2, AccessionNumber=first.AccessionNumber)
    archive.store([file_of(first), file_of(second)])
    rows = sorted(archive.series(first.StudyInstanceUID), key=lambda row: row.number or 0)
    assert [row.series_instance_uid for row in rows] == [first.SeriesInstanceUID, second.SeriesInstanceUID]
    assert (rows[0].modality, rows[0].description, rows[0].instance_count) == ("CT", "axial", 1)
    (instance,) = archive.instances(first.StudyInstanceUID, first.SeriesInstanceUID)
    assert instance.ref == InstanceRef(first.StudyInstanceUID, first.SeriesInstanceUID, first.SOPInstanceUID)
    assert (instance.sop_class_uid, instance.rows, instance.columns) == (first.SOPClassUID, 8, 8)


def test_an_object_is_located_and_comes_back_byte_for_byte(archive: Archive) -> None:
    image = ct()
    sent = file_of(image)
    archive.store([sent])
    ref = archive.locate(image.SOPInstanceUID)
    assert ref == InstanceRef(image.StudyInstanceUID, image.SeriesInstanceUID, image.SOPInstanceUID)
    assert archive.retrieve(ref) == sent


def test_an_object_is_only_retrieved_from_the_place_that_was_named(archive: Archive) -> None:
    image = ct()
    archive.store([file_of(image)])
    with pytest.raises(NotInArchive):
        archive.retrieve(InstanceRef(image.StudyInstanceUID, new_uid(), image.SOPInstanceUID))


def test_metadata_has_every_object_and_no_pixels(archive: Archive) -> None:
    first = ct()
    second = ct(StudyInstanceUID=first.StudyInstanceUID, SeriesInstanceUID=first.SeriesInstanceUID)
    archive.store([file_of(first), file_of(second)])
    for found in (
        archive.metadata(first.StudyInstanceUID),
        archive.metadata(first.StudyInstanceUID, first.SeriesInstanceUID),
    ):
        assert {item["00080018"]["Value"][0] for item in found} == {first.SOPInstanceUID, second.SOPInstanceUID}
        assert "Value" not in found[0]["7FE00010"]
        assert "InlineBinary" not in found[0]["7FE00010"]
    one = archive.instance_metadata(InstanceRef(first.StudyInstanceUID, first.SeriesInstanceUID, first.SOPInstanceUID))
    assert one["00280010"]["Value"] == [8]


def test_a_second_copy_is_acknowledged_and_changes_nothing(archive: Archive) -> None:
    image = ct()
    original = file_of(image)
    archive.store([original])
    image.SeriesDescription = "changed"
    assert archive.store([file_of(image)]).stored == {image.SOPInstanceUID}
    ref = InstanceRef(image.StudyInstanceUID, image.SeriesInstanceUID, image.SOPInstanceUID)
    assert archive.retrieve(ref) == original


def test_an_object_without_a_study_is_reported_as_failed(archive: Archive) -> None:
    image = ct()
    del image.StudyInstanceUID
    result = archive.store([file_of(image)])
    assert result.stored == frozenset()
    assert result.failed == {image.SOPInstanceUID: "the archive cannot understand it"}


def test_one_bad_object_does_not_hide_that_the_good_one_was_stored(archive: Archive) -> None:
    good, bad = ct(), ct()
    del bad.StudyInstanceUID
    result = archive.store([file_of(good), file_of(bad)])
    assert result.stored == {good.SOPInstanceUID}
    assert set(result.failed) == {bad.SOPInstanceUID}
    assert archive.locate(good.SOPInstanceUID) is not None


def test_what_is_no_dicom_file_is_not_sent(archive: Archive) -> None:
    with pytest.raises(ValueError, match="not a DICOM file"):
        archive.store([b"%PDF-1.4"])
    with pytest.raises(InvalidKey):
        archive.store([])


def test_a_boundary_inside_an_object_cannot_smuggle_a_second_object_in(archive: Archive) -> None:
    hidden, carrier = ct(), ct()
    boundary = "0f3cf5c0-70e0-41ef-baef-c6f9f65ec3e1"  # the constant one of dicomweb-client
    carrier.PixelData = (
        f"\r\n--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        + file_of(hidden)
        + f"\r\n--{boundary}--".encode().ljust(44)
    )
    carrier.PixelData += b"\0" * (len(carrier.PixelData) % 2)
    sent = file_of(carrier)
    archive.store([sent])
    assert archive.locate(hidden.SOPInstanceUID) is None
    where = archive.locate(carrier.SOPInstanceUID)
    assert where is not None
    assert archive.retrieve(where) == sent


def test_a_study_uid_shared_by_two_patients_is_an_error_and_not_a_guess(archive: Archive) -> None:
    mine = ct()
    stray = ct(StudyInstanceUID=mine.StudyInstanceUID, PatientID="T-2")
    archive.store([file_of(mine)])
    archive.store([file_of(stray)])
    with pytest.raises(ArchiveError, match="Two patients") as caught:
        archive.study(mine.StudyInstanceUID)
    assert caught.value.permanent


def test_an_object_uid_used_twice_is_an_error_and_not_a_guess(archive: Archive) -> None:
    mine = ct()
    archive.store([file_of(mine)])
    archive.store([file_of(ct(SOPInstanceUID=mine.SOPInstanceUID))])
    with pytest.raises(ArchiveError, match="share this UID") as caught:
        archive.locate(mine.SOPInstanceUID)
    assert caught.value.permanent


@pytest.mark.parametrize("name", ["Müller^Jörg", "山田^太郎"])
def test_names_keep_their_letters(archive: Archive, name: str) -> None:
    image = ct(PatientName=name)
    archive.store([file_of(image)])
    (row,) = archive.find_studies(StudyQuery(accession_number=image.AccessionNumber))
    assert row.patient_name == name


def test_wrong_credentials_are_told_and_worth_a_retry_after_they_are_put_right(orthanc_server: Server) -> None:
    stranger = OrthancArchive(replace(orthanc_server.access(), password="wrong"))
    with pytest.raises(ArchiveError, match="credentials") as caught:
        stranger.ping()
    assert not caught.value.permanent

"""What only Orthanc can do."""

from __future__ import annotations

from io import BytesIO

import pytest
from pydicom import dcmread
from pynetdicom import AE

from ris.dicom.archive import ArchiveError, InvalidKey, NotSupported, StudyQuery
from tests.ris.dicom.objects import ct, file_of, new_accession
from tests.services.orthanc import Server


@pytest.mark.parametrize("letters", ["/", " ", "Ä", "^", "&x=", "#", "+"])
def test_a_key_that_cannot_stand_in_a_url_still_finds_its_study(orthanc_server: Server, letters: str) -> None:
    archive = orthanc_server.archive()
    accession = new_accession()[-8:] + letters + "1"
    image = ct(AccessionNumber=accession)
    archive.store([file_of(image)])
    (row,) = archive.find_studies(StudyQuery(accession_number=accession))
    assert row.study_instance_uid == image.StudyInstanceUID


@pytest.mark.parametrize("patient_id", ["T-9", "Ärzte 7", ""])
def test_a_study_carries_the_name_that_orthanc_gave_it(orthanc_server: Server, patient_id: str) -> None:
    archive = orthanc_server.archive()
    image = ct(PatientID=patient_id)
    archive.store([file_of(image)])
    row = archive.study(image.StudyInstanceUID)
    assert row is not None
    assert archive.study_by_archive_id(row.archive_id) == row


def test_the_change_feed_names_a_new_study_once_and_ends(orthanc_server: Server) -> None:
    archive = orthanc_server.archive()
    cursor = 0
    while not (page := archive.changes(cursor, 1000)).done:
        cursor = page.last
    image = ct()
    archive.store([file_of(image)])
    after = archive.changes(page.last)
    row = archive.study(image.StudyInstanceUID)
    assert row is not None
    assert [change.kind for change in after.changes if change.archive_id == row.archive_id].count("NewStudy") == 1
    assert after.last > page.last
    first = archive.changes(page.last, 1)
    assert (len(first.changes), first.done) == (1, False)


@pytest.mark.parametrize(("since", "limit"), [(-1, 10), (0, 0), (0, 1001)])
def test_the_change_feed_is_read_in_sane_pages(orthanc_server: Server, since: int, limit: int) -> None:
    with pytest.raises(InvalidKey):
        orthanc_server.archive().changes(since, limit)


def test_an_unknown_archive_id_is_none_and_a_forged_one_is_refused(orthanc_server: Server) -> None:
    archive = orthanc_server.archive()
    assert archive.study_by_archive_id("-".join(["0" * 8] * 5)) is None
    for forged in ("../system", "", "x", "0" * 44, "-".join(["0" * 8] * 5) + "\n"):
        with pytest.raises(InvalidKey):
            archive.study_by_archive_id(forged)


def test_of_two_patients_with_one_study_uid_the_archive_id_names_one(orthanc_server: Server) -> None:
    archive = orthanc_server.archive()
    mine = ct()
    archive.store([file_of(mine)])
    row = archive.study(mine.StudyInstanceUID)
    archive.store([file_of(ct(StudyInstanceUID=mine.StudyInstanceUID, PatientID="T-2"))])
    assert row is not None
    assert archive.study_by_archive_id(row.archive_id) == row


def test_the_sender_of_a_study_is_known_when_it_came_over_dicom(orthanc_server: Server) -> None:
    image = ct()
    entity = AE(ae_title="CT_ROOM_1")
    entity.add_requested_context(image.SOPClassUID)
    association = entity.associate("127.0.0.1", orthanc_server.dicom_port, ae_title=orthanc_server.ae_title)
    assert association.is_established
    assert association.send_c_store(dcmread(BytesIO(file_of(image)))).Status == 0
    association.release()
    row = orthanc_server.archive().study(image.StudyInstanceUID)
    assert row is not None
    assert row.station_aet == "CT_ROOM_1"


def test_ping_tells_who_it_is(orthanc_server: Server) -> None:
    status = orthanc_server.archive().ping()
    assert status.name == "Orthanc Isocenter"
    assert status.version[0].isdigit()


def test_plain_dicomweb_has_no_change_feed_and_no_names_of_its_own(orthanc_server: Server) -> None:
    plain = orthanc_server.dicomweb()
    with pytest.raises(NotSupported):
        plain.changes(0)
    with pytest.raises(NotSupported) as caught:
        plain.study_by_archive_id("x")
    assert isinstance(caught.value, ArchiveError)
    assert caught.value.permanent

from __future__ import annotations

import pytest

from ris.dicom.archive import Archive, ArchiveError, InstanceRef, describe, store_verified
from ris.dicom.sandbox import SandboxRefused
from tests.ris.dicom.objects import PDF, ct, file_of, pdf


def test_a_pdf_is_stored_once_and_reads_back_with_the_same_bytes(archive: Archive) -> None:
    document = pdf()
    part10 = file_of(document)
    where = store_verified(archive, part10)
    assert store_verified(archive, part10) == where
    assert where == InstanceRef(document.StudyInstanceUID, document.SeriesInstanceUID, document.SOPInstanceUID)
    assert PDF in archive.retrieve(where)
    assert len(archive.instances(document.StudyInstanceUID, document.SeriesInstanceUID)) == 1


def test_another_pdf_under_the_same_uid_is_found_out(archive: Archive) -> None:
    document = pdf()
    store_verified(archive, file_of(document))
    document.EncapsulatedDocument = PDF[:-1] + b"X\0"
    with pytest.raises(ArchiveError, match="something else") as caught:
        store_verified(archive, file_of(document))
    assert caught.value.permanent


def test_an_object_that_lives_in_another_study_is_found_out(archive: Archive) -> None:
    document = pdf()
    store_verified(archive, file_of(document))
    elsewhere = pdf(SOPInstanceUID=document.SOPInstanceUID)
    with pytest.raises(ArchiveError, match="another study") as caught:
        store_verified(archive, file_of(elsewhere))
    assert caught.value.permanent


def test_the_content_of_a_pdf_is_the_pdf_without_its_padding() -> None:
    import hashlib

    assert describe(file_of(pdf())).digest == hashlib.sha256(PDF).hexdigest()


def test_the_content_of_an_image_does_not_depend_on_file_meta_or_encoding() -> None:
    from io import BytesIO

    from pydicom import FileDataset
    from pydicom.uid import ImplicitVRLittleEndian

    image = ct()
    explicit = file_of(image)
    other = FileDataset("", image, preamble=b"\0" * 128)
    other.ensure_file_meta()
    other.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    other.file_meta.ImplementationVersionName = "OTHER"
    out = BytesIO()
    other.save_as(out, enforce_file_format=True)
    assert out.getvalue() != explicit
    assert describe(out.getvalue()) == describe(explicit)
    image.SeriesDescription = "other"
    assert describe(file_of(image)).digest != describe(explicit).digest


def test_what_is_no_dicom_file_is_refused_before_anything_is_sent(archive: Archive) -> None:
    with pytest.raises(SandboxRefused, match="not a DICOM file"):
        store_verified(archive, b"%PDF-1.4")

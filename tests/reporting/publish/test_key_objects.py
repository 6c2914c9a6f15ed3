"""Key images as a Key Object Selection: dciodvfy finds nothing, our own reader and dsrdump read it back."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, EnhancedCTImageStorage

from reporting.publish.key_objects import KeyObject, Selection, build
from reporting.sr import read_json

SERIES, OTHER_SERIES = "2.25.501", "2.25.502"
CHOSEN = [
    KeyObject(OTHER_SERIES, CTImageStorage, "2.25.604"),
    KeyObject(SERIES, CTImageStorage, "2.25.601"),
    KeyObject(SERIES, EnhancedCTImageStorage, "2.25.602", frame=3),
]
SELECTION = Selection(
    sop_instance_uid="2.25.701",
    series_instance_uid="2.25.702",
    number=1,
    created_at=datetime(2027, 3, 12, 10, 30, tzinfo=UTC),
    observer="Dr. Rita Rädiologist",
    words="series 3, image 61: the mass ≥ 3 cm",
)


@pytest.fixture
def image() -> Dataset:
    source = Dataset()
    source.SpecificCharacterSet = "ISO_IR 100"
    source.PatientID, source.PatientName = "N-17", "Journéy^Zoë"
    source.PatientBirthDate, source.PatientSex = "19760416", "F"
    source.StudyInstanceUID, source.StudyDate, source.StudyTime = "2.25.401", "20270312", "101500"
    source.AccessionNumber, source.StudyID, source.ReferringPhysicianName = "N260000001", "1", ""
    return source


def test_dciodvfy_finds_no_fault(image: Dataset, tmp_path: Path) -> None:
    file = tmp_path / "ko.dcm"
    file.write_bytes(build(CHOSEN, source=image, selection=SELECTION))
    said = subprocess.run(["dciodvfy", "-new", str(file)], capture_output=True, text=True, check=False)
    lines = (said.stdout + said.stderr).splitlines()
    assert [line for line in lines if line.startswith("Error")] == []
    assert any("KeyObject" in line for line in lines), "dciodvfy knew what it judged"


def test_images_of_the_other_study_of_a_case_are_named_under_it(image: Dataset, tmp_path: Path) -> None:
    """Also when only they were chosen."""
    abroad = KeyObject("2.25.503", CTImageStorage, "2.25.605", study_instance_uid="2.25.402")
    for chosen, studies in (([abroad], ["2.25.402"]), ([*CHOSEN, abroad], ["2.25.401", "2.25.402"])):
        file = tmp_path / "ko.dcm"
        file.write_bytes(build(chosen, source=image, selection=SELECTION))
        evidence = dcmread(file).CurrentRequestedProcedureEvidenceSequence
        assert [one.StudyInstanceUID for one in evidence] == studies
        assert evidence[-1].ReferencedSeriesSequence[0].SeriesInstanceUID == "2.25.503"
        said = subprocess.run(["dciodvfy", "-new", str(file)], capture_output=True, text=True, check=False)
        assert [line for line in said.stderr.splitlines() if line.startswith("Error")] == []


def test_dsrdump_reads_it(image: Dataset, tmp_path: Path) -> None:
    file = tmp_path / "ko.dcm"
    file.write_bytes(build(CHOSEN, source=image, selection=SELECTION))
    said = subprocess.run(["dsrdump", str(file)], capture_output=True, text=True, check=True).stdout
    assert "Of Interest" in said
    assert said.count("IMAGE:") == 3


def test_it_names_patient_and_study_as_the_archive_does_and_the_images_in_their_order(image: Dataset) -> None:
    dataset = dcmread(BytesIO(build(CHOSEN, source=image, selection=SELECTION)))
    assert (dataset.PatientID, dataset.StudyInstanceUID, dataset.Modality) == ("N-17", "2.25.401", "KO")
    title = dataset.ConceptNameCodeSequence[0]
    assert (title.CodeValue, title.CodingSchemeDesignator) == ("113000", "DCM")
    said = read_json(build(CHOSEN, source=image, selection=SELECTION))
    assert said["reader"] == "key-objects"
    assert [group["referenced_sop_instance_uid"] for group in said["groups"]] == ["2.25.604", "2.25.601", "2.25.602"]
    assert [group["referenced_frame"] for group in said["groups"]] == [None, None, 3]
    assert said["text"] == [SELECTION.words]
    assert said["observer"] == SELECTION.observer


def test_the_evidence_names_each_image_once_by_series(image: Dataset) -> None:
    dataset = dcmread(BytesIO(build([*CHOSEN, CHOSEN[1]], source=image, selection=SELECTION)))
    (study,) = dataset.CurrentRequestedProcedureEvidenceSequence
    found = {
        series.SeriesInstanceUID: [one.ReferencedSOPInstanceUID for one in series.ReferencedSOPSequence]
        for series in study.ReferencedSeriesSequence
    }
    assert found == {SERIES: ["2.25.601", "2.25.602"], OTHER_SERIES: ["2.25.604"]}


def test_the_same_selection_gives_the_same_bytes(image: Dataset) -> None:
    assert build(CHOSEN, source=image, selection=SELECTION) == build(CHOSEN, source=image, selection=SELECTION)


def test_a_selection_of_nothing_is_no_object(image: Dataset) -> None:
    with pytest.raises(ValueError, match="nothing"):
        build([], source=image, selection=SELECTION)

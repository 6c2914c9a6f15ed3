"""A segmentation enters the study under the names of now, with its maker's name, and otherwise byte for byte."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from pydicom import Dataset, FileDataset, dcmread
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from ris.dicom import sandbox
from tests.viewer import objects
from viewer.patching import applied, edits

PLACE = objects.Place("1.2.3", "P1", "OLDNUMBER", "MAIDEN^Name")
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
EXPLICIT, IMPLICIT = ExplicitVRLittleEndian, ImplicitVRLittleEndian
OBSERVER = "Radiologist^Rita"


def painted(syntax: UID = EXPLICIT, **named: str) -> bytes:
    """As OHIF writes one: nobody's, for research; a comment in a sequence of open length is nobody's affair."""
    found = objects.blank(PLACE, SEGMENTATION, "1.2.3.7", "1.2.3.7.1")
    found.Modality, found.SeriesDescription, found.IssuerOfPatientID = "SEG", "Lesion", "OLD"
    found.ContentQualification, found.ImageComments, found.ContentCreatorName = "RESEARCH", "NOT FOR CLINICAL USE", ""
    inner = Dataset()
    inner.ImageComments, inner.PatientName = "NOT FOR CLINICAL USE", "MAIDEN^Name"
    found.SegmentSequence = Sequence([inner])
    found["SegmentSequence"].is_undefined_length = True
    found.Rows = found.Columns = 8
    found.PixelData = bytes(range(64))
    found["PixelData"].VR = "OW"
    found.file_meta.TransferSyntaxUID = syntax
    for keyword, value in named.items():
        setattr(found, keyword, value)
    stream = BytesIO()
    found.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def archived(name: str = "NEW^Name") -> str:
    """An image of the study as the archive has it; it knows no issuer."""
    found = Dataset()
    found.PatientName, found.AccessionNumber, found.StudyDescription = name, "N1", "CT chest"
    return json.dumps(found.to_json_dict())


def entered(part10: bytes, identity: str = "{}", observer: str = OBSERVER, *, is_person: bool = True) -> FileDataset:
    made = applied(part10, edits(part10, identity, observer, is_person)["edits"])
    return dcmread(BytesIO(made))


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_it_is_named_anew_and_the_rest_stays_to_the_last_item(syntax: UID) -> None:
    before = dcmread(BytesIO(painted(syntax)))
    after = entered(painted(syntax), archived())
    assert (str(after.PatientName), after.AccessionNumber, after.StudyDescription) == ("NEW^Name", "N1", "CT chest")
    assert (str(after.ContentCreatorName), after.ContentQualification) == (OBSERVER, "PRODUCT")
    assert "ImageComments" not in after
    assert "IssuerOfPatientID" not in after
    assert list(after) == sorted(after, key=lambda element: element.tag)
    said = {"PatientName", "AccessionNumber", "StudyDescription", "ContentCreatorName", "ContentQualification",
            "ImageComments", "IssuerOfPatientID", "StudyDate", "StudyTime", "StudyID", "ReferringPhysicianName",
            "PatientBirthDate", "PatientSex"}  # fmt: skip
    assert [one for one in after if one.keyword not in said] == [one for one in before if one.keyword not in said]


def test_nothing_is_touched_where_nothing_is_to_be_said() -> None:
    done = painted(ContentQualification="PRODUCT", ImageComments="Seen", ContentCreatorName="LUNG^Finder")
    assert edits(done, "{}", OBSERVER, False) == {"edits": []}


def test_what_a_program_names_stays_unless_it_names_nobody() -> None:
    named, nameless = (painted(ContentCreatorName=name) for name in ("LUNG^Finder", "unknown^unknown"))
    assert str(entered(named, is_person=False).ContentCreatorName) == "LUNG^Finder"
    assert str(entered(nameless, is_person=False).ContentCreatorName) == OBSERVER
    assert str(entered(nameless, observer="", is_person=False).ContentCreatorName) == "unknown^unknown"


@pytest.mark.parametrize(
    ("charset", "known_as", "in_charset"),
    [
        ("ISO_IR 192", "Müller^Änne", "ISO_IR 192"),
        ("", "Müller^Änne", "ISO_IR 192"),
        ("ISO_IR 144", "MAIDEN^Name", "ISO_IR 144"),
    ],
)
def test_a_foreign_name_is_written_where_its_letters_can_be(charset: str, known_as: str, in_charset: str) -> None:
    after = entered(painted(SpecificCharacterSet=charset), archived("Müller^Änne"))
    assert (str(after.PatientName), after.SpecificCharacterSet, after.AccessionNumber) == (known_as, in_charset, "N1")


def test_the_sandbox_tells_the_same() -> None:
    part10 = painted()
    told = sandbox.call("viewer.patching.edits", part10, archived(), OBSERVER, True)
    assert applied(part10, told["edits"]) == applied(part10, edits(part10, archived(), OBSERVER, True)["edits"])

"""Segment measurements as dcmqi's tid1500writer lays them out: SRT codes, a segment instead of a shape, derivations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from reporting.sr import read_json
from tests.reporting.sr import builders as b
from tests.reporting.sr.builders import Triple, concept, content
from tests.reporting.sr.test_machines import coded, num
from tests.reporting.sr.test_oracle import printed, understood

SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
VOLUME, DENSITY = ("G-D705", "SRT", "Volume"), ("112031", "DCM", "Attenuation Coefficient")
DERIVATION = ("121401", "DCM", "Derivation")


def derived(value: str, how: Triple) -> Dataset:
    return num(DENSITY, value, b.HOUNSFIELD, modifier(DERIVATION, how))


def modifier(name: Triple, value: Triple) -> Dataset:
    found = coded(name, value)
    found.RelationshipType = "HAS CONCEPT MOD"
    return found


def segment() -> Dataset:
    referenced = Dataset()
    referenced.ReferencedSOPClassUID, referenced.ReferencedSOPInstanceUID = SEGMENTATION, "2.25.8001"
    referenced.ReferencedSegmentNumber = 2
    return content("CONTAINS", "IMAGE", ("121191", "DCM", "Referenced Segment"), ReferencedSOPSequence=[referenced])


@pytest.fixture
def written() -> bytes:
    dataset = b.document("1.2.840.10008.5.1.4.1.1.88.34", ("126000", "DCM", "Imaging Measurement Report"))
    site = modifier(("G-C0E3", "SRT", "Finding Site"), ("T-62000", "SRT", "Liver"))
    site.ContentSequence = [modifier(("G-C171", "SRT", "Laterality"), ("G-A100", "SRT", "Right"))]
    session = content("HAS OBS CONTEXT", "TEXT", ("C67447", "NCIt", "Activity Session"), TextValue="1")
    group = content("CONTAINS", "CONTAINER", ("125007", "DCM", "Measurement Group"), ContinuityOfContent="SEPARATE")
    group.ContentSequence = [
        session,
        content("HAS OBS CONTEXT", "TEXT", ("112039", "DCM", "Tracking Identifier"), TextValue="Lesion 1"),
        content("HAS OBS CONTEXT", "UIDREF", ("112040", "DCM", "Tracking Unique Identifier"), UID="2.25.8100"),
        coded(("121071", "DCM", "Finding"), ("M-01000", "SRT", "Lesion")),
        segment(),
        content("CONTAINS", "UIDREF", ("121232", "DCM", "Source series for segmentation"), UID=b.IMAGE_SERIES),
        modifier(("G-C036", "SRT", "Measurement Method"), ("126401", "DCM", "SUVbw")),
        site,
        num(VOLUME, "70361.3", ("mm3", "UCUM", "cubic millimeter")),
        derived("37.34", ("R-00317", "SRT", "Mean")),
        derived("-120.5", ("R-404FB", "SRT", "Minimum")),
    ]
    container = content("CONTAINS", "CONTAINER", ("126010", "DCM", "Imaging Measurements"),
                        ContinuityOfContent="SEPARATE")  # fmt: skip
    container.ContentSequence = [group]
    dataset.ContentSequence = [container]
    return b.part10(dataset)


def only(part10: bytes) -> dict[str, Any]:
    document = read_json(part10)
    assert document["reader"] == "measurement-report"
    (group,) = document["groups"]
    return group


def test_site_and_side_and_method_are_told_in_snomed_ct(written: bytes) -> None:
    group = only(written)
    assert (group["site"]["scheme"], group["site"]["code"]) == ("SCT", "10200004")
    assert (group["laterality"]["scheme"], group["laterality"]["code"]) == ("SCT", "24028007")
    assert group["method"]["code"] == "126401"
    assert group["tracking_identifier"] == "Lesion 1"


def test_volume_and_densities_come_with_their_derivation(written: bytes) -> None:
    found = [(one["code"], one["value"], one["unit"], (one["derivation"] or {}).get("code"))
             for one in only(written)["values"]]  # fmt: skip
    assert found == [
        ("118565006", 70361.3, "mm3", None),
        ("112031", 37.34, "[hnsf'U]", "373098007"),
        ("112031", -120.5, "[hnsf'U]", "255605001"),
    ]


def test_the_segment_is_what_it_was_measured_on(written: bytes) -> None:
    assert only(written)["referenced_sop_instance_uid"] == "2.25.8001"


def test_the_image_that_the_segment_was_made_from_goes_before_the_segment() -> None:
    dataset = b.document("1.2.840.10008.5.1.4.1.1.88.34", ("126000", "DCM", "Imaging Measurement Report"))
    group = content("CONTAINS", "CONTAINER", ("125007", "DCM", "Measurement Group"), ContinuityOfContent="SEPARATE")
    group.ContentSequence = [segment(), b.image_item("CONTAINS"), num(VOLUME, "7", ("mm3", "UCUM", "mm3"))]
    dataset.ContentSequence = [group]
    assert only(b.part10(dataset))["referenced_sop_instance_uid"] == b.IMAGE


def test_dsrdump_finds_no_number_that_we_do_not_have(written: bytes, tmp_path: Path) -> None:
    found = printed(written, tmp_path)
    assert found.total() == 3
    assert found == understood(written)


def test_the_codes_are_kept_as_they_were_written_too(written: bytes) -> None:
    assert only(written)["values"][0]["written"]["code"] == "G-D705"
    assert concept(VOLUME).CodeValue == "G-D705"

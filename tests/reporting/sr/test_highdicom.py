"""TID 1500 as highdicom writes it: regions at the group, strict relationships, a device as observer."""

from __future__ import annotations

import io
import math
from typing import Any

import highdicom
import numpy as np
import pytest
from highdicom import sr
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from reporting.sr import read_json
from tests.reporting.sr import builders as b
from tests.reporting.sr.builders import spaced

AREA = sr.CodedConcept("42798000", "SCT", "Area")
SQUARE_MILLIMETRES = sr.CodedConcept("mm2", "UCUM", "mm2")
MILLIMETRES = sr.CodedConcept("mm", "UCUM", "mm")


def source_image() -> Dataset:
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID, image.SOPInstanceUID = b.CT_IMAGE, b.IMAGE
    image.StudyInstanceUID, image.SeriesInstanceUID = b.STUDY, b.IMAGE_SERIES
    image.PatientName, image.PatientID, image.PatientBirthDate, image.PatientSex = "Muster^Erika", "P-1", "", "F"
    image.StudyDate, image.StudyTime, image.AccessionNumber, image.StudyID = "20260301", "101500", "ACC0001", ""
    image.ReferringPhysicianName, image.Modality = "", "CT"
    image.Rows, image.Columns, image.SeriesNumber, image.InstanceNumber = 512, 512, 1, 1
    return image


def report(*groups: Any) -> bytes:
    """A Comprehensive 3D SR around these measurement groups."""
    device = sr.DeviceObserverIdentifyingAttributes(uid="2.25.77", name="segmenter")
    person = sr.PersonObserverIdentifyingAttributes(name="Roe^Jane")
    context = sr.ObservationContext(
        observer_person_context=sr.ObserverContext(codes.DCM.Person, person),
        observer_device_context=sr.ObserverContext(codes.DCM.Device, device),
    )
    content = sr.MeasurementReport(
        observation_context=context,
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=list(groups),
    )
    document = sr.Comprehensive3DSR(
        evidence=[source_image()],
        content=content,
        series_number=2,
        series_instance_uid=b.SERIES,
        sop_instance_uid="2.25.4002",
        instance_number=1,
        manufacturer="Isocenter",
    )
    target = io.BytesIO()
    dcmwrite(target, document, enforce_file_format=True)
    return target.getvalue()


def tracking(name: str) -> sr.TrackingIdentifier:
    return sr.TrackingIdentifier(uid=highdicom.UID(), identifier=name)


def planar(region: Any, *measurements: sr.Measurement) -> sr.PlanarROIMeasurementsAndQualitativeEvaluations:
    return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=tracking("lesion 1"),
        referenced_region=region,
        finding_type=codes.SCT.Nodule,
        finding_sites=[sr.FindingSite(codes.SCT.Lung, laterality=codes.SCT.Right)],
        measurements=list(measurements),
    )


def circle(frame: list[int] | None = None) -> sr.ImageRegion:
    image = sr.SourceImageForRegion(b.CT_IMAGE, b.IMAGE, frame)
    return sr.ImageRegion("CIRCLE", np.array([[100.0, 100.0], [120.0, 100.0]]), image)


def test_the_region_of_the_group_checks_its_area() -> None:
    area = sr.Measurement(AREA, value=314.159, unit=SQUARE_MILLIMETRES)

    document = read_json(report(planar(circle([2]), area)), [spaced(0.5, 0.5)])

    (group,) = document["groups"]
    (value,) = group["values"]
    assert (value["recomputed"], value["flags"]) == (pytest.approx(math.pi * 100), [])
    assert (group["tracking_identifier"], group["tool"]) == ("lesion 1", "")
    assert (group["referenced_sop_instance_uid"], group["referenced_frame"]) == (b.IMAGE, 2)
    assert group["referenced_series_instance_uid"] == b.IMAGE_SERIES


def test_finding_site_laterality_and_observers_are_read() -> None:
    document = read_json(report(planar(circle(), sr.Measurement(AREA, value=314.159, unit=SQUARE_MILLIMETRES))))

    (group,) = document["groups"]
    assert (group["finding"]["name"], group["site"]["name"], group["laterality"]["name"]) == ("Nodule", "Lung", "Right")
    assert (document["observer"], document["device"], document["problems"]) == ("Roe^Jane", "segmenter", [])


def test_numbers_of_one_group_keep_the_sides_and_methods_that_they_name_themselves() -> None:
    """highdicom hangs them on the measurement (TID 300), not on the group."""

    def kidney(side: Any, value: float) -> sr.Measurement:
        site = sr.FindingSite(codes.SCT.Kidney, laterality=side)
        return sr.Measurement(codes.SCT.Volume, value, sr.CodedConcept("ml", "UCUM", "ml"), finding_sites=[site])

    method = sr.CodedConcept("126410", "DCM", "SUV body weight calculation method")
    uptake = sr.Measurement(codes.DCM.AttenuationCoefficient, 3.5, sr.CodedConcept("1", "UCUM", "1"), method=method)
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=tracking("kidneys"),
        measurements=[kidney(codes.SCT.Left, 150.0), kidney(codes.SCT.Right, 140.0), uptake],
    )

    left, right, neither = read_json(report(group))["groups"]

    assert [(one["site"]["name"], one["laterality"]["name"], one["values"][0]["value"]) for one in (left, right)] == [
        ("Kidney", "Left", 150.0), ("Kidney", "Right", 140.0)
    ]  # fmt: skip
    assert (neither["site"], neither["laterality"], neither["method"]["code"]) == (None, None, "126410")
    assert len({one["tracking_uid"] for one in (left, right, neither)}) == 1


def test_where_within_the_site_is_kept_beside_the_numbers() -> None:
    lobe = sr.CodedConcept("45653009", "SCT", "Upper lobe")
    site = sr.FindingSite(codes.SCT.Lung, laterality=codes.SCT.Right, topographical_modifier=lobe)
    group = sr.MeasurementsAndQualitativeEvaluations(tracking_identifier=tracking("nodule"), finding_sites=[site])

    (found,) = read_json(report(group))["groups"]

    assert (found["site"]["name"], found["laterality"]["name"]) == ("Lung", "Right")
    assert [one["value"] for one in found["evaluations"]] == ["Upper lobe"]


def test_a_three_dimensional_region_is_checked_without_any_image() -> None:
    corners = np.array([[0, 0, 5], [30, 0, 5], [30, 40, 5], [0, 40, 5], [0, 0, 5]], dtype=float)
    region = sr.ImageRegion3D("POLYGON", corners, frame_of_reference_uid="2.25.88")

    document = read_json(report(planar(region, sr.Measurement(AREA, value=1200.0, unit=SQUARE_MILLIMETRES))))

    (value,) = document["groups"][0]["values"]
    assert (value["recomputed"], value["calibration"], value["flags"]) == (1200.0, "patient", [])


def test_a_measurement_with_its_own_coordinates_is_checked_against_those() -> None:
    image = sr.SourceImageForMeasurement(b.CT_IMAGE, b.IMAGE)
    line = sr.CoordinatesForMeasurement("POLYLINE", np.array([[10.0, 20.0], [16.0, 28.0]]), image)
    length = sr.Measurement(
        sr.CodedConcept("410668003", "SCT", "Length"),
        value=5.0,
        unit=MILLIMETRES,
        referenced_coordinates=[line],
    )
    group = sr.MeasurementsAndQualitativeEvaluations(tracking_identifier=tracking("line"), measurements=[length])

    (value,) = read_json(report(group), [spaced(0.5, 0.5)])["groups"][0]["values"]

    assert (value["recomputed"], value["flags"]) == (5.0, [])


@pytest.mark.parametrize(("degrees", "flags"), [(45.0, []), (135.0, []), (50.0, ["deviates"])])
def test_an_angle_of_two_lines_is_checked_against_both(degrees: float, flags: list[str]) -> None:
    image = sr.SourceImageForMeasurement(b.CT_IMAGE, b.IMAGE)
    lines = [sr.CoordinatesForMeasurement("POLYLINE", np.array(points), image)
             for points in ([[10.0, 10.0], [40.0, 10.0]], [[10.0, 50.0], [40.0, 80.0]])]  # fmt: skip
    angle = sr.Measurement(
        sr.CodedConcept("285285000", "SCT", "Cobb angle"), degrees, sr.CodedConcept("deg", "UCUM", "deg"),
        referenced_coordinates=lines,
    )  # fmt: skip
    group = sr.MeasurementsAndQualitativeEvaluations(tracking_identifier=tracking("curve"), measurements=[angle])

    (value,) = read_json(report(group), [spaced(0.5, 0.5)])["groups"][0]["values"]

    assert value["flags"] == flags


def test_every_number_that_highdicom_itself_reads_is_read_here() -> None:
    """A peer on the same bytes: highdicom's own reader of measurement groups."""
    area = sr.Measurement(AREA, value=314.159, unit=SQUARE_MILLIMETRES)
    volume = sr.Measurement(codes.SCT.Volume, value=12.25, unit=sr.CodedConcept("ml", "UCUM", "ml"))
    written = report(planar(circle(), area, volume), planar(circle(), area))

    peer = sr.srread(io.BytesIO(written)).content.get_planar_roi_measurement_groups()
    ours = read_json(written)["groups"]

    assert [[value["value"] for value in group["values"]] for group in ours] == [
        [measurement.value for measurement in group.get_measurements()] for group in peer
    ]

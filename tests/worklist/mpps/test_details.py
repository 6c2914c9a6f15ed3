"""Series and radiation of a performed step: read from its messages, kept as rows."""

from __future__ import annotations

from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests.worklist.mpps.samples import UID, completed, created, series
from tests.worklist.mpps.test_performed import begin, tell
from tests.worklist.mwl.conftest import lenient_reading  # noqa: F401  a fixture
from tests.world import World
from worklist.models import MppsMessage, PerformedDose, PerformedSeries
from worklist.mpps.done import dose_of, series_of

pytestmark = pytest.mark.usefixtures("lenient_reading")


def named(count: int) -> list[Dataset]:
    return [reference(number) for number in range(count)]


def reference(number: int) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"2.25.600{number}"
    return item


def exposure() -> Dataset:
    item = Dataset()
    item.RadiationMode, item.KVP, item.XRayTubeCurrentInuA, item.ExposureTime = "CONTINUOUS", "120", "250000", "500"
    return item


def radiation() -> dict[str, Any]:
    return {
        "ImageAndFluoroscopyAreaDoseProduct": "12.5",
        "TotalTimeOfFluoroscopy": 95,
        "TotalNumberOfExposures": 3,
        "EntranceDoseInmGy": "4.2",
        "ExposedArea": [30, 40],
        "CommentsOnRadiationDose": "Two runs",
        "ExposureDoseSequence": [exposure()],
    }


def test_a_series_is_read_with_what_it_names() -> None:
    item = series()
    item.ReferencedImageSequence = named(3)
    item.PerformingPhysicianName = "Doc^Dora"
    (found,) = series_of(completed(PerformedSeriesSequence=[item]).to_json_dict())
    assert (found.series_instance_uid, found.protocol, found.description) == (
        "2.25.5001",
        "Chest routine",
        "Lung 1.0",
    )
    assert (found.operators, found.physicians, found.images, found.other_objects) == ("Tech^Tom", "Doc^Dora", 3, 0)


def test_radiation_is_read_in_the_units_of_its_names() -> None:
    dose = dose_of(completed(**radiation()).to_json_dict())
    assert dose is not None
    assert (dose.area_dose_product_dgy_cm2, dose.fluoroscopy_seconds, dose.exposures) == (12.5, 95.0, 3)
    assert (dose.entrance_dose_mgy, dose.exposed_area_cm, dose.comments) == (4.2, "30 × 40", "Two runs")
    assert dose.events == ({"mode": "CONTINUOUS", "kvp": 120.0, "current_ma": 250.0, "time_ms": 500.0},)


def test_an_older_device_tells_the_entrance_dose_in_dgy() -> None:
    dose = dose_of(completed(EntranceDose=2).to_json_dict())
    assert dose is not None
    assert dose.entrance_dose_mgy == 200.0


@pytest.mark.parametrize("value", ["-1", "NaN", "1E400", "much", ""])
def test_a_dose_that_is_no_amount_is_left_out_and_not_refused(value: str) -> None:
    attributes = completed(TotalNumberOfExposures=1).to_json_dict()
    attributes["0018115E"] = {"vr": "DS", "Value": [value]}
    dose = dose_of(attributes)
    assert dose is not None
    assert dose.area_dose_product_dgy_cm2 is None


@pytest.mark.parametrize("broken", [{"vr": "SQ", "Value": ["text"]}, {"vr": "SQ", "Value": {}}, {"vr": "SQ"}, "text"])
def test_a_series_list_that_is_none_has_no_series(broken: Any) -> None:
    assert series_of({"00400340": broken}) == ()


def test_no_radiation_told_is_none() -> None:
    assert dose_of(completed().to_json_dict()) is None


@pytest.mark.django_db
@pytest.mark.db
def test_each_update_sends_the_whole_list_and_rows_are_replaced(world: World) -> None:
    begin(world, created(world.step()))
    tell(world, completed(PerformedProcedureStepStatus="IN PROGRESS", PerformedSeriesSequence=[series("2.25.1")]))
    performed = tell(world, completed(PerformedSeriesSequence=[series("2.25.1"), series("2.25.2")], **radiation()))
    rows = list(performed.series.values_list("place", "series_instance_uid"))
    assert rows == [(1, "2.25.1"), (2, "2.25.2")]
    assert performed.dose.area_dose_product_dgy_cm2 == 12.5
    assert PerformedDose.objects.get().events[0]["kvp"] == 120.0


@pytest.mark.django_db
@pytest.mark.db
def test_a_series_named_twice_is_one_row(world: World) -> None:
    begin(world, created(world.step()))
    tell(world, completed(PerformedSeriesSequence=[series("2.25.1"), series("2.25.1")]))
    assert PerformedSeries.objects.count() == 1


@pytest.mark.django_db
def test_the_device_s_description_and_reason_are_kept(world: World) -> None:
    begin(world, created(world.step(), PerformedProcedureStepDescription="CT chest low dose"))
    from tests.worklist.mpps.samples import discontinued

    performed = tell(world, discontinued("110513"))
    assert (performed.description, performed.discontinuation_code) == ("CT chest low dose", "110513")
    assert performed.discontinuation_meaning == "reason"


@pytest.mark.django_db
def test_every_message_that_was_taken_is_kept(world: World) -> None:
    begin(world, created(world.step()))
    tell(world, completed())
    kept = MppsMessage.objects.filter(sop_instance_uid=UID).order_by("pk")
    assert [(one.operation, one.state, one.status) for one in kept] == [("N-CREATE", "taken", 0), ("N-SET", "taken", 0)]
    assert len({one.sha256 for one in kept}) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("meaning", "shown"), [("Equipment failure", "Equipment failure"), ("", "110501")])
def test_the_exam_s_page_says_why_the_device_broke_off(world: World, meaning: str, shown: str) -> None:
    from tests.worklist.mpps.samples import discontinued
    from worklist.exam.page import reasons_of_device

    step = world.step()
    begin(world, created(step))
    message = discontinued("110501")
    message.PerformedProcedureStepDiscontinuationReasonCodeSequence[0].CodeMeaning = meaning
    tell(world, message)
    assert reasons_of_device(step) == [shown]

"""Images in the real archive are held against the side of their order."""

from __future__ import annotations

from typing import Any

import pytest

from reporting.actions import open_report, save_draft
from reporting.models import Report
from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.events.models import Event
from ris.orders.models import RequestedProcedure
from tests.exam import FINDINGS, MATCHER, performed, sign
from tests.services.orthanc import Server
from tests.worklist.exam.images import knee_of, store
from tests.world import World
from worklist import subscribers
from worklist.actions.notices import notice_study
from worklist.actions.reading import claim
from worklist.actions.sides import answer_side
from worklist.exam.record import ReceivedSeries, SideCheck
from worklist.models import ReadingTask, Study

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("own_numbers")]
TRUE = {"answer": "label", "reason": "The patient showed the left knee; the marker was swapped."}


def told(requested: RequestedProcedure) -> None:
    """The archive says that it has something new, and the matcher looks."""
    notice_study(study_uid=requested.study_instance_uid, by=MATCHER)
    subscribers.match_noticed(Event.objects.filter(kind="study.noticed").latest("pk"))


def seen(world: World, orthanc: Server, side: str, **attributes: Any) -> RequestedProcedure:
    requested = knee_of(world, side)
    store(orthanc, requested, **attributes)
    told(requested)
    return requested


def verdict(requested: RequestedProcedure) -> str:
    return SideCheck.objects.get(requested_procedure=requested).verdict


def drafted(world: World, requested: RequestedProcedure) -> Report:
    performed(world, requested)
    task = ReadingTask.objects.get(requested_procedures=requested)
    report = open_report(claim(task, by=world.radiologist), by=world.radiologist)
    return save_draft(report, revision=report.revision, sections=FINDINGS, by=world.radiologist)


@pytest.mark.parametrize(("attributes", "expected"), [
    ({"Laterality": "L"}, "agrees"),
    ({"Laterality": "R"}, "differs"),
    ({"ImageLaterality": "R"}, "differs"),
    ({"ImageLaterality": "B"}, "agrees"),
    ({"ImageLaterality": "U"}, "silent"),
    ({"SeriesDescription": "Knie rechts a.p."}, "differs"),
    ({"SeriesDescription": "AP R", "BodyPartExamined": "KNEE"}, "differs"),
    ({"SeriesDescription": "LATERAL"}, "silent"),
    ({"StudyDescription": "RIGHT Knee radiograph"}, "differs"),
    ({"StudyDescription": "Knee L 2 views", "SeriesDescription": "L AP"}, "agrees"),
    ({}, "silent"),
])  # fmt: skip
def test_a_left_knee_is_compared_with_what_the_archive_holds(
    world: World, orthanc: Server, attributes: dict[str, str], expected: str
) -> None:
    assert verdict(seen(world, orthanc, "L", **attributes)) == expected


def test_what_speaks_against_the_order_is_kept_with_its_place(world: World, orthanc: Server) -> None:
    requested = seen(world, orthanc, "L", SeriesDescription="KNEE RIGHT", SeriesNumber=3)
    check = SideCheck.objects.get(requested_procedure=requested)
    assert check.evidence == [{"side": "R", "where": "series description", "text": "KNEE RIGHT", "series": 3}]
    assert Event.objects.get(kind="exam.side-differs").payload == {"side_check": check.pk}
    assert AuditEvent.objects.get(action="study.side-differs").study_uid == requested.study_instance_uid


def test_an_order_without_a_side_is_not_compared(world: World, orthanc: Server) -> None:
    requested = world.requested()
    store(orthanc, requested, Laterality="R")
    told(requested)
    assert SideCheck.objects.count() == 0
    assert ReceivedSeries.objects.get().images == 1


def test_both_knees_with_one_side_only_are_told_and_do_not_stop(world: World, orthanc: Server) -> None:
    requested = seen(world, orthanc, "B", Laterality="R")
    assert verdict(requested) == "partial"
    store(orthanc, requested, Laterality="L")
    told(requested)
    assert verdict(requested) == "agrees"


def test_nothing_is_signed_before_somebody_answers(world: World, orthanc: Server, signing_key: None) -> None:
    requested = seen(world, orthanc, "L", Laterality="R")
    report = drafted(world, requested)
    with pytest.raises(InvalidInput, match="order says LEFT, the images say RIGHT") as refused:
        sign(report, world.radiologist)
    assert "Answer this above the report, then sign." in refused.value.message
    answer_side(SideCheck.objects.get(), by=world.radiologist, **TRUE)
    assert sign(report, world.radiologist).kind == "final"


def test_an_answer_names_its_giver_and_is_on_record(world: World, orthanc: Server) -> None:
    seen(world, orthanc, "L", Laterality="R")
    check = answer_side(SideCheck.objects.get(), by=world.technologist, **TRUE)
    assert (check.answered_by_name, check.reason, check.stops) == ("Theo Technologist", TRUE["reason"], False)
    assert AuditEvent.objects.get(action="study.side-answered").detail["answer"] == "label"
    with pytest.raises(TransitionError):
        answer_side(check, by=world.radiologist, **TRUE)


@pytest.mark.parametrize(("changes", "field"), [({"reason": " "}, "reason"), ({"answer": "maybe"}, "answer")])
def test_an_answer_needs_a_choice_and_a_reason(
    world: World, orthanc: Server, changes: dict[str, str], field: str
) -> None:
    seen(world, orthanc, "L", Laterality="R")
    with pytest.raises(InvalidInput) as refused:
        answer_side(SideCheck.objects.get(), by=world.technologist, **(TRUE | changes))
    assert set(refused.value.fields) == {field}


def test_clerks_and_strangers_do_not_answer(world: World, orthanc: Server) -> None:
    seen(world, orthanc, "L", Laterality="R")
    for person in (world.clerk, world.outsider):
        with pytest.raises(NotPermitted):
            answer_side(SideCheck.objects.get(), by=person, **TRUE)


def test_the_same_images_again_keep_the_answer_and_new_evidence_asks_again(world: World, orthanc: Server) -> None:
    requested = seen(world, orthanc, "L", Laterality="R")
    answer_side(SideCheck.objects.get(), by=world.technologist, **TRUE)
    told(requested)
    assert not SideCheck.objects.get().stops
    store(orthanc, requested, SeriesDescription="KNEE RIGHT")
    told(requested)
    assert SideCheck.objects.get().stops


def test_a_study_that_left_its_order_stops_nobody(world: World, orthanc: Server) -> None:
    requested = seen(world, orthanc, "L", Laterality="R")
    assert SideCheck.objects.open().count() == 1
    study = Study.objects.get(study_instance_uid=requested.study_instance_uid)
    study.links.update(active=False)
    assert SideCheck.objects.open().count() == 0


def test_a_segmentation_says_nothing_of_the_side(world: World, orthanc: Server) -> None:
    requested = seen(world, orthanc, "L", Laterality="L")
    store(orthanc, requested, Modality="SEG", SeriesDescription="right condyle")
    told(requested)
    assert verdict(requested) == "agrees"
    assert ReceivedSeries.objects.count() == 2

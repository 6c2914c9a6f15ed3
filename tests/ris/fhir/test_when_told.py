"""A program that asks for what is new gets all of it: `issued` and `_lastUpdated` are of what a resource shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment, withdraw_report
from reporting.actions.sign import Proof
from reporting.delay.actions import recall_report, release_due
from reporting.delay.record import PublishDelay
from reporting.models import Report, ReportVersion
from reporting.subscribers import tell_signers
from ris.core.actors import SystemActor
from ris.events.models import Event
from tests import exam
from tests.ris.fhir.conftest import Hospital, signed
from tests.services.fhir import faults_of
from tests.world import World
from worklist.actions import decisions
from worklist.actions.wrong_patient import wrong_patient
from worklist.models import Study

pytestmark = pytest.mark.db
WHY = "The wristband was read wrongly"
LONG_AGO = "2020-01-01T00:00:00+00:00"


@contextmanager
def after(start: datetime, **passed: float) -> Iterator[datetime]:
    moment = start + timedelta(**passed)
    with time_machine.travel(moment, tick=True):
        yield moment


def amended(world: World, report: Report, kind: str = "addendum") -> ReportVersion:
    begun = begin_amendment(Report.objects.get(pk=report.pk), kind=kind, by=world.radiologist)
    said = ["Seen again.", *[item["text"] for item in begun.texts][1:]]
    typed = Typed(said, seen=begun.base, reason="The side was wrong" if kind == "correction" else "")
    saved = save_amendment(begun, typed, revision=begun.revision, by=world.radiologist)
    return sign_amendment(saved, revision=saved.revision, proof=Proof(timezone.now()), by=world.radiologist)


def released(version: ReportVersion) -> None:
    release_due(version, now=timezone.now(), by=SystemActor("delivery"))


def since(moment: datetime, hospital: Hospital, name: str = "_lastUpdated") -> list[str]:
    """The states of the reports that a program finds which asks for what is new since then."""
    return [one["status"] for one in hospital.found("DiagnosticReport", {name: f"ge{moment.isoformat()}"})]


def test_a_report_is_found_by_the_moment_that_it_shows_and_by_none_of_an_older_version(
    world: World, radiologist: Hospital
) -> None:
    start = timezone.now()
    report = signed(world).report
    with after(start, days=31):
        amended(world, report)
    [told] = radiologist.found("DiagnosticReport", {"issued": f"ge{(start + timedelta(days=30)).isoformat()}"})
    assert datetime.fromisoformat(told["issued"]) >= (start + timedelta(days=31)).replace(microsecond=0)
    assert radiologist.found("DiagnosticReport", {"issued": f"lt{(start + timedelta(days=1)).isoformat()}"}) == []
    assert radiologist.found("DiagnosticReport", {"issued": told["issued"], "_sort": "-issued"}) == [told]


def test_what_waits_is_news_when_it_leaves_and_not_before(world: World, referrer: Hospital) -> None:
    PublishDelay.objects.create(site=world.north, minutes=30)
    start = timezone.now()
    version = signed(world)
    with after(start, minutes=31):
        assert since(start, referrer) == since(start, referrer, "issued") == []
        released(version)
    quarter = start + timedelta(minutes=15)
    assert since(quarter, referrer) == since(quarter, referrer, "issued") == ["final"]
    with after(start, minutes=40) as signed_again:
        corrected = amended(world, version.report, "correction")
    assert since(signed_again, referrer) == since(signed_again, referrer, "issued") == [], "a held one tells nobody"
    with after(start, minutes=71):
        released(corrected)
    assert since(signed_again, referrer) == since(signed_again, referrer, "issued") == ["corrected"]
    with after(start, minutes=80) as withdrawn:
        withdraw_report(Report.objects.get(), reason=WHY, proof=Proof(timezone.now()), by=world.radiologist)
    assert since(withdrawn, referrer) == ["entered-in-error"]
    [told] = referrer.found("DiagnosticReport", {"_sort": "-_lastUpdated"})
    assert datetime.fromisoformat(told["meta"]["lastUpdated"]) >= withdrawn.replace(microsecond=0)
    assert faults_of([told]) == [[]]


def test_a_recalled_report_is_news_to_those_who_write(world: World, radiologist: Hospital) -> None:
    PublishDelay.objects.create(site=world.north, minutes=30)
    start = timezone.now()
    report = signed(world).report
    with after(start, minutes=5) as recalled:
        recall_report(report, by=world.radiologist)
    assert since(recalled, radiologist) == ["registered"]
    assert since(start, radiologist, "issued") == []


def test_images_that_are_moved_away_are_news_of_the_report_and_of_the_study(
    world: World, radiologist: Hospital
) -> None:
    report, start = signed(world).report, timezone.now()
    study = Study.objects.get()
    Report.objects.update(changed_at=LONG_AGO)
    Study.objects.update(changed_at=LONG_AGO)
    decision = decisions.unlink(study, reason=WHY, by=world.technologist)
    for event in Event.objects.filter(kind="study.unlinked"):
        tell_signers(event)
    [told] = radiologist.found("DiagnosticReport", {"_lastUpdated": f"ge{start.isoformat()}"})
    assert (told["id"], "imagingStudy" in told) == (str(report.pk), False)
    assert Study.objects.filter(changed_at__gte=start).exists()
    Study.objects.update(changed_at=LONG_AGO)
    decisions.undo(decision, reason="It was right", by=world.technologist)
    assert len(radiologist.found("ImagingStudy", {"_lastUpdated": f"ge{start.isoformat()}"})) == 1
    Study.objects.update(changed_at=LONG_AGO)
    wrong_patient(report.task.requested_procedures.get().steps.get(), reason=WHY, by=world.technologist)
    assert Study.objects.filter(changed_at__gte=start).exists(), "it may be looked at no more"


def test_a_draft_was_never_issued(world: World, radiologist: Hospital) -> None:
    exam.draft(world)
    [told] = radiologist.found("DiagnosticReport")
    assert (told["status"], "issued" in told, "lastUpdated" in told["meta"]) == ("registered", False, True)
    assert radiologist.found("DiagnosticReport", {"issued": "ge2020"}) == []

"""The queue and the page of one study: what waits, why, what may be meant, and who decided what."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from ris.accounts.models import User
from ris.orders.models import RequestedProcedure
from tests.exam import case, noted, performed
from tests.world import World
from worklist.actions import decisions
from worklist.actions.wrong_patient import wrong_patient
from worklist.models import Study
from worklist.reconcile.nearby import CORRECTED, LEFT, exams_near, people_near
from worklist.reconcile.rows import queue_rows, trail_of

pytestmark = [pytest.mark.django_db, pytest.mark.db]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WHY = "Asked at the device"
LOST = {"study_instance_uid": "2.25.99", "accession_number": ""}


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, BACKEND)
    return client


def tally(user: User) -> dict[str, int]:
    return {name: count for name, _words, count in queue_rows(user)["kinds"]}


def test_every_reason_to_wait_has_its_tab(world: World) -> None:
    noted(world.requested(), birth_date=date(1999, 1, 1))
    noted(world.requested(), **LOST, patient_id="nobody")
    twice = world.requested()
    other = world.requested()
    RequestedProcedure.objects.filter(pk=other.pk).update(accession_number=twice.accession_number)
    RequestedProcedure.objects.filter(pk=other.pk).update(order=twice.order_id)
    world_copy = world.requested(world.order(twice.order.patient))
    RequestedProcedure.objects.filter(pk=world_copy.pk).update(accession_number=twice.accession_number)
    noted(twice, study_instance_uid="2.25.98")
    moving = noted(world.requested(), study_instance_uid="2.25.97", accession_number="", patient_id="NORTH9999999")
    decisions.link(moving, world.requested(), reason=WHY, by=world.technologist)
    left = case(world)
    study = Study.objects.get(links__requested_procedure__in=left.requested_procedures.all())
    decisions.unlink(study, reason="The phantom's", by=world.technologist)
    wrong = case(world)
    step = wrong.requested_procedures.get().steps.get()
    wrong_patient(step, reason="It was Olsen", by=world.technologist)
    assert tally(world.radiologist) == {
        "mismatch": 1, "ambiguous": 1, "nothing": 1, "person": 1, "correcting": 1, "wrong-patient": 1,
    }  # fmt: skip
    page = browser(world.radiologist).get(reverse("worklist:queue")).content.decode()
    for words in ("the birth date differs", "a person must choose", "Being corrected", "It was Olsen", "The phantom"):
        assert words in page


def test_the_queue_of_another_site_is_not_shown(world: World) -> None:
    noted(world.requested(), birth_date=date(1999, 1, 1))
    assert tally(world.technologist)["mismatch"] == 1
    assert queue_rows(world.outsider)["total"] == 0


@pytest.mark.parametrize("kind", ["mismatch", "nothing", "correcting", "wrong-patient", "no-such-kind"])
def test_a_tab_shows_only_its_own(kind: str, world: World) -> None:
    noted(world.requested(), birth_date=date(1999, 1, 1))
    page = browser(world.technologist).get(reverse("worklist:queue"), {"kind": kind}).content.decode()
    assert ("the birth date differs" in page) is (kind in {"mismatch", "no-such-kind"})


@pytest.mark.parametrize(("kind", "words"), [("orthanc", CORRECTED), ("dicomweb", LEFT)])
def test_the_page_says_what_a_link_changes_in_the_archive(
    kind: str, words: str, world: World, settings: Settings
) -> None:
    settings.ARCHIVE_KIND = kind
    requested = world.requested()
    study = noted(requested, birth_date=date(1999, 1, 1))
    assert words in browser(world.technologist).get(reverse("worklist:study", args=[study.pk])).content.decode()
    decisions.link(study, requested, reason=WHY, by=world.technologist)
    assert study.rehomings.exists() is (kind == "orthanc")


def test_the_queue_asks_as_often_for_many_as_for_one(world: World) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for at in range(3):
        noted(world.requested(), birth_date=date(1999, 1, 1), study_instance_uid=f"2.25.7{at}")
        with CaptureQueriesContext(connection) as queries:
            browser(world.technologist)
            queue_rows(world.technologist)
        counts.append(len(queries))
    assert counts[1] == counts[2]


def test_the_right_exam_stands_first_with_what_differs(world: World) -> None:
    for family in ("Olsen", "Berg", "Dahl"):
        performed(world, world.requested(world.order(world.patient(family))))
    requested = world.requested()
    performed(world, requested)
    study = noted(requested, **LOST, birth_date=date(1961, 5, 18), study_date=timezone.now().date())
    first = exams_near(study, world.technologist)[0]
    assert first.requested == requested
    lines = {line.label: (line.archive, line.order, line.verdict) for line in first.differences}
    assert lines["Birth date"] == ("1961-05-18", "1961-05-17", "differs")
    assert lines["Patient number"][2] == "same"
    assert lines["Accession number"][2] == "unknown"
    assert first.scored.against == ("the birth date differs",)


def test_a_candidate_of_the_same_patient_and_day_is_only_suggested(world: World) -> None:
    requested = world.requested()
    performed(world, requested)
    study = noted(requested, **LOST, study_date=timezone.now().astimezone(world.north.zone).date())
    assert (study.state, study.doubt) == ("unmatched", "nothing")
    words = f"same patient, day and modality as {requested.accession_number}: a person must confirm"
    assert study.findings == [words]


def test_an_exam_is_found_by_its_accession_number(world: World) -> None:
    study = noted(world.requested(), **LOST, patient_id="nobody", patient_name="", birth_date=None)
    other = world.requested(world.order(world.patient("Olsen", "Tor")))
    found = exams_near(study, world.technologist, text=other.accession_number)
    assert [one.requested for one in found] == [other]


def test_exams_of_other_sites_are_no_candidates(world: World) -> None:
    requested = world.requested()
    study = noted(requested, **LOST, station_aet="STRANGER", patient_id="nobody")
    assert exams_near(study, world.outsider) == []
    assert people_near(study, world.technologist)[0] == requested.order.patient


def post(world: World, study: Study, verb: str, **data: Any) -> Any:
    return browser(world.technologist).post(reverse("worklist:study-decide", args=[study.pk, verb]), data, follow=True)


def test_linking_and_undoing_on_the_page_leave_their_trail(world: World) -> None:
    requested = world.requested()
    study = noted(requested, **LOST)
    page = post(world, study, "link", exam=requested.pk, reason=WHY).content.decode()
    assert "The study is linked." in page
    assert f"{world.technologist.display}: {WHY}" in page or WHY in page
    decision = study.decisions.get()
    undone = browser(world.radiologist).post(
        reverse("worklist:decision-undo", args=[decision.pk]), {"reason": "It was the other one"}, follow=True
    )
    text = undone.content.decode()
    assert "It was the other one" in text
    told = [(one["what"], one["who"], one["why"]) for one in trail_of(study)]
    assert ("was linked", world.technologist.display, WHY) in told
    assert ("was unlinked", world.radiologist.display, "It was the other one") in told
    assert ("decision undone", world.radiologist.display, "It was the other one") in told


@pytest.mark.parametrize("verb", ["link", "unlink"])
def test_what_is_missing_is_said_beside_the_field_and_nothing_happens(verb: str, world: World) -> None:
    requested = world.requested()
    study = noted(requested, **({} if verb == "unlink" else LOST))
    before = study.links.filter(active=True).count()
    answer = post(world, study, verb, exam=requested.pk, reason="")
    assert answer.status_code == 422
    assert "This field is required." in answer.content.decode()
    assert study.links.filter(active=True).count() == before


def test_what_stands_in_the_way_is_said_in_words(world: World) -> None:
    study = noted(world.requested())
    other = world.requested(world.order(world.patient("Olsen", "Tor")))
    answer = post(world, study, "link", exam=other.pk, reason=WHY)
    assert answer.status_code == 422
    assert "exam of another patient" in answer.content.decode()


def test_an_exam_that_is_not_ones_own_is_not_linked(world: World) -> None:
    study = noted(world.requested(), **LOST)
    answer = post(world, study, "link", exam=999999, reason=WHY)
    assert answer.status_code == 422
    assert "not yours to see" in answer.content.decode()


def test_an_order_is_made_on_the_page(world: World) -> None:
    known = world.requested()
    study = noted(known, **LOST)
    patient = known.order.patient
    url = reverse("worklist:study-decide", args=[study.pk, "order"])
    data = {"patient": patient.pk, "site": world.north.pk, "procedure": world.procedure().pk, "reason": "Never ordered"}
    answer = browser(world.radiologist).post(url, data, follow=True)
    assert "The order is made" in answer.content.decode()
    study.refresh_from_db()
    made = study.links.get(active=True).requested_procedure
    assert (study.state, made.order.patient, made.order.reason) == ("matched", patient, "Never ordered")

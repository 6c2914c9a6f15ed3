"""What a row of the trail says, and when it is written."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from ris import audit
from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.context import RequestContext, current
from ris.scheduling.models import Appointment
from tests import exam
from tests.world import PASSWORD, World

CODES = {
    "patient.opened": "110110",
    "order.placed": "110109",
    "appointment.booked": "110109",
    "step.started": "110111",
    "procedure.completed": "110111",
    "study.opened": "110103",
    "object.stored": "110104",
    "reading.claimed": "110111",
    "report.signed": "110111",
    "worklist.queried": "110112",
    "session.opened": "110114",
    "audit.opened": "110101",
    "security.viewer": "110113",
    "anything.else": "110100",
}


def last() -> AuditEvent:
    return AuditEvent.objects.order_by("-id")[0]


@pytest.mark.parametrize(("action", "code"), CODES.items())
def test_an_action_has_its_code_of_the_dicom_vocabulary(action: str, code: str, db: None) -> None:
    audit.record(action, ("thing", "1"), by=SystemActor("system"))
    assert (last().event_code, last().outcome) == (code, "success")


def test_a_refusal_is_a_security_alert_whatever_was_refused(db: None) -> None:
    audit.record("order.placed", ("thing", "1"), by=SystemActor("system"), outcome="refused")
    assert last().event_code == "110113"


def test_a_row_says_who_what_where_and_to_whom(world: World) -> None:
    order = world.order()
    token = current.set(RequestContext(request_id="abc", source="192.0.2.7"))
    try:
        audit.record("order.opened", order, by=world.clerk, why="asked")
    finally:
        current.reset(token)
    row = last()
    assert (row.actor_kind, row.actor_id, row.actor_display) == ("user", str(world.clerk.pk), "Clara Clerk")
    assert (row.target_kind, row.target_id) == ("orders.order", str(order.pk))
    assert (row.site_id, row.patient_id) == (world.north.pk, order.patient_id)
    assert (row.request_id, row.source, row.detail) == ("abc", "192.0.2.7", {"why": "asked"})


def test_a_row_is_rolled_back_with_what_it_tells_of(db: None) -> None:
    with transaction.atomic():
        audit.record("order.placed", ("thing", "1"), by=SystemActor("system"))
        transaction.set_rollback(True)
    assert not AuditEvent.objects.exists()


def test_overlong_names_and_ids_do_not_stop_the_hospital(db: None) -> None:
    class Verbose(SystemActor):
        display = "x" * 500  # type: ignore[assignment]

    audit.record("order.placed", ("thing", "9" * 500), by=Verbose("system"))
    assert (len(last().actor_display), len(last().target_id)) == (160, 128)


@pytest.mark.db
def test_a_refusal_stays_when_what_was_refused_is_rolled_back(live_world: World) -> None:
    """The referrer's colleague may not check in: the action's transaction goes, the refusal is written apart."""
    booked = live_world.booking()
    client = Client()
    client.force_login(live_world.radiologist, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(f"/schedule/{booked.pk}/arrive/").status_code == 403
    row = last()
    assert (row.action, row.outcome, row.event_code) == ("security.refused", "refused", "110113")
    assert (row.actor_id, row.target_id) == (str(live_world.radiologist.pk), str(booked.pk))
    assert row.detail == {"view": "scheduling:arrive", "method": "POST", "reason": "not-permitted"}
    assert not AuditEvent.objects.filter(action="appointment.arrived").exists()
    assert Appointment.objects.get(pk=booked.pk).arrived_at is None


def test_signing_in_and_out_and_failing_to_are_written(world: World) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "clerk", "password": "wrong"})
    assert (last().action, last().outcome, last().target_id) == ("session.failed", "failure", "clerk")
    client.post("/accounts/login/", {"login": "clerk", "password": PASSWORD})
    assert (last().action, last().outcome, last().actor_display) == ("session.opened", "success", "Clara Clerk")
    client.post("/accounts/logout/")
    assert last().action == "session.closed"
    assert set(AuditEvent.objects.filter(action__startswith="session").values_list("event_code", flat=True)) == {
        "110114"
    }


@pytest.mark.parametrize(("path", "who", "action"), [
    ("/patients/{patient}/", "clerk", "patient.opened"), ("/orders/{order}/", "clerk", "order.opened"),
    ("/schedule/{appointment}/", "clerk", "appointment.opened"), ("/audit/", "siteadmin", "audit.opened"),
    ("/reports/{report}/", "radiologist", "report.viewed"), ("/reports/cases/{task}/panel/", "radiologist",
                                                           "report.viewed"),
])  # fmt: skip
def test_looking_is_an_act(path: str, who: str, action: str, world: World) -> None:
    booked, report = world.booking(), exam.draft(world)
    step = world.step(booked)
    names = {"patient": booked.patient_id, "order": step.requested_procedure.order_id, "appointment": booked.pk,
             "report": report.pk, "task": report.task_id}  # fmt: skip
    client = Client()
    client.force_login(world.people[who], "allauth.account.auth_backends.AuthenticationBackend")
    before = AuditEvent.objects.filter(action=action).count()
    assert client.get(path.format(**names)).status_code == 200
    assert AuditEvent.objects.filter(action=action).count() == before + 1
    assert (last().action, last().actor_id) == (action, str(world.people[who].pk))

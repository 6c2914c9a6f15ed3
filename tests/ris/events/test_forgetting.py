"""The texts of what was delivered go after their days; what waits for a person keeps its text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput
from ris.events.forgetting import forget_old
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.outgoing.actions import send_again
from ris.hl7.outgoing.models import Destination, OutgoingMessage
from ris.notifications.models import Message
from tests.ris.events.conftest import Listener, told
from tests.world import World

pytestmark = pytest.mark.db
OLD, NEW = timedelta(days=181), timedelta(days=179)


def came(number: str, state: str, age: timedelta) -> InboundMessage:
    at = timezone.now() - age
    return InboundMessage.objects.create(
        sender_key="A|B", control_id=number, digest=number, raw=b"MSH|", received_at=at, state=state, settled_at=at,
        answer=b"MSA|AA",
    )  # fmt: skip


def went(world: World, number: str, state: str, age: timedelta) -> OutgoingMessage:
    to, _new = Destination.objects.get_or_create(name="EHR", defaults={"site": world.north, "host": "ehr"})
    at, event = timezone.now() - age, told(number).event
    return OutgoingMessage.objects.create(
        destination=to, event=event, kind="report", trigger="ORU^R01", patient_id=1, control_id=number, body=b"MSH|",
        state=state, next_at=at, answered_at=at, answer="MSA|AA",
    )  # fmt: skip


def mailed(number: str, state: str, age: timedelta) -> Message:
    at = timezone.now() - age
    return Message.objects.create(
        key=number, channel="email", kind="reminder", subject="Your appointment", text="On Monday", state=state,
        created_at=at, sent_at=at,
    )  # fmt: skip


def test_what_was_delivered_long_ago_keeps_that_it_was_and_loses_its_text(world: World, listener: Listener) -> None:
    incoming, sent = came("1", "done", OLD), went(world, "1", "accepted", OLD)
    gone: list[Any] = [incoming, sent, mailed("1", "sent", OLD)]
    kept: list[Any] = [came("2", "done", NEW), went(world, "2", "accepted", NEW), mailed("2", "sent", NEW),
            came("3", "refused", OLD), went(world, "3", "parked", OLD), mailed("3", "failed", OLD),
            went(world, "4", "set-aside", OLD)]  # fmt: skip
    assert forget_old() == {"hl7_in": 1, "hl7_out": 1, "messages": 1}
    for row in (*gone, *kept):
        row.refresh_from_db()
    assert [bool(text_of(row)) for row in gone] == [False] * 3
    assert [bool(text_of(row)) for row in kept] == [True] * 7
    assert bytes(incoming.answer) == b"MSA|AA"
    assert AuditEvent.objects.get(action="delivery.forgotten").detail["hl7_in"] == 1
    assert forget_old() == {"hl7_in": 0, "hl7_out": 0, "messages": 0}
    assert AuditEvent.objects.filter(action="delivery.forgotten").count() == 1
    with pytest.raises(InvalidInput, match="deleted"):
        send_again(sent, by=world.siteadmin)


def test_who_keeps_everything_says_so(world: World, settings: Any) -> None:
    settings.KEEP_BODIES_DAYS = 0
    row = came("1", "done", OLD)
    assert forget_old() == {}
    row.refresh_from_db()
    assert bytes(row.raw)


def text_of(row: Any) -> object:
    return next(bytes(found) if isinstance(found, memoryview) else found
                for name in ("raw", "body", "text") if (found := getattr(row, name, None)) is not None)  # fmt: skip

"""What a receiver answers is kept, whatever is in it; one answer that cannot be kept holds up no other message."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import DataError
from django.utils import timezone

from ris.hl7.outgoing import queue
from ris.hl7.outgoing.messages.answers import Answered, understand
from ris.hl7.outgoing.models import OutgoingMessage
from tests.ris.hl7.outgoing import destination, sent
from tests.ris.hl7.outgoing.receiver import receiver
from tests.world import World

PADDED = b"MSH|^~\\&|HIS|||||20261120||ACK|X1|P|2.5.1\rMSA|AE|C1\rERR||PID^1^3|204\x00^bad\x00|E\r" + bytes(8)


def test_nul_bytes_of_an_answer_are_written_out_where_they_stood() -> None:
    answered = understand(PADDED, "UNICODE UTF-8")
    assert answered is not None
    assert "\x00" not in answered.text + answered.error
    assert answered.text.endswith("\\x00" * 8)
    assert "204" in answered.error


@pytest.mark.db
def test_an_answer_that_is_padded_with_nul_bytes_is_an_answer(world: World, tmp_path: Path) -> None:
    with receiver(tmp_path, "--fault", "padded", "--times", "2") as hospital:
        where = destination(world.north, port=hospital.port, reports=False, appointments=False)
        for _ in range(3):
            world.booking()
        assert sent(where) == 3
        assert len(hospital.taken()) == 3
    assert set(OutgoingMessage.objects.values_list("state", "answer_code")) == {("accepted", "AA")}


@pytest.mark.db
def test_an_answer_that_cannot_be_kept_holds_up_no_other_message(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(tmp_path) as hospital:
        where = destination(world.north, port=hospital.port, reports=False, appointments=False)
        for _ in range(3):
            world.booking()
        kept = queue.settle

        def settle(message: OutgoingMessage, answered: Answered) -> None:
            if message == OutgoingMessage.objects.order_by("event_id").first() and message.attempts == 1:
                raise DataError("the database does not take this")
            kept(message, answered)

        monkeypatch.setattr(queue, "settle", settle)
        assert sent(where) == 2
        first = OutgoingMessage.objects.get(state="queued")
        assert "could not be kept" in first.last_error
        OutgoingMessage.objects.filter(pk=first.pk).update(next_at=timezone.now())
        assert sent(where) == 1
        assert [line.split()[0] for line in hospital.journal] == ["taken", "taken", "taken", "repeated"]
    assert set(OutgoingMessage.objects.values_list("state", flat=True)) == {"accepted"}

"""No image leaves without the row that says who opened it, also where the audit trail fails for a moment."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from ris import audit
from ris.audit.models import AuditEvent
from tests.viewer.broken import no_audit_rows
from tests.world import World
from viewer import actions
from viewer.grants import Grant
from worklist.models import Study

UID = "1.2.3"
GRANT = Grant(1, UID, None, None, "P1", "", may_store=False)


@pytest.fixture
def session() -> str:
    """One that nobody knows yet."""
    return uuid.uuid4().hex


def look(world: World, session: str) -> None:
    actions.note_access([GRANT], session=session, by=world.radiologist)


def rows() -> int:
    return AuditEvent.objects.filter(action="study.opened", study_uid=UID).count()


def test_a_study_is_opened_in_one_row_however_many_frames_are_asked_for(live_world: World, session: str) -> None:
    for _ in range(3):
        look(live_world, session)
    assert rows() == 1


def test_after_a_row_that_could_not_be_written_the_next_frame_is_refused_too_or_written_down(
    live_world: World, session: str
) -> None:
    with no_audit_rows():
        for _ in range(2):
            with pytest.raises(DatabaseError):
                look(live_world, session)
    assert rows() == 0
    look(live_world, session)
    assert rows() == 1


def test_images_opened_in_a_transaction_that_failed_are_news_to_the_next_frame(live_world: World, session: str) -> None:
    study = Study(pk=1, study_instance_uid=UID)

    def open_and_fail() -> None:
        actions.open_studies([study], patient=None, session=session, by=live_world.radiologist)
        raise DatabaseError

    with pytest.raises(DatabaseError), transaction.atomic():
        open_and_fail()
    assert rows() == 0
    look(live_world, session)
    assert rows() == 1


def test_who_asks_while_the_row_is_written_waits_for_it(
    live_world: World, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one's row fails; the second one did not leave without."""
    begun, may_fail, left = threading.Event(), threading.Event(), []
    record = audit.record

    def slow(*args: object, **about: object) -> None:
        if begun.is_set():
            return record(*args, **about)  # type: ignore[arg-type]
        begun.set()
        may_fail.wait(20)
        raise DatabaseError

    def ask() -> None:
        try:
            look(live_world, session)
            left.append(AuditEvent.objects.filter(study_uid=UID).count())
        except DatabaseError:
            left.append(-1)
        finally:
            connection.close()

    monkeypatch.setattr(audit, "record", slow)
    first, second = threading.Thread(target=ask), threading.Thread(target=ask)
    first.start()
    assert begun.wait(20)
    second.start()
    second.join(0.3)
    assert left == [], "the second one waits"
    may_fail.set()
    first.join(20)
    second.join(20)
    assert sorted(left) == [-1, 1]

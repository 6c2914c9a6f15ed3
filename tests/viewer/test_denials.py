"""No refusal is missing in the audit trail, and a flood of them does not fill it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError

from ris.audit.models import AuditEvent
from tests.viewer.broken import no_audit_rows
from tests.world import World
from viewer import actions, denials

REASON = "a study that is not granted"


class Clock:
    """Seconds, as many as the test says."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Nothing of other tests is counted here, and nothing of these elsewhere."""
    found = Clock()
    monkeypatch.setattr(actions, "_denials", denials.Denials(found))
    return found


def refuse(world: World, study: str = "1.2.3", *, times: int = 1, session: str = "s") -> None:
    for _ in range(times):
        actions.alarm(REASON, session=session, by=world.radiologist, study_uid=study)


def rows() -> list[tuple[str, int]]:
    """(study, how many refusals it stands for) of each row."""
    found = AuditEvent.objects.filter(action="security.viewer").order_by("pk")
    return [(row.study_uid, row.detail.get("repeated", 1)) for row in found]


def test_the_first_is_written_at_once_and_a_thousand_more_as_one_number(world: World, clock: Clock) -> None:
    refuse(world, times=1001)
    assert rows() == [("1.2.3", 1)]
    clock.now += 61
    actions.note_access([], session="somebody else", by=world.resident)
    assert rows() == [("1.2.3", 1), ("1.2.3", 1000)]
    counted = AuditEvent.objects.filter(action="security.viewer").latest("pk")
    assert (counted.actor_id, counted.outcome) == (str(world.radiologist.pk), "refused")


def test_a_single_one_is_counted_once_and_a_later_one_is_news(world: World, clock: Clock) -> None:
    refuse(world)
    clock.now += 61
    refuse(world)
    actions.settle_denials()
    assert rows() == [("1.2.3", 1), ("1.2.3", 1)]


def test_at_the_servers_end_every_count_is_written(world: World) -> None:
    refuse(world, times=5)
    actions.settle_denials()
    assert sum(number for _study, number in rows()) == 5


def test_one_who_tries_a_thousand_studies_writes_no_thousand_rows_and_none_is_missing(
    world: World, clock: Clock
) -> None:
    for number in range(1000):
        refuse(world, f"1.2.{number}")
    refuse(world, "9.9", session="another")
    assert len(rows()) == denials.STUDIES_MAX + 2
    clock.now += 61
    actions.settle_denials()
    assert sum(number for _study, number in rows()) == 1001
    assert len(rows()) <= denials.STUDIES_MAX + 3


def test_a_count_that_could_not_be_written_is_written_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(world, times=3)

    def broken(*_: object, **__: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(denials, "write_apart", broken)
        with pytest.raises(DatabaseError):
            actions.settle_denials()
    actions.settle_denials()
    assert rows() == [("1.2.3", 1), ("1.2.3", 2)]


def test_a_first_refusal_that_could_not_be_written_is_written_by_the_next_request(
    world: World,
) -> None:
    with no_audit_rows(), pytest.raises(DatabaseError):
        refuse(world)
    assert rows() == []
    actions.note_access([], session="somebody else", by=world.resident)
    assert rows() == [("1.2.3", 1)]
    refuse(world)
    actions.settle_denials()
    assert rows() == [("1.2.3", 1), ("1.2.3", 1)]


def test_counts_that_come_after_one_that_cannot_be_written_are_not_lost_with_it(
    world: World,
) -> None:
    for study in ("1.1", "1.2", "1.3"):
        refuse(world, study, times=3)
    with no_audit_rows(), pytest.raises(DatabaseError):
        actions.settle_denials()
    actions.settle_denials()
    assert sum(number for _study, number in rows()) == 9

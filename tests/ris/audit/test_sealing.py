"""The chain of seals: it covers every row, and says which one was bent."""

from __future__ import annotations

import threading

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from ris.audit import sealing
from ris.audit.models import AuditSeal
from ris.audit.sealing import GENESIS, from_ranges, seal, to_ranges, verify
from tests.ris.audit.trail import old, row, tamper

pytestmark = pytest.mark.django_db


@given(st.sets(st.integers(min_value=1, max_value=10**12), min_size=1))
def test_ranges_say_exactly_the_rows_that_they_were_made_of(ids: set[int]) -> None:
    assert from_ranges(to_ranges(ids)) == sorted(ids)


def test_neighbours_share_a_range() -> None:
    assert to_ranges([3, 1, 2, 7, 9, 10]) == "1-3,7,9-10"


def test_seals_follow_each_other_and_cover_every_row() -> None:
    first = [row().pk for _ in range(3)]
    one = seal()
    second = [row().pk for _ in range(2)]
    two = seal()
    assert one is not None
    assert two is not None
    assert (one.previous, two.previous) == (GENESIS, one.hash)
    assert [from_ranges(one.ranges), from_ranges(two.ranges)] == [first, second]
    assert verify() == sealing.Verdict(rows=5, seals=2, faults=())


def test_nothing_new_makes_no_seal() -> None:
    row()
    seal()
    assert seal() is None
    assert AuditSeal.objects.count() == 1


def test_a_long_queue_is_sealed_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)
    for _ in range(7):
        row()
    portions = [made.rows for _ in range(4) if (made := seal()) is not None]
    assert portions == [3, 3, 1]
    assert verify().faults == ()


def test_a_row_that_was_committed_late_under_a_lower_number_is_sealed_too() -> None:
    row(pk=1000)
    row(pk=1002)
    seal()
    row(pk=1001)
    late = seal()
    assert late is not None
    assert (late.ranges, late.last_id) == ("1001", 1002)
    assert verify().faults == ()


def test_a_changed_row_is_named() -> None:
    changed = [row() for _ in range(4)][2]
    made = seal()
    assert made is not None
    tamper("UPDATE audit_auditevent SET actor_display = %s WHERE id = %s", "Somebody else", changed.pk)
    assert verify().faults == (f"seal {made.pk}: row {changed.pk} was changed",)


def test_a_row_changed_together_with_its_fingerprint_is_still_found() -> None:
    rows = [row() for _ in range(4)]
    made = seal()
    assert made is not None
    tamper("UPDATE audit_auditevent SET actor_display = %s WHERE id = %s", "Somebody else", rows[1].pk)
    rows[1].refresh_from_db()
    marks = "".join(map(sealing.fingerprint, rows))
    tamper("UPDATE audit_auditseal SET fingerprints = %s WHERE id = %s", marks, made.pk)
    assert verify().faults == (f"seal {made.pk}: a row among {made.ranges} was changed",)


def test_a_removed_row_is_named() -> None:
    removed = [row() for _ in range(4)][1]
    made = seal()
    assert made is not None
    tamper("DELETE FROM audit_auditevent WHERE id = %s", removed.pk)
    assert verify().faults == (f"seal {made.pk}: row {removed.pk} is missing",)


def test_a_removed_seal_breaks_the_chain() -> None:
    made = []
    for _ in range(3):
        row(at=old())
        made.append(seal())
    assert all(made)
    tamper("DELETE FROM audit_auditseal WHERE id = %s", made[1].pk)  # type: ignore[union-attr]
    faults = verify().faults
    assert faults[0] == f"seal {made[2].pk} does not follow the seal before it"  # type: ignore[union-attr]
    assert "not sealed" in faults[1]


def test_a_tail_that_nobody_seals_is_reported() -> None:
    row()
    stale = row(at=old())
    assert verify().faults == (f"row {stale.pk} is older than 30 s and not sealed",)


def test_no_two_seals_can_follow_the_same_one() -> None:
    row()
    made = seal()
    assert made is not None
    rival = AuditSeal(at=made.at, first_id=1, last_id=1, ranges="1", rows=1, previous=GENESIS, hash="f" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        rival.save()


def test_the_command_says_that_all_is_well() -> None:
    row()
    seal()
    call_command("audit_verify")


def test_the_command_fails_and_names_the_fault(capsys: pytest.CaptureFixture[str]) -> None:
    row()
    seal()
    tamper("UPDATE audit_auditevent SET target_id = %s", "2")
    with pytest.raises(SystemExit) as stopped:
        call_command("audit_verify")
    assert stopped.value.code == 1
    assert "was changed" in capsys.readouterr().err


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_sealers_at_the_same_time_make_one_chain() -> None:
    def work() -> None:
        try:
            for _ in range(4):
                row()
                try:
                    seal()
                except IntegrityError:
                    continue  # another sealer was there first; this row is sealed in the next round
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal()
    verdict = verify()
    assert (verdict.rows, verdict.faults) == (24, ())

"""Who reads what: the first claim wins, and only its reader gives a case back."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client

from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core.errors import ConcurrentUpdateError, DomainError, NotPermitted, TransitionError
from ris.events.models import Event
from tests.exam import case, draft
from tests.world import World
from worklist.actions.reading import claim, release
from worklist.models import ReadingTask

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def fresh(task: ReadingTask) -> ReadingTask:
    return ReadingTask.objects.get(pk=task.pk)


def test_a_claimed_case_has_its_reader(world: World) -> None:
    task = claim(case(world), by=world.resident)
    assert (fresh(task).state, fresh(task).claimed_by) == ("claimed", world.resident)
    assert fresh(task).claimed_at is not None
    assert AuditEvent.objects.get(action="reading.claimed").actor_id == str(world.resident.pk)
    assert Event.objects.filter(kind="reading.claimed").count() == 1


def test_claiming_ones_own_case_again_changes_nothing(world: World) -> None:
    task = claim(case(world), by=world.resident)
    claim(task, by=world.resident)
    assert Event.objects.filter(kind="reading.claimed").count() == 1


def test_the_second_reader_is_told_who_reads(world: World) -> None:
    task = claim(case(world), by=world.resident)
    with pytest.raises(ConcurrentUpdateError, match="Renee Resident"):
        claim(task, by=world.radiologist)
    assert fresh(task).claimed_by == world.resident


@pytest.mark.parametrize("who", ["clerk", "technologist", "referrer", "siteadmin", "admin", "outsider"])
def test_reading_is_for_the_readers_of_the_site(who: str, world: World) -> None:
    task = case(world)
    with pytest.raises(NotPermitted):
        claim(task, by=world.people[who])
    assert (fresh(task).state, fresh(task).claimed_by) == ("waiting", None)


def test_a_case_is_given_back_with_what_was_written(world: World) -> None:
    report = draft(world, by=world.resident)
    release(report.task, by=world.resident)
    task = fresh(report.task)
    assert (task.state, task.claimed_by, task.report_state) == ("waiting", None, "draft")
    assert task.reports.get().content["sections"]["impression"]


def test_only_its_reader_gives_a_case_back(world: World) -> None:
    task = claim(case(world), by=world.resident)
    with pytest.raises(NotPermitted):
        release(task, by=world.radiologist)
    assert fresh(task).claimed_by == world.resident


def test_a_case_that_nobody_has_cannot_be_given_back(world: World) -> None:
    task = case(world)
    with pytest.raises((NotPermitted, TransitionError)):
        release(task, by=world.radiologist)
    assert fresh(task).state == "waiting"


def test_the_most_urgent_comes_first_and_then_who_waits_longest(world: World) -> None:
    tasks: dict[int, str] = {}
    for priority in ("LOW", "ROUTINE", "STAT", "ROUTINE", "HIGH"):
        task = case(world, world.requested(world.order(world.patient(f"P{len(tasks)}"), priority=priority)))
        tasks[task.pk] = priority
    listed = list(ReadingTask.objects.for_reading_list(world.radiologist))
    assert [tasks[task.pk] for task in listed] == ["STAT", "HIGH", "ROUTINE", "ROUTINE", "LOW"]
    assert listed[2].pk < listed[3].pk


def test_the_list_takes_as_many_queries_for_one_case_as_for_five(
    world: World, django_assert_max_num_queries: object
) -> None:
    client = Client()
    client.force_login(world.radiologist, BACKEND)
    counts = []
    for cases in (1, 4):
        for number in range(cases):
            case(world, world.requested(world.order(world.patient(f"P{cases}{number}"))))
        with django_assert_max_num_queries(40) as queries:  # type: ignore[operator]
            assert client.get("/worklist/reading/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_unchanged_list_is_answered_with_204(world: World) -> None:
    task = case(world)
    client = Client()
    client.force_login(world.radiologist, BACKEND)
    page = client.get("/worklist/reading/")
    seen = page.context["version"]
    assert client.get(f"/worklist/reading/rows/?seen={seen}").status_code == 204
    claim(task, by=world.resident)
    assert client.get(f"/worklist/reading/rows/?seen={seen}").status_code == 200


@pytest.mark.db
def test_of_many_readers_at_one_case_one_gets_it(live_world: World) -> None:
    task, gate = case(live_world), threading.Barrier(10)
    outcomes: list[str] = []

    def work(reader: User) -> None:
        gate.wait()
        try:
            claim(task, by=reader)
            outcomes.append(reader.username)
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    readers = [live_world.radiologist, live_world.resident] * 5
    threads = [threading.Thread(target=work, args=(User.objects.get(pk=reader.pk),)) for reader in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = fresh(task).claimed_by
    assert winner is not None
    assert sorted(outcomes) == sorted([winner.username] * 5 + ["changed-meanwhile"] * 5)
    assert Event.objects.filter(kind="reading.claimed").count() == 1

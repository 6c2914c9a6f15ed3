"""What was drawn and not stored is kept for its reader, as the viewer's own JSON, and for nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reporting.actions.drawn import LARGEST, MOST, keep_drawn
from reporting.models import DraftMeasurements
from ris.accounts.models import User
from ris.core.errors import InvalidInput, NotPermitted
from tests.exam import case
from tests.world import World
from worklist.actions.reading import claim
from worklist.models import ReadingTask

LINE: dict[str, Any] = {"annotationUID": "a-1", "metadata": {"toolName": "Length"}, "data": {"handles": {}}}

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(world: World) -> ReadingTask:
    return claim(case(world), by=world.radiologist)


def answered(task: ReadingTask, user: User) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(reverse("reporting:drawn", args=[task.pk])).json()["annotations"]


def test_it_comes_back_as_it_was_and_to_its_reader_only(world: World, task: ReadingTask) -> None:
    client = Client()
    client.force_login(world.radiologist)
    client.post(reverse("reporting:drawn", args=[task.pk]), {"annotations": json.dumps([LINE])})
    assert answered(task, world.radiologist) == [LINE]
    assert answered(task, world.resident) == []


def test_the_newest_takes_the_place_of_the_older_and_nothing_unsaved_is_nothing_kept(
    world: World, task: ReadingTask
) -> None:
    keep_drawn(task, [LINE], by=world.radiologist)
    keep_drawn(task, [LINE, LINE], by=world.radiologist)
    assert len(DraftMeasurements.objects.get().annotations) == 2
    keep_drawn(task, [], by=world.radiologist)
    assert not DraftMeasurements.objects.exists()


def named(uid: str) -> dict[str, Any]:
    return {**LINE, "annotationUID": uid}


def kept() -> list[str]:
    return sorted(one["annotationUID"] for one in DraftMeasurements.objects.get().annotations)


def test_two_windows_on_one_case_keep_what_each_of_them_holds(world: World, task: ReadingTask) -> None:
    keep_drawn(task, [named("one")], by=world.radiologist, window="first")
    keep_drawn(task, [named("two")], by=world.radiologist, window="second")
    assert kept() == ["one", "two"]
    keep_drawn(task, [named("one"), named("three")], by=world.radiologist, window="first")
    assert kept() == ["one", "three", "two"]
    keep_drawn(task, [], by=world.radiologist, window="first")
    assert kept() == ["two"]


def test_what_a_window_draws_again_takes_the_place_of_what_a_dead_one_held(world: World, task: ReadingTask) -> None:
    keep_drawn(task, [named("old"), named("older")], by=world.radiologist, window="dead")
    client = Client()
    client.force_login(world.radiologist)
    said = {"annotations": json.dumps([named("new")]), "window": "next", "instead": json.dumps(["old", 7])}
    answer = client.post(reverse("reporting:drawn", args=[task.pk]), said).json()["annotations"]
    assert {one["annotationUID"]: one["window"] for one in answer} == {"older": "dead", "new": "next"}


def test_who_may_measure_there_keeps_their_own_with_the_case_in_hand_or_not(world: World, task: ReadingTask) -> None:
    keep_drawn(task, [LINE], by=world.resident)
    assert (answered(task, world.resident), answered(task, world.radiologist)) == ([LINE], [])
    with pytest.raises(NotPermitted):
        keep_drawn(task, [LINE], by=world.technologist)


def test_more_than_anybody_draws_is_refused(world: World, task: ReadingTask) -> None:
    for too_much in ([LINE] * (MOST + 1), [{"data": "x" * LARGEST}], ["text"]):
        with pytest.raises(InvalidInput):
            keep_drawn(task, too_much, by=world.radiologist)  # type: ignore[arg-type]
    client = Client()
    client.force_login(world.radiologist)
    for body in ("", "{}", "nonsense"):
        assert client.post(reverse("reporting:drawn", args=[task.pk]), {"annotations": body}).status_code == 422

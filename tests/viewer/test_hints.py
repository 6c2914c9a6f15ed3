"""What the reading list says beforehand of a case is what its page says when it is opened, and of others nothing."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ris.accounts.models import User
from tests.viewer.hospital import Hospital, exam
from viewer.hanging.models import Hanging
from viewer.hints import hints, of_next
from worklist.models import ReadingTask, Study
from worklist.reading.filters import Filter


def case_of(study: str) -> ReadingTask:
    return ReadingTask.objects.get(requested_procedures__study_links__study__study_instance_uid=study)


def hint_of(study: str, user: User) -> dict[str, str]:
    task = case_of(study)
    return dict(json.loads(hints([task], user)[task.pk]))


def opened(study: str, user: User) -> str:
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return unescape(client.get(f"/reading/{case_of(study).pk}/").content.decode())


@pytest.mark.parametrize("is_hung", [False, True])
def test_a_hint_says_what_the_page_of_the_case_says(hospital: Hospital, is_hung: bool) -> None:
    if is_hung:
        Hanging.objects.create(name="Chest", modality="CT", window_center=-600, window_width=1500)
    reader = hospital.world.radiologist
    hint, page = hint_of(hospital.a.study, reader), opened(hospital.a.study, reader)
    assert hint["room"] == f"/reading/{case_of(hospital.a.study).pk}/"
    for name in ("studies", "route", "protocol"):
        assert f'data-{name}="{hint[name]}"' in page
    assert bool(hint["protocol"]) is is_hung
    Hanging.objects.all().delete()


def test_a_case_whose_study_the_reader_may_not_see_has_none(hospital: Hospital) -> None:
    task = case_of(hospital.b.study)
    assert hints([task], hospital.world.radiologist) == {}


def test_a_study_that_is_closed_has_none(hospital: Hospital) -> None:
    study = Study.objects.get(study_instance_uid=hospital.a.study)
    before = study.state
    Study.objects.filter(pk=study.pk).update(state="blocked")
    found = hints([case_of(hospital.a.study)], hospital.world.radiologist)
    Study.objects.filter(pk=study.pk).update(state=before)
    assert found == {}


def test_many_cases_cost_no_more_questions_than_one(hospital: Hospital) -> None:
    world = hospital.world
    others = [exam(world, world.north, world.clerk, f"Hint{name}", slices=1) for name in "abc"]
    tasks = [case_of(one.study) for one in (hospital.a, *others)]
    world.radiologist.sites_where("study.view")
    with CaptureQueriesContext(connection) as one:
        hints(tasks[:1], world.radiologist)
    with CaptureQueriesContext(connection) as many:
        assert len(hints(tasks, world.radiologist)) == len(tasks)
    assert len(many) == len(one) <= 5


def test_a_case_says_beforehand_what_next_case_brings(hospital: Hospital) -> None:
    exam(hospital.world, hospital.world.north, hospital.world.clerk, "Next", slices=1)
    first, client = case_of(hospital.a.study), Client()
    client.force_login(hospital.world.radiologist, "allauth.account.auth_backends.AuthenticationBackend")
    client.post(f"/worklist/reading/{first.pk}/claim/")
    page = client.get(f"/reading/{first.pk}/").content.decode()
    said = re.search(r'data-room-next data-turn="([^"]+)"', page)
    assert said is not None
    hint = json.loads(unescape(said[1]))
    assert client.post("/worklist/reading/next/").headers["Location"] == hint["room"] != f"/reading/{first.pk}/"


def test_a_case_after_which_none_waits_says_nothing_of_a_next_one(hospital: Hospital) -> None:
    nothing = Filter.of_query("priority=LOW")
    assert of_next(case_of(hospital.a.study), hospital.world.radiologist, nothing) == ""

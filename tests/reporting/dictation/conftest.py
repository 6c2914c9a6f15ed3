from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from reporting.dictation.actions import Recording, record_clip
from reporting.dictation.record import Clip, DictationRule
from reporting.models import Report
from ris.accounts.models import User
from tests.exam import draft
from tests.reporting.dictation.sounds import wav
from tests.world import World


@pytest.fixture(autouse=True)
def data_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def rule(world: World) -> DictationRule:
    return DictationRule.objects.create(site=world.north, recording=True)


@pytest.fixture
def report(world: World, rule: DictationRule) -> Report:
    return draft(world)


@pytest.fixture
def clip(world: World, report: Report) -> Clip:
    return record_clip(report, Recording("findings", 7, wav()), by=world.radiologist)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client

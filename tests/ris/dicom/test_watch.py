"""What is wrong with the archive stands where administrators look."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from ris.core.timers import TIMERS
from ris.dicom import watch
from tests.services.orthanc import Server
from tests.services.server import free_port
from tests.world import World


@pytest.fixture(autouse=True)
def _forgotten(db: None) -> Iterator[None]:
    cache.delete(watch.KEY)
    yield
    cache.delete(watch.KEY)


def pages(world: World, client: Client, who: str) -> str:
    client.force_login(world.people[who])
    return "".join(client.get(path).content.decode() for path in ("/", "/home/cards/", "/deliveries/"))


@pytest.mark.parametrize("who", ["siteadmin", "admin"])
def test_a_silent_archive_is_told_on_the_home_page_and_the_deliveries(
    world: World, client: Client, settings: Settings, who: str
) -> None:
    settings.ORTHANC_URL = f"http://127.0.0.1:{free_port()}"
    TIMERS["archive-health"][1]()
    found = pages(world, client, who)
    assert found.count("Archive warnings") == 2
    assert "Look at ORTHANC_URL" in found


def test_others_are_not_troubled(world: World, client: Client, settings: Settings) -> None:
    settings.ORTHANC_URL = f"http://127.0.0.1:{free_port()}"
    watch.look()
    assert "Archive warnings" not in pages(world, client, "clerk")


@pytest.mark.orthanc
def test_the_faults_of_the_archive_that_runs_are_told_and_go_with_it(
    world: World, client: Client, orthanc: Server
) -> None:
    watch.look()
    known = watch.warnings_for(world.admin)
    assert all(message in pages(world, client, "admin").replace("&#x27;", "'") for message, _hint in known)
    cache.delete(watch.KEY)
    assert "Archive warnings" not in pages(world, client, "admin")

"""The running hospital of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from ris.dicom.orthanc.process import OrthancProcess
from tests.services.orthanc import options
from tests.viewer.hospital import Browser, Hospital, exam, served
from tests.world import build_world


@pytest.fixture(scope="module")
def pacs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancProcess]:
    """An Orthanc of this module's own, and the settings that name it."""
    directory: Path = tmp_path_factory.mktemp("viewer-orthanc")
    process = OrthancProcess(directory, options(directory))
    process.start()
    named = override_settings(
        ORTHANC_URL=process.url,
        ORTHANC_USERNAME=process.options.username,
        ORTHANC_PASSWORD=process.options.password,
        ORTHANC_TOKEN="",
        ALLOWED_HOSTS=["127.0.0.1", "localhost", "testserver"],
        DATA_DIR=directory / "data",
    )
    named.enable()
    yield process
    named.disable()
    process.stop(grace=0)


def _sets_up_database(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", ()))
    return bool(names & {"db", "transactional_db"}) or item.get_closest_marker("django_db") is not None


@pytest.fixture(scope="session")
def database(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The test database also when no other test of the run asks pytest-django for it."""
    if any(_sets_up_database(item) for item in request.session.items):
        yield
        return
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases=["default"])  # type: ignore[arg-type]
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="module")
def hospital(database: None, django_db_blocker: DjangoDbBlocker, pacs: OrthancProcess) -> Iterator[Hospital]:
    """A committed world behind a real server; the database is emptied when the module is done."""
    from ris.accounts.models import Installation

    with django_db_blocker.unblock():
        Installation.objects.get_or_create()
        world = build_world()
        a = exam(world, world.north, world.clerk, "Alpha")
        b = exam(world, world.south, world.outsider, "Beta")
    with django_db_blocker.unblock(), served() as port:
        yield Hospital(port, world, a, b)
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture
def rita(hospital: Hospital) -> Browser:
    """The radiologist of the north, signed in anew."""
    return hospital.sign_in("radiologist")

"""Fixtures that the whole suite shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import expect
from pytest_django import Settings

from reporting.guards import GUARDS
from ris.audit import triggers
from ris.core.guards import lifted
from tests.world import World, build_world

pytest_plugins = ["tests.services.orthanc"]

# How fast examples are drawn depends on what else the machine does, and is no fault of the code under test.
hypothesis_settings.register_profile("soak", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The suite tries the same examples each time: what is new is looked for by `make soak`.
hypothesis_settings.register_profile("suite", hypothesis_settings.get_profile("soak"), derandomize=True)
hypothesis_settings.load_profile("suite")
expect.set_options(timeout=30_000)  # a browser beside the whole suite

PROTECTED = (
    *triggers.TABLES, "reporting_reportversion", "reporting_signature", "reporting_artifact", "reporting_communication",
    "reporting_agreement", "reporting_return", "reporting_recall",
)  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def _flush_may_empty_append_only_tables() -> Iterator[None]:
    """A test database is emptied between transactional tests; the triggers step aside for that moment only."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    original = BaseDatabaseOperations.execute_sql_flush

    def flush(self: BaseDatabaseOperations, sql_list: Iterable[str]) -> None:
        with connection.cursor() as cursor:
            for table in PROTECTED:
                for sql in triggers.removals(connection.vendor, table):
                    cursor.execute(sql)
        with lifted(connection, GUARDS if connection.vendor == "sqlite" else (), ("DELETE",)):
            original(self, sql_list)
        with connection.cursor() as cursor:
            for table in PROTECTED:
                for sql in triggers.statements(connection.vendor, table):
                    cursor.execute(sql)
        _put_back_what_migrations_wrote()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush)
        yield


def _put_back_what_migrations_wrote() -> None:
    """Rows of a new installation, so that no test finds them only until another emptied the database."""
    from worklist.exam.record import ContrastAgent, RejectReason
    from worklist.exam.starter import fill

    fill(ContrastAgent, RejectReason)


@pytest.fixture
def world(db: None) -> World:
    """Two sites and their people, in a transaction that is rolled back."""
    from ris.accounts.models import Installation

    Installation.objects.get_or_create()
    return build_world()


@pytest.fixture
def live_world(transactional_db: None) -> World:
    """The same, committed: for tests with other threads or processes."""
    from ris.accounts.models import Installation

    Installation.objects.get_or_create()
    return build_world()


@pytest.fixture
def signing_key(tmp_path: Path, settings: Settings) -> None:
    """A development key, so that reports can be signed."""
    from reporting.signing import dev_certificate

    path = tmp_path / "signer.p12"
    dev_certificate.create(path, "test-only", "Isocenter test seal", at=timezone.now())
    settings.SIGNING_P12_FILE, settings.SIGNING_P12_PASSWORD = path, "test-only"
    settings.SIGNING_TRUST_FILE = path.with_suffix(".ca.pem")

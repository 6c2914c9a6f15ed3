"""A key that its authority revoked is not taken in, and signs nothing more; nobody waits for a list while signing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from reporting.actions.keys import add_key
from reporting.keys import own_watch, watch
from reporting.keys.record import SigningKey
from reporting.models import ReportVersion
from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, Unavailable
from ris.core.timers import TIMERS
from ris.notifications.models import Message
from tests.exam import draft, sign
from tests.reporting.keys.test_keys import PASSPHRASE, a_key, now, services, status_of, trusted  # noqa: F401
from tests.reporting.signing.authority import Made, Services, p12_of
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]


@pytest.fixture(autouse=True)
def _nothing_revoked_stays(services: Services) -> Iterator[None]:  # noqa: F811
    cache.clear()
    yield
    services.authority.revoked.clear()
    cache.clear()


def issued(services: Services, name: str = "Dr. Rita Radiologist") -> tuple[Made, bytes]:  # noqa: F811
    made = services.authority.issue(name)
    return made, p12_of(made, services.authority, PASSPHRASE)


def told(world: World) -> list[str]:
    found = Message.objects.filter(recipient=world.radiologist, key__startswith="signing-key-")
    return list(found.order_by("pk").values_list("subject", flat=True))


def test_a_revoked_certificate_is_not_taken_in(world: World, services: Services) -> None:  # noqa: F811
    made, p12 = issued(services)
    services.authority.revoked.append(made.certificate.serial_number)
    with pytest.raises(InvalidInput) as refused:
        add_key(p12, PASSPHRASE, proof=now(), by=world.radiologist)
    assert "was revoked" in refused.value.fields["file"]
    assert not SigningKey.objects.exists()


def test_one_that_is_revoked_later_signs_nothing_more_and_its_owner_is_told(
    world: World,
    services: Services,  # noqa: F811
    settings: Settings,
) -> None:
    made, p12 = issued(services)
    key = add_key(p12, PASSPHRASE, proof=now(), by=world.radiologist)
    TIMERS["own-signing-keys"][1]()
    assert SigningKey.objects.get().state == "active"
    assert status_of(sign(draft(world), world.radiologist), settings)[1] == "Dr. Rita Radiologist"
    services.authority.revoked.append(made.certificate.serial_number)
    own_watch.look()
    own_watch.look()
    row = SigningKey.objects.get(pk=key.pk)
    assert (row.state, row.reason) == ("revoked", "Revoked by its authority.")
    assert told(world) == ["Your signing key signs nothing more"]
    assert AuditEvent.objects.get(action="security.signing-key-revoked").actor_id == "signing-keys"
    assert status_of(sign(draft(world), world.radiologist), settings) == (True, "Isocenter test seal")


def test_an_owner_is_told_once_that_a_key_ends_soon(world: World, services: Services) -> None:  # noqa: F811
    add_key(issued(services)[1], PASSPHRASE, proof=now(), by=world.radiologist)
    own_watch.look()
    assert told(world) == []
    SigningKey.objects.update(valid_to=timezone.now() + timedelta(days=29))
    own_watch.look()
    own_watch.look()
    assert told(world) == ["Your signing key ends"]
    assert SigningKey.objects.get().state == "active"


def test_a_key_that_cannot_be_looked_at_holds_up_no_other(
    world: World,
    services: Services,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = add_key(a_key(services, "Dr. Renee"), PASSPHRASE, proof=now(), by=world.resident)
    SigningKey.objects.filter(pk=broken.pk).update(sealed="nothing of ours")
    made, p12 = issued(services)
    key = add_key(p12, PASSPHRASE, proof=now(), by=world.radiologist)
    services.authority.revoked.append(made.certificate.serial_number)
    own_watch.look()
    assert SigningKey.objects.get(pk=key.pk).state == "revoked"
    assert SigningKey.objects.get(pk=broken.pk).state == "active"
    assert "was not looked at" in caplog.text


def test_a_revoked_seal_seals_nothing_without_asking_for_a_list(
    world: World,
    services: Services,  # noqa: F811
    settings: Settings,
    tmp_path: Path,
) -> None:
    made, p12 = issued(services, "Seal of the house")
    settings.SIGNING_P12_FILE, settings.SIGNING_P12_PASSWORD = tmp_path / "house.p12", PASSPHRASE
    settings.SIGNING_P12_FILE.write_bytes(p12)
    report = draft(world)
    services.authority.revoked.append(made.certificate.serial_number)
    watch.look()
    services.authority.revoked.clear()
    with pytest.raises(Unavailable, match="was revoked"):
        sign(report, world.radiologist)
    assert not ReportVersion.objects.exists()
    watch.look()
    with pytest.raises(Unavailable, match="was revoked"):
        sign(report, world.radiologist)
    settings.SIGNING_P12_FILE.write_bytes(issued(services, "The next seal")[1])
    assert status_of(sign(report, world.radiologist), settings) == (True, "The next seal")

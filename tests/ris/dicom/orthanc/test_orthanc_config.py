from __future__ import annotations

import json
import stat
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ris.accounts.models import Site
from ris.dicom.models import Node


@pytest.fixture(autouse=True)
def _credentials(settings: Settings) -> None:
    settings.ORTHANC_URL = "http://127.0.0.1:18042"
    settings.ORTHANC_USERNAME, settings.ORTHANC_PASSWORD = "isocenter", "very-secret"
    settings.ORTHANC_AET = "PACS1"


def printed(**options: object) -> dict[str, object]:
    out = StringIO()
    call_command("orthanc_config", stdout=out, **options)
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_the_configuration_follows_the_settings(settings: Settings) -> None:
    told = printed()
    assert told["HttpPort"] == 18042
    assert told["DicomAet"] == "PACS1"
    assert told["RegisteredUsers"] == {"isocenter": "very-secret"}
    assert told["StorageDirectory"] == str(settings.DATA_DIR / "orthanc")


@pytest.mark.django_db
def test_registered_active_devices_are_known(django_user_model: object) -> None:
    site = Site.objects.create(code="N", name="North")
    Node.objects.create(site=site, name="CT room", ae_title="CT_N", host="10.0.0.7", port=104)
    Node.objects.create(site=site, name="Old", ae_title="OLD", host="10.0.0.8", port=104, active=False)
    Node.objects.create(site=site, name="PACS", ae_title="PACS", host="10.0.0.9", port=104, kind="archive")
    assert set(printed(devices_in_file=True)["DicomModalities"]) == {"CT_N"}  # type: ignore[call-overload]
    assert printed()["DicomModalities"] == {}
    assert printed(known_senders=True)["DicomAlwaysAllowStore"] is False


@pytest.mark.django_db
def test_a_file_is_written_for_its_owner_only_and_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "orthanc.json"
    for _ in range(2):
        call_command("orthanc_config", output=target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert json.loads(target.read_text())["HttpPort"] == 18042
    assert [path.name for path in target.parent.iterdir()] == ["orthanc.json"]


@pytest.mark.django_db
def test_without_a_password_nothing_is_written(settings: Settings, tmp_path: Path) -> None:
    settings.ORTHANC_PASSWORD = ""
    with pytest.raises(CommandError, match="ORTHANC_PASSWORD"):
        call_command("orthanc_config", output=tmp_path / "orthanc.json")
    assert list(tmp_path.iterdir()) == []

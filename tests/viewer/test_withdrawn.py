"""A withdrawn report's document stays in the archive, and the proxy shows it to nobody any more."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from reporting.actions import publish_version
from reporting.actions.amend import withdraw_report
from reporting.actions.sign import Proof
from reporting.models import ReportVersion
from reporting.signing import dev_certificate
from ris.core.actors import SystemActor
from ris.dicom.archive import get_archive
from tests.exam import draft, performed, sign
from tests.viewer.hospital import Browser, Hospital
from viewer import grants, passes
from worklist.models import ReadingTask, Study

DELIVERY = SystemActor("delivery")


@pytest.fixture
def archived(hospital: Hospital, tmp_path: Path, settings: Settings) -> ReportVersion:
    """Study A with a signed report in the archive."""
    dev_certificate.create(tmp_path / "key.p12", "test-only", "Isocenter test seal", at=timezone.now())
    settings.SIGNING_P12_FILE, settings.SIGNING_P12_PASSWORD = tmp_path / "key.p12", "test-only"
    requested = Study.objects.get(study_instance_uid=hospital.a.study).links.get().requested_procedure
    performed(hospital.world, requested)
    task = ReadingTask.objects.get(requested_procedures=requested)
    version = sign(draft(hospital.world, task=task), hospital.world.radiologist)
    publish_version(version, by=DELIVERY)
    return version


def test_a_withdrawn_document_is_neither_listed_nor_given(
    hospital: Hospital, rita: Browser, archived: ReportVersion
) -> None:
    place = archived.publication
    document = f"{hospital.a.path}/series/{place.series_instance_uid}/instances/{place.sop_instance_uid}/rendered"
    lists = [f"{hospital.a.path}/{name}" for name in ("metadata", "series", "instances")]
    assert hospital.ask(document, rita).status == 200
    assert all(place.series_instance_uid in hospital.ask(one, rita).body.decode() for one in lists)
    proof = Proof(timezone.now())
    note = withdraw_report(archived.report, reason="Another patient", proof=proof, by=hospital.world.radiologist)
    _forget_grants(rita)
    for note_is_there in (False, True):
        assert hospital.ask(document, rita).status == 404
        for one in lists:
            answer = hospital.ask(one, rita)
            assert (answer.status, hospital.a.series in answer.body.decode()) == (200, True)
            assert place.series_instance_uid not in answer.body.decode(), (one, note_is_there)
        publish_version(note, by=DELIVERY)
    assert get_archive().locate(place.sop_instance_uid) is not None, "the archive keeps what it was given"


def _forget_grants(session: Browser) -> None:
    """As after the seconds for which they are remembered."""
    key = session.cookie.split("sessionid=")[1].split(";")[0]
    grants.forget(key)
    passes.revoke(key)

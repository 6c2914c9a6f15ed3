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
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.dicom.archive import get_archive
from ris.notifications.models import Message
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
    ward, resident = hospital.sign_in("resident"), hospital.world.resident
    assert [hospital.ask(document, ward).status for _ in range(3)] == [200] * 3
    assert read_by(resident) == [(str(archived.report_id), archived.number)], "once a session"
    whole, later = document.removesuffix("/rendered"), hospital.sign_in("resident")
    assert [hospital.ask(one, later).status for one in (hospital.a.first, whole)] == [200] * 2
    assert len(read_by(resident)) == 2, "the document as a whole too, and no image"
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
    told = Message.objects.shown_to(resident).values_list("subject", flat=True)
    assert list(told) == ["A report that you have read was withdrawn"], "who read it in the viewer is told"
    assert get_archive().locate(place.sop_instance_uid) is not None, "the archive keeps what it was given"


def read_by(user: User) -> list[tuple[str, int]]:
    """Documents of reports that left the archive for this person."""
    rows = AuditEvent.objects.filter(actor_id=str(user.pk), action="report.viewed", detail__out_of_the_archive=True)
    return [(row.target_id, row.detail["version"]) for row in rows.order_by("pk")]


def _forget_grants(session: Browser) -> None:
    """As after the seconds for which they are remembered."""
    key = session.cookie.split("sessionid=")[1].split(";")[0]
    grants.forget(key)
    passes.revoke(key)

"""/api/v1/outside-deliveries/ and /api/v1/exports/: discs of other houses come in, and studies go out."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from ris.audit.models import AuditEvent
from ris.events.models import Event
from tests import exam
from tests.api.desk import Desk
from tests.ris.dicom.objects import file_of
from tests.worklist.outside.discs import images
from tests.world import World
from worklist.outside import looking
from worklist.outside.folder import export_path
from worklist.outside.rows import OutsideFile, OutsideImport, StudyExport

pytestmark = pytest.mark.db
DISCS, EXPORTS = "/api/v1/outside-deliveries/", "/api/v1/exports/"


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def send(client: APIClient, disc: int, body: bytes, offset: int = 0) -> Any:
    address = f"{DISCS}{disc}/files/?name=IMAGES/IM1&offset={offset}"
    return client.post(address, data=body, content_type="application/octet-stream")


def looked_at(client: APIClient) -> dict[str, Any]:
    """A disc with one image, sent in two pieces and looked at."""
    disc = client.post(DISCS, {"site": "north", "source": "St. Elsewhere"}, format="json").json()["id"]
    body = file_of(images(1)[0])
    assert [send(client, disc, body[:900]).status_code, send(client, disc, body[900:], 900).status_code] == [200, 200]
    assert client.post(f"{DISCS}{disc}/close/").json()["state"] == "looking"
    looking.look(Event.objects.get(kind="outside.closed"))
    found: dict[str, Any] = client.get(f"{DISCS}{disc}/").json()
    return found


def test_a_disc_is_sent_in_pieces_looked_at_compared_and_given(world: World, clerk: APIClient) -> None:
    patient = world.patient("Møller", "Åse")
    found = looked_at(clerk)
    (study,) = found["studies"]
    assert (found["state"], study["person_name"], study["objects"]) == ("ready", "Åse Møller", 1)
    disc, uid = found["id"], study["study_instance_uid"]
    rows = clerk.get(f"{DISCS}{disc}/compare/", {"patient": patient.pk}).json()
    differing = [row["name"] for row in rows if row["differs"]]
    body = {"patient": patient.pk, "studies": [uid]}
    if differing:
        unseen = clerk.post(f"{DISCS}{disc}/give/", body, format="json")
        assert (unseen.status_code, sorted(unseen.json()["fields"])) == (422, sorted(differing))
    given = clerk.post(f"{DISCS}{disc}/give/", {**body, "accepted": differing}, format="json").json()
    assert (given["state"], given["patient"]) == ("importing", patient.pk)
    assert AuditEvent.objects.filter(action="study.imported", study_uid=uid).count() == 1


def test_studies_and_files_of_another_disc_are_not_given(world: World, clerk: APIClient) -> None:
    row, other = Desk(world).looked_at(), Desk(world).looked_at()
    strange = {"file": other.files.get(kind="pdf").pk, "study_instance_uid": "2.25.99001"}
    body = {"patient": world.patient().pk, "studies": ["2.25.5"], "reports": [strange]}
    refused = clerk.post(f"{DISCS}{row.pk}/give/", body, format="json")
    assert (refused.status_code, sorted(refused.json()["fields"])) == (422, ["reports", "studies"])
    row.refresh_from_db()
    assert (row.state, row.patient) == ("ready", None)


def test_a_piece_that_leaves_a_gap_and_one_for_a_closed_disc_are_refused(world: World, clerk: APIClient) -> None:
    disc = clerk.post(DISCS, {"site": "north"}, format="json").json()["id"]
    assert send(clerk, disc, b"late", 900).status_code == 409
    empty = clerk.post(f"{DISCS}{disc}/close/")
    assert (empty.status_code, "no file" in empty.json()["message"]) == (422, True)
    form = clerk.post(f"{DISCS}{disc}/files/?name=A", {"a": 1}, format="json")
    assert form.status_code == 415
    send(clerk, disc, b"DICM")
    assert OutsideFile.objects.get(delivery=disc).size == 4
    clerk.post(f"{DISCS}{disc}/discard/")
    assert send(clerk, disc, b"more", 4).status_code == 409
    assert OutsideImport.objects.get(pk=disc).state == "discarded"


def test_discs_are_for_those_who_bring_studies_at_the_site(
    world: World, referrer: APIClient, outsider: APIClient
) -> None:
    row = Desk(world).looked_at()
    assert referrer.get(DISCS).status_code == 403
    assert outsider.get(f"{DISCS}{row.pk}/").status_code == 404
    assert outsider.post(f"{DISCS}{row.pk}/discard/").status_code == 404
    assert outsider.post(DISCS, {"site": "north"}, format="json").status_code == 400


def test_a_study_is_asked_for_and_fetched_as_a_zip_by_who_asked(
    world: World, clerk: APIClient, technologist: APIClient
) -> None:
    study = exam.noted(world.requested())
    asked = clerk.post(EXPORTS, {"study": study.pk, "recipient": "The patient"}, format="json")
    assert (asked.status_code, asked.json()["state"], asked.json()["with_reports"]) == (201, "waiting", True)
    row = StudyExport.objects.get(pk=asked.json()["id"])
    assert clerk.get(f"{EXPORTS}{row.pk}/file/").status_code == 404
    export_path(row).write_bytes(b"PK a disc")
    StudyExport.objects.filter(pk=row.pk).update(state="made", size=9)
    fetched: Any = clerk.get(f"{EXPORTS}{row.pk}/file/")
    assert (BytesIO(b"".join(fetched.streaming_content)).read(), fetched["Content-Type"]) == (
        b"PK a disc", "application/zip",
    )  # fmt: skip
    assert AuditEvent.objects.get(action="export.handed-out").detail["recipient"] == "The patient"
    assert technologist.get(f"{EXPORTS}{row.pk}/file/").status_code == 404


def test_no_study_leaves_without_the_right_or_a_recipient(
    world: World, clerk: APIClient, referrer: APIClient, outsider: APIClient
) -> None:
    body = {"study": exam.noted(world.requested()).pk, "recipient": "Dr. Ward"}
    assert referrer.post(EXPORTS, body, format="json").status_code == 403
    assert outsider.post(EXPORTS, body, format="json").status_code == 400
    nobody = clerk.post(EXPORTS, {**body, "recipient": " "}, format="json")
    assert (nobody.status_code, list(nobody.json()["fields"])) == (400, ["recipient"])
    assert not StudyExport.objects.exists()

"""/api/v1/papers/: the paper request of an order, kept, fetched and withdrawn by a program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from ris.audit.models import AuditEvent
from ris.orders import files
from ris.orders.models import Attachment
from tests.api.desk import PDF
from tests.world import World

pytestmark = pytest.mark.db
PAPERS = "/api/v1/papers/"


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def sent(client: APIClient, order: int, body: bytes = PDF) -> Any:
    paper = SimpleUploadedFile("request.pdf", body)
    return client.post(PAPERS, {"order": order, "file": paper}, format="multipart")


def test_a_paper_is_kept_listed_fetched_as_it_came_and_withdrawn(world: World, clerk: APIClient) -> None:
    order = world.order()
    made = sent(clerk, order.pk)
    assert (made.status_code, made.json()["content_type"], made.json()["size"]) == (201, files.PDF, len(PDF))
    (listed,) = clerk.get(PAPERS, {"order": order.pk}).json()["results"]
    assert listed == made.json()
    fetched = clerk.get(f"{PAPERS}{listed['id']}/file/")
    assert (fetched.content, fetched["Content-Type"]) == (PDF, files.PDF)
    assert AuditEvent.objects.filter(action="order.paper-opened", detail__paper=listed["id"]).count() == 1
    gone = clerk.post(f"{PAPERS}{listed['id']}/withdraw/", {"reason": "Another person's"}, format="json")
    assert (gone.status_code, gone.json()["withdraw_reason"]) == (200, "Another person's")
    again = clerk.post(f"{PAPERS}{listed['id']}/withdraw/", {"reason": "Twice"}, format="json")
    assert (again.status_code, again.json()["error"]) == (409, "illegal-move")


def test_what_is_no_sound_pdf_or_jpeg_or_too_large_is_refused(
    world: World, clerk: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.order()
    program = sent(clerk, order.pk, b"MZ a program")
    assert (program.status_code, "PDF or a JPEG" in program.json()["fields"]["file"]) == (422, True)
    monkeypatch.setattr(files, "LARGEST", 4)
    large = sent(clerk, order.pk)
    assert (large.status_code, "20 MB" in large.json()["message"]) == (422, True)
    nothing = clerk.post(PAPERS, {"order": order.pk}, format="json")
    assert (nothing.status_code, list(nothing.json()["fields"])) == (400, ["file"])
    assert not Attachment.objects.exists()


def test_papers_are_kept_by_the_staff_and_seen_at_the_site_only(
    world: World, referrer: APIClient, outsider: APIClient, clerk: APIClient
) -> None:
    order = world.order()
    assert sent(referrer, order.pk).status_code == 403
    assert sent(outsider, order.pk).status_code == 400
    paper = sent(clerk, order.pk).json()["id"]
    assert outsider.get(f"{PAPERS}{paper}/file/").status_code == 404
    assert Attachment.objects.count() == 1

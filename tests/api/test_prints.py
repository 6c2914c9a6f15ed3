"""Papers for a printer: slips, labels, wristbands and reports, on record, and marked when they are copies."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from rest_framework.test import APIClient

from ris.audit.models import AuditEvent
from ris.printing.models import Print
from tests import exam
from tests.world import World

pytestmark = pytest.mark.db
PRINTS = "/api/v1/prints/"


def pages(answer: Any) -> list[str]:
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return [page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages]


def test_a_slip_is_drawn_and_the_second_one_says_copy(world: World, clerk: APIClient) -> None:
    body = {"kind": "slip", "appointments": [world.booking().pk]}
    (first,) = pages(clerk.post(f"{PRINTS}appointments/", body, format="json"))
    (second,) = pages(clerk.post(f"{PRINTS}appointments/", body, format="json"))
    assert ("COPY" in first, "COPY 1" in second) == (False, True)
    listed = clerk.get(PRINTS, {"order": Print.objects.all()[0].order_id}).json()["results"]
    assert [(row["kind"], row["copy"]) for row in listed] == [("slip", 1), ("slip", 0)]
    assert AuditEvent.objects.filter(action="paper.printed").count() == 2


def test_labels_of_several_people_are_one_file_and_a_wristband_needs_no_booking(world: World, clerk: APIClient) -> None:
    later = world.soon() + timedelta(hours=2)
    first, second = world.booking(), world.booking(world.order(world.patient("Berg")), start=later)
    body = {"kind": "label", "appointments": [second.pk, first.pk], "labels": "roll"}
    assert len(pages(clerk.post(f"{PRINTS}appointments/", body, format="json"))) == 2
    order = world.order(world.patient("Aalto"))
    (band,) = pages(clerk.post(f"{PRINTS}order/", {"kind": "wristband", "order": order.pk}, format="json"))
    assert "Aalto" in band.title()


def test_who_prints_no_papers_prints_none_here(world: World, radiologist: APIClient, outsider: APIClient) -> None:
    body = {"kind": "slip", "appointments": [world.booking().pk]}
    assert radiologist.post(f"{PRINTS}appointments/", body, format="json").status_code == 403
    hidden = outsider.post(f"{PRINTS}appointments/", body, format="json")
    assert (hidden.status_code, list(hidden.json()["fields"])) == (400, ["appointments"])
    assert not Print.objects.exists()


def test_reports_come_in_the_order_asked_for_and_the_second_print_is_marked(
    world: World, referrer: APIClient, clerk: APIClient, signing_key: None
) -> None:
    first, second = (_signed(world, name) for name in ("Aalto", "Berg"))
    one = pages(referrer.post("/api/v1/reports/print/", {"reports": [second]}, format="json"))
    both = pages(referrer.post("/api/v1/reports/print/", {"reports": [first, second]}, format="json"))
    assert ["COPY" in text for text in (*one, *both)] == [False, False, True]
    assert ["Aalto" in text for text in both] == [True, False]
    assert AuditEvent.objects.filter(action="report.put-on-paper").count() == 3
    assert clerk.post("/api/v1/reports/print/", {"reports": [first]}, format="json").status_code == 403
    draft = exam.draft(world).pk
    refused = referrer.post("/api/v1/reports/print/", {"reports": [draft]}, format="json")
    assert refused.status_code == 400


def _signed(world: World, family: str) -> int:
    requested = world.requested(world.order(world.patient(family)))
    return exam.sign(exam.draft(world, task=exam.case(world, requested)), world.radiologist).report_id

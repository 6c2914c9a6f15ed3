"""A page that one person opened writes nothing in the name of another who has signed in since."""

from __future__ import annotations

import pytest
from django.test import AsyncClient, Client

from reporting.actions import open_report
from reporting.models import Report
from ris.audit.models import AuditEvent
from tests.exam import case, draft, sign
from tests.world import PASSWORD, World
from worklist.actions.reading import claim


@pytest.fixture
def report(world: World) -> Report:
    """Of the radiologist's case: by the rules of reporting alone, the radiologist may save it."""
    return open_report(claim(case(world), by=world.radiologist), by=world.radiologist)


def saved(client: Client, report: Report, words: str, **headers: str) -> tuple[int, str]:
    revision = Report.objects.get(pk=report.pk).revision
    said = {"revision": revision, "section-findings": words}
    answer = client.post(f"/reports/{report.pk}/save/", said, headers={"accept": "application/json", **headers})
    return answer.status_code, answer.json().get("error", "")


def text(report: Report) -> str:
    return str(Report.objects.get(pk=report.pk).content["sections"]["findings"])


def refusals() -> int:
    return AuditEvent.objects.filter(action="security.refused", detail__reason="another-user").count()


def test_a_save_says_who_opened_the_page_and_is_refused_for_anybody_else(
    world: World, client: Client, report: Report
) -> None:
    client.force_login(world.radiologist)
    opener = str(world.resident.pk)
    assert saved(client, report, "The resident's words", **{"x-opened-by": opener}) == (409, "another-user")
    assert (text(report), refusals()) == ("", 1)
    assert saved(client, report, "Tried again", **{"x-opened-by": opener, "x-poll": "1"}) == (409, "another-user")
    assert refusals() == 1, "what a page tries again by itself is written down once"
    row = AuditEvent.objects.filter(action="security.refused").latest("pk")
    assert (row.actor_id, row.detail["view"]) == (str(world.radiologist.pk), "reporting:save")
    assert saved(client, report, "My own", **{"x-opened-by": str(world.radiologist.pk)}) == (200, "")
    assert saved(client, report, "A script's") == (200, "")
    assert text(report) == "A script's"


def test_reading_is_asked_nothing(world: World, client: Client, report: Report) -> None:
    client.force_login(world.radiologist)
    assert client.get(f"/reports/{report.pk}/", headers={"x-opened-by": "0"}).status_code == 200


@pytest.mark.usefixtures("signing_key")
def test_nothing_is_signed_or_withdrawn_from_anothers_page_either(world: World, client: Client) -> None:
    version = sign(draft(world), world.radiologist)
    client.force_login(world.radiologist)
    said = {"reason": "Other patient", "password": PASSWORD, "opened_by": str(world.resident.pk)}
    answer = client.post(f"/reports/{version.report_id}/withdraw/", said)
    assert answer.status_code == 409
    assert "somebody else opened this page" in answer.content.decode()
    assert Report.objects.get(pk=version.report_id).state == "final"


@pytest.mark.django_db(transaction=True)
@pytest.mark.asyncio
async def test_the_same_holds_where_a_request_is_answered_asynchronously(live_world: World) -> None:
    client = AsyncClient()
    await client.aforce_login(live_world.clerk)
    for opener, status in (("0", 409), (str(live_world.clerk.pk), 204)):
        headers = {"x-opened-by": opener, "accept": "application/json"}
        assert (await client.post("/home/alive/", headers=headers)).status_code == status

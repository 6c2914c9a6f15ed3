"""Report templates over the API: what is published, with its fields, and as a file."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from reporting.models import ReportTemplate
from reporting.templates.mrrt import read
from tests.world import World

pytestmark = pytest.mark.django_db
LIST = "/api/v1/report-templates/"


@pytest.fixture
def client(world: World) -> APIClient:
    client = APIClient()
    client.force_login(world.radiologist)
    return client


def test_the_list_has_what_is_published_and_nothing_else(client: APIClient) -> None:
    ReportTemplate.objects.filter(key="ct-head").update(state="retired")
    rows = client.get(LIST, {"modality": "CT"}).json()["results"]
    assert {row["key"] for row in rows} == {"ct-chest", "ct-abdomen", "ct-recist", "ct-lung-screening"}
    assert client.get(LIST, {"key": "ct-head"}).json()["results"] == []


def test_one_comes_with_its_sections_and_fields(client: APIClient) -> None:
    row = ReportTemplate.objects.get(key="us-thyroid")
    said = client.get(f"{LIST}{row.pk}/").json()
    assert said["sections"] == row.sections
    assert said["fields"] == row.fields


def test_the_file_is_the_template(client: APIClient) -> None:
    row = ReportTemplate.objects.get(key="mr-prostate")
    answer = client.get(f"{LIST}{row.pk}/mrrt/", headers={"accept": "text/html"})
    assert answer["Content-Disposition"] == 'attachment; filename="mr-prostate-v1.html"'
    assert read(answer.content.decode()).template["key"] == "mr-prostate"


def test_a_clerk_has_no_use_for_them(client: APIClient, world: World) -> None:
    client.force_login(world.clerk)
    assert client.get(LIST).status_code == 403

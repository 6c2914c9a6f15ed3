"""The admin's pages of report templates: editor, preview, import, export, mapping on a real SR."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reporting.actions.templates import TemplateData, begin_template
from reporting.models import ReportTemplate, SampleReading
from reporting.templates.mrrt import write
from ris.dicom import sandbox
from tests.exam import case, stored
from tests.reporting.sr.builders import length, ohif_sr
from tests.world import World

pytestmark = pytest.mark.django_db
PAGES = "/admin/reporting/reporttemplate/"


@pytest.fixture
def admin(world: World, client: Client) -> Client:
    client.force_login(world.admin)
    return client


@pytest.fixture
def draft(world: World) -> ReportTemplate:
    return begin_template(TemplateData.of(ReportTemplate.objects.get(key="ct-chest")), by=world.admin)


def body_of(template: ReportTemplate, **changes: Any) -> dict[str, Any]:
    return TemplateData.of(template).columns() | changes


def test_the_list_and_every_page_open(admin: Client, draft: ReportTemplate) -> None:
    published = ReportTemplate.objects.published().first()
    assert published is not None
    for page in ("", "add/", "import/", f"{draft.pk}/change/", f"{draft.pk}/mapping/", f"{published.pk}/change/"):
        assert admin.get(PAGES + page).status_code == 200, page


def test_saving_changes_the_draft_and_says_so(admin: Client, draft: ReportTemplate) -> None:
    body = json.dumps(body_of(draft, title="CT thorax"))
    page = admin.post(f"{PAGES}{draft.pk}/change/", {"body": body, "revision": "0"}, follow=True).content.decode()
    assert ReportTemplate.objects.get(pk=draft.pk).title == "CT thorax"
    assert "Saved as a draft" in page


def test_mistakes_come_back_with_what_was_written(admin: Client, draft: ReportTemplate) -> None:
    body = json.dumps(body_of(draft, title="", fields=[{"key": "x", "label": "Mine", "section": "nowhere"}]))
    answer = admin.post(f"{PAGES}{draft.pk}/change/", {"body": body, "revision": "0"})
    editor = answer.context["editor"]
    assert (answer.status_code, editor["faults"]["fields.0.section"]) == (422, "There is no such section.")
    assert editor["body"]["fields"][0]["label"] == "Mine"
    assert ReportTemplate.objects.get(pk=draft.pk).revision == 0


@pytest.mark.parametrize("body", ["", "[]", "{", '{"title": 5}', '{"sections": 3, "fields": {}}', "[" * 5000])
def test_what_no_editor_sends_is_refused(body: str, admin: Client, draft: ReportTemplate) -> None:
    assert admin.post(f"{PAGES}{draft.pk}/change/", {"body": body, "revision": "0"}).status_code == 422
    assert ReportTemplate.objects.get(pk=draft.pk).revision == 0


def test_the_preview_draws_fields_and_runs_nothing(admin: Client, draft: ReportTemplate) -> None:
    field = {"key": "x", "label": "<script>steal()</script>", "section": "findings", "type": "text", "default": "a"}
    said = admin.post(f"{PAGES}preview/", {"body": json.dumps(body_of(draft, fields=[field]))}).json()
    assert said["faults"] == {}
    assert "&lt;script&gt;" in said["html"]
    assert "<script" not in said["html"]


def test_publishing_and_the_next_version(admin: Client, draft: ReportTemplate) -> None:
    admin.post(f"{PAGES}{draft.pk}/publish/")
    assert ReportTemplate.objects.published().get(key="ct-chest").pk == draft.pk
    admin.post(f"{PAGES}{draft.pk}/next/")
    assert ReportTemplate.objects.filter(key="ct-chest", state="draft", version=3).exists()
    admin.post(f"{PAGES}{draft.pk}/retire/")
    assert not ReportTemplate.objects.published().filter(key="ct-chest").exists()


def uploaded(text: str | bytes, name: str = "template.html") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def test_a_file_comes_in_as_a_draft_and_goes_out_again(admin: Client, draft: ReportTemplate) -> None:
    file = write(body_of(draft, key="mine", title="Mine"))
    admin.post(f"{PAGES}import/", {"file": uploaded(file)})
    row = ReportTemplate.objects.get(key="mine")
    assert row.state == "draft"
    answer = admin.get(f"{PAGES}{row.pk}/export/")
    assert answer.content.decode() == file
    assert answer["Content-Disposition"].startswith("attachment")


ODD = "<title>T</title><section data-section-name=F>{}</section>"


def test_a_file_that_takes_too_long_costs_a_child_and_not_the_page(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ris.dicom.sandbox.call", functools.partial(sandbox.call, deadline=0.01))
    before = ReportTemplate.objects.count()
    answer = admin.post(f"{PAGES}import/", {"file": uploaded(ODD.format("<p>x</p>" * 19_000))})
    assert (answer.status_code, ReportTemplate.objects.count()) == (422, before)
    assert "It took too long to read." in answer.content.decode()


@pytest.mark.parametrize(("file", "said"), [
    ("<html></html>", "no &lt;section&gt;"), (b"\xff\xfe\x00", "not UTF-8"), ("x" * 1_000_001, "larger than"),
    (ODD.format("<![x["), "that HTML does not have"),
    (ODD.format("<input type=number id=x data-field-units='\x00'>"), "cannot be stored"),
    (ODD.format('<meta name="dcterms.rights" content="\x00">'), "about: There is a character"),
])  # fmt: skip
def test_a_file_that_is_no_template_is_refused_in_words(file: str | bytes, said: str, admin: Client) -> None:
    answer = admin.post(f"{PAGES}import/", {"file": uploaded(file)})
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_device_s_object_is_read_shown_and_tried(admin: Client, draft: ReportTemplate) -> None:
    sr = ohif_sr(length(33.6, [10, 20, 16, 25]))
    answer = admin.post(f"{PAGES}samples/add/", {"template": draft.pk, "file": uploaded(sr, "sr.dcm")})
    sample = SampleReading.objects.get()
    assert answer.headers["Location"] == f"{PAGES}{draft.pk}/mapping/?of=sample-{sample.pk}"
    page = admin.get(answer.headers["Location"])
    assert [(one["name"], one["value"]) for one in page.context["measurements"]] == [("Length", "33.6 mm")]
    tried = try_out(admin, draft, f"sample-{sample.pk}", body_of(draft))
    assert tried["lesion-length"] == {"fills": True, "words": "33.6 mm, if its images confirm it"}
    assert tried["aorta"]["fills"] is False


def try_out(admin: Client, draft: ReportTemplate, of: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = admin.post(f"{PAGES}{draft.pk}/try/", {"body": json.dumps(body), "of": of})
    return dict(answer.json()["fields"])


def test_a_file_that_is_no_sr_is_refused_in_words(admin: Client, draft: ReportTemplate) -> None:
    page = admin.post(f"{PAGES}samples/add/", {"template": draft.pk, "file": uploaded(b"no dicom")}, follow=True)
    assert "The object could not be read" in page.content.decode()
    assert not SampleReading.objects.exists()


@pytest.mark.parametrize("of", ["", "sample-0", "object-999999", "sample-x", "9" * 40, "object-" + "9" * 40])
def test_an_object_that_is_not_there_is_no_object(of: str, admin: Client, draft: ReportTemplate) -> None:
    assert admin.get(f"{PAGES}{draft.pk}/mapping/", {"of": of}).context["measurements"] == []
    assert try_out(admin, draft, of, body_of(draft)) == {}


def test_archived_objects_are_offered(admin: Client, draft: ReportTemplate, world: World) -> None:
    stored(case(world), 31.0)
    page = admin.get(f"{PAGES}{draft.pk}/mapping/").content.decode()
    assert "In the archive" in page


@pytest.mark.parametrize("who", ["radiologist", "siteadmin", "clerk", "outsider"])
def test_these_pages_are_the_administrators(who: str, world: World, client: Client, draft: ReportTemplate) -> None:
    client.force_login(world.people[who])
    for page in ("", "add/", f"{draft.pk}/mapping/", f"{draft.pk}/export/"):
        assert client.get(PAGES + page).status_code == 302
    client.post(f"{PAGES}{draft.pk}/publish/")
    assert ReportTemplate.objects.get(pk=draft.pk).state == "draft"

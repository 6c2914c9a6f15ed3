"""A browser checks what is written in the language in which it is written."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from reporting.actions import save_draft
from reporting.autotext.forms import AutotextForm
from reporting.spelling import language_of_texts, spell
from tests.exam import draft
from tests.world import World

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
GERMAN = "Die Lunge ist frei, kein Erguss auf der rechten Seite und keine Rundherde."
FRENCH = "Il y a un nodule de 8 mm dans le lobe supérieur droit, on ne voit pas d'épanchement."


@pytest.mark.parametrize(
    ("texts", "asked", "language"),
    [
        ((GERMAN, ""), "en-GB,en;q=0.9", "de"),
        (("The lungs are clear, and there is no effusion on the left.",), "de", "en"),
        (("", ""), "de-AT,de;q=0.8,en;q=0.5", "de-at"),
        ((FRENCH,), "fr", "fr"),
        (("Nodule.",), "", ""),
        (("",), '"><script>', ""),
    ],
)
def test_the_text_tells_its_language_else_the_browser_does(texts: tuple[str, ...], asked: str, language: str) -> None:
    request = RequestFactory().get("/", headers={"Accept-Language": asked})
    assert language_of_texts(request, texts) == language


@pytest.mark.db
def test_the_editor_says_the_language_of_its_sections_and_not_of_the_page(world: World, client: Client) -> None:
    report = draft(world)
    save_draft(report, revision=report.revision, sections={"findings": GERMAN, "impression": ""}, by=world.radiologist)
    client.force_login(world.radiologist, backend=BACKEND)
    page = client.get(f"/reports/cases/{report.task_id}/panel/", headers={"Accept-Language": "en"}).content.decode()
    assert ' lang="de" dir="auto" spellcheck="true"' in page


@pytest.mark.db
def test_the_area_of_an_autotext_says_the_language_of_its_words(world: World) -> None:
    form = AutotextForm({"keyword": "lunge", "text": GERMAN, "section": ""})
    spell(RequestFactory().get("/"), form)
    assert 'lang="de"' in str(form["text"])
    assert "lang=" not in str(form["keyword"])

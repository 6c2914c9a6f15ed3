"""A disc dropped into a real browser becomes an earlier exam; a study leaves as a ZIP: keyboard, both themes, axe."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings

from ris.events.models import Event
from tests.exam import case
from tests.services.orthanc import Server
from tests.worklist.exam.test_in_the_browser import browser, faults, look_at, page, sign_in  # noqa: F401  fixtures
from tests.worklist.rehoming.studies import noted_from
from tests.world import World
from worklist.models import Study
from worklist.outside import exporting, looking
from worklist.outside.rows import OutsideImport, OutsideStudy
from worklist.rehoming.rows import Rehoming

from .discs import disc, images, stored, zipped

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_uids")]


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def test_a_disc_is_dropped_compared_and_stored(
    page: Page,  # noqa: F811
    live_world: World,
    orthanc: Server,
    faults: list[str],  # noqa: F811
    tmp_path: Path,
) -> None:
    patient = case(live_world).patient
    place = tmp_path / "disc.zip"
    place.write_bytes(zipped(disc(tmp_path, *images(3, PatientBirthDate="19610518"))))
    sign_in(page, live_world.clerk)
    page.goto("/worklist/studies/outside/")
    expect(page.get_by_role("heading", name="Nothing was brought yet")).to_be_visible()
    look_at(page, "outside-empty")
    page.get_by_label("Where were they made?").fill("St. Elsewhere")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Drop the disc")).to_be_visible()
    page.locator("#pick-files").set_input_files(place)
    expect(page.get_by_text("1 file here.")).to_be_visible()
    look_at(page, "outside-dropped")
    page.keyboard.press("Enter")  # the button has the focus now
    expect(page.get_by_text("Being looked at")).to_be_visible()
    looking.look(Event.objects.get(kind="outside.closed"))
    page.get_by_role("link", name="Say whose they are").press("Enter")
    expect(page.get_by_text("No DICOM, left out (2)")).to_be_visible()
    look_at(page, "outside-looked-at")
    page.locator("[data-rows] .row-link").first.press("Enter")
    expect(page.get_by_text("differs").first).to_be_visible()
    page.get_by_role("button", name="Store under").press("Enter")
    expect(page.get_by_text("say that you have compared this").first).to_be_visible()
    look_at(page, "outside-refused")
    page.get_by_label("Date of birth: “1961-05-18” there").check()
    page.locator("select").last.select_option(index=1)
    page.get_by_role("button", name="Store under").press("Enter")
    expect(page.get_by_text("Being stored")).to_be_visible()
    row = stored(OutsideImport.objects.get())
    assert (row.state, row.patient) == ("done", patient)
    expect(page.get_by_text("4 objects in the archive, each read back")).to_be_visible()
    look_at(page, "outside-done")
    noted_from(orthanc, OutsideStudy.objects.get().study.study_instance_uid)
    page.get_by_role("link", name="To the patient").press("Enter")
    expect(page.get_by_text("St. Elsewhere")).to_be_visible()
    look_at(page, "outside-patient")
    assert [fault for fault in faults if "422" not in fault] == []


def dropped(shown: Page, *paths: Path) -> None:
    """As a hand drops them from the desktop: the browser itself walks through a folder."""
    box = shown.locator("[data-drop]").bounding_box()
    assert box is not None
    devtools = shown.context.new_cdp_session(shown)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": box["x"] + 20, "y": box["y"] + 20, "data": data})


def test_a_folder_is_dropped_with_all_that_lies_in_it(
    page: Page,  # noqa: F811
    live_world: World,
    faults: list[str],  # noqa: F811
    tmp_path: Path,
) -> None:
    sign_in(page, live_world.clerk)
    page.goto("/worklist/studies/outside/")
    page.get_by_label("Where were they made?").fill("St. Elsewhere")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Drop the disc")).to_be_visible()
    dropped(page, disc(tmp_path, *images(3)))
    expect(page.get_by_text("7 files here.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Being looked at")).to_be_visible()
    looking.look(Event.objects.get(kind="outside.closed"))
    page.get_by_role("link", name="Say whose they are").press("Enter")
    expect(page.get_by_text("No DICOM, left out (2)")).to_be_visible()
    expect(page.get_by_text("Møller").first).to_be_visible()
    assert faults == []


def test_a_study_is_handed_out_and_a_stuck_move_is_tried_again(
    page: Page,  # noqa: F811
    live_world: World,
    orthanc: Server,
    faults: list[str],  # noqa: F811
    tmp_path: Path,
) -> None:
    from tests.worklist.rehoming.studies import of_exam, send, whole_study

    requested = live_world.requested()
    send(orthanc, *whole_study(**of_exam(requested)))
    study = noted_from(orthanc, requested.study_instance_uid)
    sign_in(page, live_world.technologist)
    page.goto("/worklist/studies/exports/")
    look_at(page, "exports-empty")
    page.goto("/worklist/studies/")
    look_at(page, "studies")
    page.get_by_role("link", name="Hand out study").first.press("Enter")
    page.get_by_label("Who gets it?").fill("The patient")
    look_at(page, "export")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is being made.")).to_be_visible()
    exporting.make(Event.objects.get(kind="export.asked"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Save").click()
    download.value.save_as(tmp_path / "saved.zip")
    with zipfile.ZipFile(tmp_path / "saved.zip") as archive:
        assert {"DICOMDIR", "README.TXT"} <= set(archive.namelist())
    look_at(page, "exports")
    Rehoming.objects.create(
        study=Study.objects.get(pk=study.pk), site=live_world.north, kind="link", state="failed", reason="Asked",
        wanted={"patient_id": "NEW"}, was={"patient_id": "OLD"}, asked_at=timezone.now(), asked_by="Tina",
        problem="An object was changed at the archive meanwhile.", total=6, moved=2,
    )  # fmt: skip
    page.goto("/worklist/studies/moves/")
    look_at(page, "moves")
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.get_by_text("It is tried again.")).to_be_visible()
    assert faults == []

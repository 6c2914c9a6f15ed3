"""One exam, end to end, on the real parts (issue 2): Chromium, uvicorn, DICOM sockets, Orthanc, OHIF."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from ris.demo.modality.images.ct import CT_LESION
from ris.demo.seed import PASSWORD
from tests.e2e.browser import DRAWN, Person
from tests.e2e.system import System, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.journey]
SERIOUS = {"serious", "critical"}
SLICES = 120
BERLIN = ZoneInfo("Europe/Berlin")
STATIONS = {
    "patient.registered", "order.placed", "appointment.booked", "worklist.queried", "step.started", "step.completed",
    "study.linked", "reading.claimed", "study.opened", "object.stored", "object.read", "report.signed",
    "report.archived",
}  # fmt: skip


def findscu(system: System, ae_title: str) -> str:
    """dcmtk's worklist query, as a device with this AE title asks it."""
    keys = ["0040,0100[0].0040,0001=" + ae_title, "0040,0100[0].0040,0009", "PatientName", "AccessionNumber"]
    asked = [part for key in keys for part in ("-k", key)]
    command = ["/usr/bin/findscu", "-W", "-aet", ae_title, "-aec", "ISOCENTER", *asked]
    done = subprocess.run(
        [*command, "127.0.0.1", system.env["DICOM_SCP_PORT"]], capture_output=True, timeout=30, check=False
    )
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def is_accessible(page: Page) -> None:
    """axe finds nothing serious."""
    found = Axe().run(page).response["violations"]
    serious = [f"{v['id']}: {v['nodes'][0]['target']}" for v in found if v["impact"] in SERIOUS]
    assert serious == [], f"{page.url}: {serious}"


def far_hour() -> str:
    """An hour of this day that is half a day from now: the demo has its own exams around now, at night too."""
    return "23" if timezone.localtime(timezone=BERLIN).hour < 12 else "01"


def book_a_chest_ct(clerk: Person, hour: str) -> str:
    """Register, order, book; returns the accession number."""
    page = clerk.page
    page.goto("/patients/?q=Journey")
    is_accessible(page)
    page.click("text=Register a patient")
    page.fill("#id_family_name", "Journéy")
    page.fill("#id_given_name", "Zoë")
    page.fill("#id_birth_date", "16/4/76")
    page.select_option("#id_sex", "F")
    is_accessible(page)
    page.click("main button:has-text('Register')")
    expect(page.get_by_text("Place an order").first).to_be_visible()
    is_accessible(page)
    page.click("text=Place an order")
    page.check("text=CT chest")
    page.select_option("#id_priority", "STAT")
    is_accessible(page)
    page.click("button:has-text('Place the order')")
    accession = page.inner_text("section[aria-label='Procedures'] tbody td:nth-child(2)")
    assert re.fullmatch(r"N\d{9}", accession)
    is_accessible(page)
    page.click("text=Book a room")
    page.fill("#id_time", f"{hour}:10")
    is_accessible(page)
    page.click("main button:has-text('Book')")
    assert "Journéy, Zoë" in page.inner_text("#board")
    is_accessible(page)
    return accession


def collide(clerk: Person, hour: str) -> None:
    """The same slot again: refused in words, and nothing typed is lost."""
    page = clerk.page
    page.goto("/schedule/")
    page.locator(".board__waiting").get_by_text("Book", exact=True).first.click()
    page.fill("#id_time", f"{hour}:15")
    page.click("main button:has-text('Book')")
    expect(page.locator("main form[method=post]")).to_contain_text("is taken")
    assert page.input_value("#id_time").startswith(f"{hour}:15")


def test_one_exam_travels_from_the_order_to_the_archived_report(
    system: System, browser: Browser, tmp_path: Path
) -> None:
    clerk = Person(browser, system.address, "clerk")
    hour = far_hour()
    accession = book_a_chest_ct(clerk, hour)
    collide(clerk, hour)

    mine, other = findscu(system, "CT1"), findscu(system, "CTSOUTH")
    assert accession in mine
    assert "(0008,0050)" not in other

    radiologist = Person(browser, system.address, "radiologist")
    page = radiologist.page
    page.goto("/worklist/reading/")
    is_accessible(page)
    assert accession not in page.inner_text("main")

    scanner = ("--aet", "CT1", "--accession", accession, "--once")
    system.manage("simulate_modality", *scanner)
    assert accession not in findscu(system, "CT1")
    page.wait_for_selector(f"text={accession}", timeout=60_000)  # no reload: the list polls

    page.locator("tr", has_text=accession).get_by_role("button", name="Read").click()
    frame = radiologist.viewer()
    assert "Journéy, Zoë" in page.inner_text(".patient-banner, .room-banner")
    frame.wait_for_function(DRAWN, timeout=60_000)  # an image has many shades of grey
    assert radiologist.addresses == {system.address.removeprefix("http://")}, "the browser knows one address only"

    radiologist.measure(frame, CT_LESION, SLICES)
    page.click("#save-measurements")
    page.wait_for_selector(".measured__value", timeout=60_000)
    field = page.locator(".measured__value").first
    value, unit = float(field.get_attribute("data-value") or 0), field.get_attribute("data-unit")
    assert unit == "mm"
    assert value == pytest.approx(CT_LESION.diameter_mm, rel=0.02)
    assert "Rita Radiologist" in page.inner_text("#numbers")

    page.fill("#section-findings", "A rounded mass, density ≥ soft tissue.")
    page.fill("#section-impression", "Solid mass.")
    is_accessible(page)
    page.keyboard.press("Control+Enter")
    page.fill("#sign-password", "not the password")
    page.click("#sign-now")
    page.wait_for_selector("text=The password is wrong")
    page.fill("#sign-password", PASSWORD)
    page.click("#sign-now")
    page.wait_for_selector("[data-archive-state]")
    expect(page.get_by_text("signed by Dr. Rita Radiologist")).to_be_in_viewport()
    signed = page.request.get(page.get_attribute("text=Signed PDF", "href") or "").body()
    page.wait_for_selector("[data-archive-state=archived]", timeout=60_000)

    report = tmp_path / "report.pdf"
    report.write_bytes(signed)
    check_pdf(report)
    check_archived_copy(system, accession, signed, tmp_path)
    check_pdf_in_viewer(radiologist)
    check_audit(system, accession)
    refused = [fault for fault in radiologist.faults if "/sign/" not in fault]
    assert [*clerk.faults, *refused] == [f for f in clerk.faults if "/book/" in f], "only the collision was refused"


def check_pdf(report: Path) -> None:
    """poppler, which shares nothing with our signer, says valid and whole; the text is all there."""
    said = subprocess.run(["pdfsig", str(report)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    text = subprocess.run(["pdftotext", "-layout", str(report), "-"], capture_output=True, text=True, check=True).stdout
    for expected in ("Journéy, Zoë", "≥ soft tissue", "Largest lesion, length", "mm", "Dr. Rita Radiologist"):
        assert expected in text


def check_archived_copy(system: System, accession: str, signed: bytes, place: Path) -> None:
    """Orthanc itself holds one Encapsulated PDF in the same study, with the identical bytes and no fault."""
    lookup = json.loads(system.orthanc("/studies") or b"[]")
    studies = [json.loads(system.orthanc(f"/studies/{one}") or b"{}") for one in lookup]
    (study,) = [one for one in studies if one["MainDicomTags"].get("AccessionNumber") == accession]
    series = [json.loads(system.orthanc(f"/series/{one}") or b"{}") for one in study["Series"]]
    (document,) = [one for one in series if one["MainDicomTags"]["Modality"] == "DOC"]
    (instance,) = document["Instances"]
    part10, extracted = place / "report.dcm", place / "extracted.pdf"
    part10.write_bytes(system.orthanc(f"/instances/{instance}/file") or b"")
    subprocess.run(["dcm2pdf", str(part10), str(extracted)], check=True, capture_output=True)
    assert extracted.read_bytes() == signed
    said = subprocess.run(["dciodvfy", "-new", str(part10)], capture_output=True, text=True, check=False)
    assert [line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error")] == []


def check_pdf_in_viewer(radiologist: Person) -> None:
    """OHIF lists the report in the study and shows its pages."""
    page = radiologist.page
    page.reload()
    frame = radiologist.viewer()
    row = frame.get_by_text("Radiology report").first
    row.wait_for(timeout=60_000)
    row.dblclick()
    frame.wait_for_selector("object[type='application/pdf'][data^='blob:']", state="attached", timeout=60_000)


def check_audit(system: System, accession: str) -> None:
    """Every station of the journey stands in the trail, with who; the chain verifies."""
    found = {action for action, who in system.rows("audit.AuditEvent", "action", "actor_display") if who}
    assert found >= STATIONS, STATIONS - found
    wait_for(lambda: system.manage("audit_verify", check=False).returncode == 0, "a sealed audit trail", 30)

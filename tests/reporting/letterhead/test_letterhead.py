"""A site's letterhead on its reports, and the code by which anybody may ask whether the paper is still the report."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from reporting.actions.amend import withdraw_report
from reporting.actions.letterhead import Head, set_letterhead
from reporting.actions.sign import Proof
from reporting.letterhead.record import SiteLetterhead
from reporting.models import Artifact, ReportVersion
from reporting.verifying.asking import verify_url
from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted
from tests.exam import draft, sign
from tests.reporting.amending.test_amending import added
from tests.reporting.tools import printed_text, run
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]
BLUE = (20, 90, 150)


def logo(kind: str = "PNG", size: tuple[int, int] = (400, 160)) -> bytes:
    target = BytesIO()
    Image.new("RGB", size, BLUE).save(target, kind, comment=b"secret")
    return target.getvalue()


def pdf_of(version: ReportVersion) -> bytes:
    return bytes(Artifact.objects.get(version=version, kind="pdf").body)


def is_blue(dot: Any) -> bool:
    """As near as drawing keeps a colour."""
    return max(abs(drawn - chosen) for drawn, chosen in zip(dot, BLUE, strict=True)) <= 2


def blue_dots(pdf: bytes, folder: Path) -> int:
    """How much of the first page has the logo's colour."""
    (folder / "seen.pdf").write_bytes(pdf)
    run("pdftoppm", "-r", "40", "-png", "-singlefile", folder / "seen.pdf", folder / "seen")
    with Image.open(folder / "seen.png") as page:
        return sum(1 for dot in page.convert("RGB").get_flattened_data() if is_blue(dot))


def test_phone_and_logo_stand_on_what_is_signed_from_now_on(world: World, tmp_path: Path) -> None:
    before = sign(draft(world), world.radiologist)
    set_letterhead(world.north, Head("+49 40 555 0100", logo()), by=world.admin)
    after = sign(draft(world), world.radiologist)
    assert "+49 40 555 0100" in printed_text(pdf_of(after), tmp_path)
    assert (blue_dots(pdf_of(before), tmp_path), blue_dots(pdf_of(after), tmp_path) > 400) == (0, True)
    assert after.content["site"]["logo_sha256"] == SiteLetterhead.objects.get().logo_sha256
    set_letterhead(world.north, Head("", b""), by=world.admin)
    assert blue_dots(pdf_of(sign(draft(world), world.radiologist)), tmp_path) == 0


def test_a_logo_is_drawn_anew_small_and_without_what_it_carried(world: World) -> None:
    kept = set_letterhead(world.north, Head("", logo("JPEG", (2400, 1200))), by=world.admin)
    assert kept.logo is not None
    with Image.open(BytesIO(bytes(kept.logo))) as found:
        assert (found.format, found.size) == ("PNG", (640, 320))
    assert b"secret" not in bytes(kept.logo)


@pytest.mark.parametrize("picture", [b"<svg onload='x()'/>", b"GIF89a" + b"0" * 30, logo()[:60], b"0" * 2_000_001])
def test_what_is_no_picture_is_refused_and_the_old_one_stays(world: World, picture: bytes) -> None:
    set_letterhead(world.north, Head("1", logo()), by=world.admin)
    with pytest.raises(InvalidInput) as refused:
        set_letterhead(world.north, Head("2", picture), by=world.admin)
    assert "file" in refused.value.fields
    assert (SiteLetterhead.objects.get().phone, bool(SiteLetterhead.objects.get().logo)) == ("1", True)


def test_it_is_for_the_administrators_of_the_site(world: World) -> None:
    for stranger in (world.radiologist, world.outsider):
        with pytest.raises(NotPermitted):
            set_letterhead(world.north, Head("1"), by=stranger)


def test_the_admin_says_what_is_wrong_beside_the_picture_and_keeps_a_good_one(world: World, client: Client) -> None:
    client.force_login(world.admin, "allauth.account.auth_backends.AuthenticationBackend")
    page = reverse("admin:reporting_siteletterhead_add")
    said = {"site": world.north.pk, "phone": "+49 40 555 0100"}
    wrong = client.post(page, said | {"file": SimpleUploadedFile("logo.png", b"<svg/>")})
    assert "neither a PNG nor a JPEG" in wrong.content.decode()
    assert not SiteLetterhead.objects.exists()
    assert client.post(page, said | {"file": SimpleUploadedFile("logo.png", logo())}).status_code == 302
    assert SiteLetterhead.objects.get().logo_sha256
    assert AuditEvent.objects.filter(action="report.letterhead-set").count() == 1


def asked(client: Client, version: ReportVersion) -> str:
    """The heading of the page behind the code on the paper."""
    address = verify_url(version.report_id, version.number, version.content_sha256)
    answer = client.get("/" + address.split("/", 3)[3])
    assert answer.status_code == 200
    body = answer.content.decode()
    patient = version.content["patient"]
    for secret in (patient["number"], patient["name"].split(",")[0], *version.accession_numbers):
        assert secret not in body, "nothing of the patient"
    found = re.search(r"<h1[^>]*>([^<]+)</h1>", body)
    assert found is not None
    return found[1]


def test_anybody_may_ask_whether_a_version_still_counts(world: World, client: Client) -> None:
    first = sign(draft(world), world.radiologist)
    assert asked(client, first) == "This version is current"
    second = added(first.report, "The cyst is benign.", world.radiologist)
    assert (asked(client, first), asked(client, second)) == ("A newer version exists", "This version is current")
    proof = Proof(timezone.now())
    withdraw_report(first.report, reason="Another patient", proof=proof, by=world.radiologist)
    assert {asked(client, first), asked(client, second)} == {"This report was withdrawn"}


def test_a_code_that_was_never_printed_is_nobody_s(world: World, client: Client) -> None:
    version = sign(draft(world), world.radiologist)
    good = f"{version.report_id}-{version.number}-{version.content_sha256[:24]}"
    for code in (
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        f"{version.report_id}-9-{'0' * 24}",
        "x",
        "1-1-" + "g" * 24,
    ):
        answer = client.get(reverse("reporting:verify", args=[code]))
        assert (answer.status_code, "Not one of ours" in answer.content.decode()) == (404, True)


def test_who_asks_too_often_has_to_wait(world: World, client: Client, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"verify_report": "2/m/ip"}
    cache.clear()
    answers = [client.get(reverse("reporting:verify", args=["x"])).status_code for _ in range(3)]
    assert answers == [404, 404, 429]
    cache.clear()


def test_the_code_on_the_page_leads_there(world: World, settings: Settings, tmp_path: Path) -> None:
    settings.PUBLIC_URL = "https://ris.example.org"
    version = sign(draft(world), world.radiologist)
    assert "Still current? Scan" in printed_text(pdf_of(version), tmp_path)
    url = verify_url(version.report_id, version.number, version.content_sha256)
    assert url == f"https://ris.example.org/reports/verify/{version.report_id}-1-{version.content_sha256[:24]}/"

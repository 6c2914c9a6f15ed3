"""The marks of PDF/A-2b, as far as the programs of this machine can judge them; no veraPDF is among those."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms
from pypdf import PdfReader

from reporting.render import render_pdf
from reporting.render.content import Picture, Prior
from tests.reporting.render.examples import FINAL
from tests.reporting.signing.conftest import SigningKey
from tests.reporting.tools import printed_text, run

FORBIDDEN = ("/JavaScript", "/JS", "/Launch", "/EmbeddedFiles", "/SMask", "/LZWDecode", "/Encrypt", "/AA ")


def picture(kind: str) -> bytes:
    target = BytesIO()
    Image.new("RGB", (300, 120), (20, 90, 150)).save(target, kind)
    return target.getvalue()


FULL = replace(
    FINAL,
    site=replace(FINAL.site, phone="+49 40 555 0100", logo=picture("PNG")),
    measurements=(replace(FINAL.measurements[0], prior=Prior("12 mm", "2026-05-03", "+18 %")), FINAL.measurements[1]),
    key_images=(Picture("series 3, image 61", picture("JPEG")),),
    verify_url="https://ris.example.org/reports/verify/1-3-9f86d081884c7d659a2feaa0/",
)


def test_it_says_that_it_is_pdf_a_2b_and_names_its_colours() -> None:
    catalog: Any = PdfReader(BytesIO(render_pdf(FULL))).trailer["/Root"]
    metadata = catalog["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert "/Filter" not in catalog["/Metadata"] or not catalog["/Metadata"]["/Filter"]
    (intent,) = catalog["/OutputIntents"]
    assert intent["/S"] == "/GTS_PDFA1"
    profile = ImageCms.ImageCmsProfile(BytesIO(intent["/DestOutputProfile"].get_data()))
    assert ImageCms.getProfileDescription(profile).strip() == "sRGB built-in"


def test_its_metadata_and_its_properties_say_the_same_and_not_the_patient(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(render_pdf(FULL))
    metadata = run("pdfinfo", "-meta", file)
    for line in run("pdfinfo", file).splitlines():
        name, _, value = line.partition(":")
        if name in ("Title", "Subject", "Keywords", "Author", "Producer"):
            assert value.strip() in metadata
    assert "MÜLLER" not in metadata


def test_every_font_is_embedded_and_nothing_forbidden_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(render_pdf(FULL))
    rows = run("pdffonts", file).splitlines()[2:]
    assert rows
    assert {row.split()[-5] for row in rows} == {"yes"}
    plain = run("qpdf", "--qdf", "--object-streams=disable", file, "-")
    assert [word for word in FORBIDDEN if word in plain] == []
    assert plain.count("/ID [") == 1
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", file)


def test_the_marks_survive_the_signature(key: SigningKey) -> None:
    catalog: Any = PdfReader(BytesIO(key.sign(render_pdf(FULL)))).trailer["/Root"]
    assert "pdfaid:part" in catalog["/Metadata"].get_data().decode()
    assert len(catalog["/OutputIntents"]) == 1


def test_the_same_version_has_the_same_bytes_with_all_that_can_be_on_it() -> None:
    assert render_pdf(FULL) == render_pdf(FULL)


def test_a_number_stands_beside_what_it_was_before(tmp_path: Path) -> None:
    row = next(line for line in printed_text(render_pdf(FULL), tmp_path, "-layout").splitlines() if "long axis" in line)
    assert "14.2 mm" in row.replace("\u00a0", " ")
    printed = " ".join(printed_text(render_pdf(FULL), tmp_path).split())
    assert [words in printed for words in ("Before", "12 mm +18 % 2026-05-03", "+49 40 555 0100")] == [True] * 3

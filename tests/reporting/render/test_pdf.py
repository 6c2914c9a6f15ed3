"""The page as a reader, a printer and a search engine meet it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from reporting.render import DoesNotFit, render_pdf
from reporting.render.content import MeasurementRow, Provenance, ReportKind, Section
from ris.core.typeset.guard import texts
from tests.reporting.render.examples import DIGEST, FINAL, SIGNATURE, of_kind, saying
from tests.reporting.tools import printed_text, run

REPOSITORY = Path(__file__).resolve().parents[3]
STAMP_RGB = (0xF7, 0xED, 0xE6)
IDENTITY = ("MÜLLER-LÜDENSCHEIDT, Änne", "1956-03-12", "NS-0048213 (NORDSTADT)", "NS26-000417, NS26-000418")
ONE_PAGE_LONG = "The lungs are clear and the heart is of normal size. " * 120


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def pages(pdf: bytes, folder: Path) -> list[str]:
    return printed_text(pdf, folder, "-layout").split("\f")[:-1]


def test_every_text_of_the_report_can_be_read_off_the_page(tmp_path: Path) -> None:
    printed = squeezed(printed_text(render_pdf(FINAL), tmp_path))
    codes = {"F", "en", "final", DIGEST[:0]}
    missing = [text for text in texts(FINAL) if text not in codes and squeezed(text) not in printed]
    assert missing == []
    assert "Größe unverändert" in printed
    assert "≥ 10 mm" in printed


def test_the_measured_value_stands_beside_its_unit_and_its_origin(tmp_path: Path) -> None:
    printed = squeezed(printed_text(render_pdf(FINAL), tmp_path, "-layout"))
    assert "Nodule, long axis 14.2 mm Length · Dr. med. Jürgen Weiß" in printed
    assert "2026-11-21 13:51 · Series 3, image 118" in printed


def test_the_signature_block_has_name_instant_with_zone_meaning_and_digest(tmp_path: Path) -> None:
    printed = squeezed(printed_text(render_pdf(FINAL), tmp_path))
    block = printed[printed.index(SIGNATURE.meaning) :]
    assert "Dr. med. Jürgen Weiß" in block
    assert "2026-11-21T14:03:27+01:00 (Europe/Berlin)" in block
    assert DIGEST in block


def test_every_page_names_the_patient_and_its_place_among_the_pages(tmp_path: Path) -> None:
    found = pages(render_pdf(saying(ONE_PAGE_LONG)), tmp_path)
    assert len(found) > 1
    for number, page in enumerate(found, start=1):
        assert f"Page {number} of {len(found)}" in page
        for identity in (
            "MÜLLER-LÜDENSCHEIDT, Änne",
            "1956-03-12",
            "NS-0048213 (NORDSTADT)",
            "NS26-000417, NS26-000418",
        ):
            assert identity in page


def test_no_word_is_lost_at_a_page_break(tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(2500)]
    printed = "".join(pages(render_pdf(saying(" ".join(words))), tmp_path))
    assert re.findall(r"word\d+", printed) == words


def test_all_fonts_are_embedded(tmp_path: Path) -> None:
    for kind in ReportKind:
        (tmp_path / "report.pdf").write_bytes(render_pdf(of_kind(kind)))
        rows = run("pdffonts", tmp_path / "report.pdf").splitlines()[2:]
        assert rows
        assert [row for row in rows if row.split()[-5] != "yes"] == []


@pytest.mark.parametrize("kind", ReportKind)
def test_the_file_is_well_formed(kind: ReportKind, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(render_pdf(of_kind(kind)))
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", tmp_path / "report.pdf")


def test_the_same_content_gives_the_same_bytes_in_another_process() -> None:
    program = (
        "import hashlib; from reporting.render import render_pdf; from tests.reporting.render.examples import FINAL;"
        "print(hashlib.sha256(render_pdf(FINAL)).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=REPOSITORY,
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin", "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(digests) == 1


def test_parallel_threads_draw_what_one_thread_draws() -> None:
    contents = [saying(f"Finding {number}: äöü αβγ {chr(0x400 + number)}") for number in range(24)]
    alone = [render_pdf(content) for content in contents]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(render_pdf, contents)) == alone


def test_another_content_gives_other_bytes() -> None:
    assert render_pdf(FINAL) != render_pdf(replace(FINAL, version_number=4))


def stamped(pdf: bytes, folder: Path) -> list[bool]:
    """For each page, whether a good part of it is covered by the pale stamp across it."""
    (folder / "seen.pdf").write_bytes(pdf)
    run("pdftoppm", "-r", "30", "-png", folder / "seen.pdf", folder / "seen")
    found = []
    for file in sorted(folder.glob("seen-*.png")):
        with Image.open(file) as page:
            colours = Counter(page.convert("RGB").get_flattened_data())
            found.append(colours[STAMP_RGB] > 0.004 * page.width * page.height)
    return found


@pytest.mark.parametrize(
    ("kind", "notice"),
    [
        (ReportKind.DRAFT, "Not signed, not for use in patient care."),
        (ReportKind.PRELIMINARY, "Not yet confirmed, it may change."),
        (ReportKind.WITHDRAWAL, "entered in error, do not use it."),
    ],
)
def test_what_is_not_final_says_so_and_is_stamped_on_every_page(kind: ReportKind, notice: str, tmp_path: Path) -> None:
    pdf = render_pdf(of_kind(kind, sections=(Section("Findings", ONE_PAGE_LONG),)))
    printed = pages(pdf, tmp_path)
    assert [notice in page for page in printed] == [True] * len(printed)
    assert stamped(pdf, tmp_path) == [True] * len(printed)


@pytest.mark.parametrize("kind", [ReportKind.FINAL, ReportKind.ADDENDUM])
def test_what_is_final_carries_no_warning(kind: ReportKind, tmp_path: Path) -> None:
    printed = printed_text(render_pdf(of_kind(kind)), tmp_path)
    assert not re.search("draft|preliminary|withdrawn|may change", printed, re.IGNORECASE)
    assert stamped(render_pdf(of_kind(kind)), tmp_path) == [False]


def test_a_draft_says_that_it_is_not_signed(tmp_path: Path) -> None:
    printed = printed_text(render_pdf(of_kind(ReportKind.DRAFT)), tmp_path)
    assert "This draft is not signed." in printed
    assert SIGNATURE.meaning not in printed


def test_a_correction_says_that_it_replaces_the_earlier_version(tmp_path: Path) -> None:
    assert "replaces the earlier version" in printed_text(render_pdf(of_kind(ReportKind.CORRECTION)), tmp_path)


def test_document_properties_name_the_exam_and_never_the_patient(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(render_pdf(FINAL))
    properties = run("pdfinfo", "-isodates", tmp_path / "report.pdf")
    assert "Radiology report NS26-000417, NS26-000418" in properties
    assert f"content-sha256:{DIGEST}" in properties
    assert re.search(r"CreationDate:\s+2026-11-21T(13:03:27Z|14:03:27\+01)", properties)
    assert "MÜLLER" not in properties
    assert "0048213" not in properties


def test_a_german_report_has_german_labels_and_says_so(tmp_path: Path) -> None:
    pdf = render_pdf(replace(FINAL, language="de-AT"))
    assert b"/Lang (de-AT)" in pdf
    printed = printed_text(pdf, tmp_path)
    assert "Geburtsdatum" in printed
    assert "Seite 1 von 1" in printed


def test_unknown_facts_are_shown_as_unknown(tmp_path: Path) -> None:
    nobody = replace(FINAL.patient, birth_date=None, sex="", issuer="")
    printed = printed_text(render_pdf(replace(FINAL, patient=nobody)), tmp_path, "-layout")
    assert re.search(r"–\s+not stated\s+NS-0048213\s+NS26", printed)


def test_a_name_too_long_for_the_head_of_a_page_is_refused_not_cut() -> None:
    endless = replace(FINAL.patient, display_name="Maximiliana " * 400)
    with pytest.raises(DoesNotFit):
        render_pdf(replace(FINAL, patient=endless))


def test_a_signer_too_long_for_a_page_is_refused_not_cut() -> None:
    endless = replace(SIGNATURE, display_name="Maximiliana " * 1000)
    with pytest.raises(DoesNotFit):
        render_pdf(replace(FINAL, signature=endless))


def test_a_measurement_longer_than_a_page_continues_on_the_next(tmp_path: Path) -> None:
    words = [f"label{number}" for number in range(1500)]
    row = MeasurementRow(" ".join(words), "1", "mm", Provenance())
    printed = printed_text(render_pdf(replace(FINAL, measurements=(row,))), tmp_path, "-raw")
    assert re.findall(r"label\d+", printed) == words


def test_an_empty_report_still_names_its_patient(tmp_path: Path) -> None:
    printed = printed_text(render_pdf(replace(FINAL, sections=(), measurements=())), tmp_path)
    assert "MÜLLER-LÜDENSCHEIDT, Änne" in printed

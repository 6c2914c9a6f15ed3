"""Signatures that other people's programs accept."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from pyhanko.pdf_utils.reader import PdfFileReader

from reporting.render import ReportKind, render_pdf
from reporting.signing import SigningError, SigningKeyError, UnsignablePdfError, validate
from tests.reporting.render.examples import FINAL, of_kind, saying
from tests.reporting.signing.conftest import SIGNED_AT, SigningKey
from tests.reporting.tools import printed_text, run


def pdfsig(pdf: bytes, folder: Path) -> str:
    (folder / "signed.pdf").write_bytes(pdf)
    return run("pdfsig", folder / "signed.pdf", home=folder)


def test_poppler_says_that_the_signature_is_valid_and_covers_the_total_document(
    key: SigningKey, tmp_path: Path
) -> None:
    verdict = pdfsig(key.signed, tmp_path)
    assert "Signature is Valid." in verdict
    assert "Total document signed" in verdict
    assert "Signature Type: ETSI.CAdES.detached" in verdict
    assert "Signer Certificate Common Name: Klinikum Nordstadt" in verdict


def test_the_declared_time_is_the_given_instant(key: SigningKey) -> None:
    assert validate(key.signed, key.trust_pem, moment=SIGNED_AT).signed_at == SIGNED_AT


def test_what_was_rendered_stands_unchanged_at_the_start_of_what_is_signed(key: SigningKey) -> None:
    assert key.signed.startswith(render_pdf(FINAL))


def test_the_signed_file_is_well_formed_and_names_no_new_font(key: SigningKey, tmp_path: Path) -> None:
    (tmp_path / "signed.pdf").write_bytes(key.signed)
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", tmp_path / "signed.pdf")
    rows = run("pdffonts", tmp_path / "signed.pdf").splitlines()[2:]
    assert rows
    assert [row for row in rows if row.split()[-5] != "yes"] == []


def test_the_signed_page_looks_and_reads_like_the_rendered_one(key: SigningKey, tmp_path: Path) -> None:
    assert printed_text(key.signed, tmp_path) == printed_text(render_pdf(FINAL), tmp_path)
    for name, pdf in (("plain", render_pdf(FINAL)), ("signed", key.signed)):
        (tmp_path / f"{name}.pdf").write_bytes(pdf)
        run("pdftoppm", "-r", "60", "-singlefile", tmp_path / f"{name}.pdf", tmp_path / name)
    assert (tmp_path / "plain.ppm").read_bytes() == (tmp_path / "signed.ppm").read_bytes()


def test_the_field_lies_over_the_printed_signature_block_of_the_last_page(key: SigningKey) -> None:
    reader = PdfFileReader(BytesIO(key.sign(render_pdf(saying("word " * 2000)))))
    field = reader.embedded_regular_signatures[0].sig_field
    left, bottom, right, top = (float(edge) for edge in field["/Rect"])
    assert right - left > 400
    assert 60 < top - bottom < 120
    last = int(reader.root["/Pages"]["/Count"]) - 1
    assert last > 0
    assert field.raw_get("/P").reference == reader.find_page_for_modification(last)[0].reference


def test_a_pdf_without_a_named_place_gets_an_invisible_signature(key: SigningKey) -> None:
    signed = key.sign(render_pdf(of_kind(ReportKind.DRAFT)))
    field = PdfFileReader(BytesIO(signed)).embedded_regular_signatures[0].sig_field
    assert [float(edge) for edge in field["/Rect"]] == [0, 0, 0, 0]
    assert validate(signed, key.trust_pem, moment=SIGNED_AT).valid


def test_signing_works_inside_a_running_event_loop(key: SigningKey) -> None:
    async def within_a_loop() -> bytes:
        return key.sign(render_pdf(FINAL))

    assert validate(asyncio.run(within_a_loop()), key.trust_pem, moment=SIGNED_AT).valid


def test_signing_works_in_the_thread_that_runs_django_views(key: SigningKey) -> None:
    signed = asyncio.run(sync_to_async(key.sign, thread_sensitive=True)(render_pdf(FINAL)))
    assert validate(signed, key.trust_pem, moment=SIGNED_AT).valid


def test_signatures_made_in_parallel_are_each_valid(key: SigningKey) -> None:
    pdfs = [render_pdf(saying(f"Finding {number}")) for number in range(20)]
    with ThreadPoolExecutor(8) as threads:
        signed = list(threads.map(key.sign, pdfs))
    assert [validate(pdf, key.trust_pem, moment=SIGNED_AT).valid for pdf in signed] == [True] * 20


def test_a_signed_report_takes_no_second_signature(key: SigningKey) -> None:
    with pytest.raises(SigningError):
        key.sign(key.signed)


@pytest.mark.parametrize("rubbish", [b"", b"%PDF-1.4\n", b"hello", b"%PDF-1.4\ntrailer\n<<>>\nstartxref\n9\n%%EOF"])
def test_what_is_no_pdf_cannot_be_signed(rubbish: bytes, key: SigningKey) -> None:
    with pytest.raises(UnsignablePdfError):
        key.sign(rubbish)


@pytest.mark.parametrize("distance", [timedelta(days=-2), timedelta(days=6 * 365)])
def test_a_certificate_signs_only_within_its_validity(distance: timedelta, key: SigningKey) -> None:
    with pytest.raises(SigningKeyError, match="valid from 2026-11-20"):
        key.sign(render_pdf(FINAL), at=SIGNED_AT + distance)


def test_an_instant_without_a_zone_is_refused(key: SigningKey) -> None:
    with pytest.raises(ValueError, match="time zone"):
        key.sign(render_pdf(FINAL), at=datetime(2026, 11, 21, 13, 3))  # noqa: DTZ001

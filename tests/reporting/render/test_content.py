"""Content that cannot be a report is refused before it is drawn."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import datetime

import pytest

from reporting.render.content import ReportKind
from tests.reporting.render.examples import DIGEST, FINAL, SIGNATURE


@pytest.mark.parametrize("kind", [kind for kind in ReportKind if kind is not ReportKind.DRAFT])
def test_every_version_but_a_draft_needs_a_signature(kind: ReportKind) -> None:
    with pytest.raises(ValueError, match="signed"):
        replace(FINAL, kind=kind, signature=None)


def test_a_draft_cannot_look_signed() -> None:
    with pytest.raises(ValueError, match="a draft is not"):
        replace(FINAL, kind=ReportKind.DRAFT)


@pytest.mark.parametrize("digest", ["", DIGEST[:-1], DIGEST.upper(), DIGEST + "0"])
def test_a_signed_version_needs_its_digest_in_lower_case_hex(digest: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        replace(FINAL, content_sha256=digest)


def test_a_signing_instant_needs_its_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(SIGNATURE, signed_at=datetime(2026, 11, 21, 14, 3))  # noqa: DTZ001


def test_a_report_answers_at_least_one_accession_number() -> None:
    with pytest.raises(ValueError, match="accession"):
        replace(FINAL.exam, accession_numbers=())


@pytest.mark.parametrize("language", ["", "english language", "d"])
def test_a_language_that_no_reader_knows_is_refused(language: str) -> None:
    with pytest.raises(ValueError, match="language tag"):
        replace(FINAL, language=language)


def test_content_cannot_change_once_it_is_made() -> None:
    with pytest.raises(FrozenInstanceError):
        FINAL.version_number = 4  # type: ignore[misc]

"""verify_reports finds nothing in what was signed, and each way in which somebody bent it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from reporting.actions import publish_version
from reporting.document import digest
from reporting.guards import GUARDS
from reporting.models import Artifact, Publication, Report, ReportVersion, Signature
from reporting.seal import seal_pdf
from reporting.signing import dev_certificate
from ris.audit import triggers
from ris.core.actors import SystemActor
from ris.core.guards import lifted
from tests.exam import draft, sign
from tests.reporting.amending.test_amending import added
from tests.reporting.archive import archived_case
from tests.services.orthanc import Server
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]
DELIVERY = SystemActor("delivery")
TABLES = ("reporting_reportversion", "reporting_signature", "reporting_artifact")


@contextmanager
def bent() -> Iterator[None]:
    """As somebody with the database's own password: the triggers are away for a moment."""
    with connection.cursor() as cursor:
        for table in TABLES:
            for sql in triggers.removals(connection.vendor, table):
                cursor.execute(sql)
    with lifted(connection, GUARDS):
        yield
    with connection.cursor() as cursor:
        for table in TABLES:
            for sql in triggers.statements(connection.vendor, table):
                cursor.execute(sql)


def verdict(*arguments: str) -> tuple[int, str]:
    """Exit code, and the faults that were named."""
    faults, code = StringIO(), 0
    try:
        call_command("verify_reports", *arguments, stdout=StringIO(), stderr=faults)
    except CommandError as refused:
        code = refused.returncode
    return code, faults.getvalue()


@pytest.fixture
def report(world: World) -> Report:
    """Two versions: final, and an addendum."""
    first = sign(draft(world), world.radiologist)
    added(first.report, "The cyst is benign.", world.radiologist)
    return first.report


def test_what_was_signed_has_no_fault(report: Report) -> None:
    assert verdict() == (0, "")


def changed_content(report: Report) -> None:
    version = report.versions.get(number=1)
    content = version.content | {"sections": [{"title": "Findings", "text": "Nothing."}]}
    report.versions.filter(number=1).update(content=content)


def changed_content_with_a_new_hash(report: Report) -> None:
    changed_content(report)
    version = report.versions.get(number=1)
    report.versions.filter(number=1).update(content_sha256=digest(version.content))


def another_study(report: Report) -> None:
    report.versions.filter(number=1).update(study_instance_uid="2.25.999")


def broken_chain(report: Report) -> None:
    report.versions.filter(number=2).update(previous_sha256="0" * 64)


def clock_set_back(report: Report) -> None:
    first = report.versions.get(number=1)
    report.versions.filter(number=2).update(created_at=first.created_at - timedelta(hours=1))


def last_version_removed(report: Report) -> None:
    for model in (Signature, Artifact, Publication):
        model.objects.filter(version__report=report, version__number=2)._raw_delete("default")  # type: ignore[attr-defined]
    report.versions.filter(number=2)._raw_delete("default")


def another_signer(report: Report) -> None:
    Signature.objects.filter(version__report=report, version__number=1).update(signer_id="4711")


def flipped_byte(report: Report) -> None:
    artifact = Artifact.objects.get(version__report=report, version__number=1, kind="pdf")
    body = bytearray(artifact.body)
    body[len(body) // 3] ^= 1
    put(artifact, bytes(body))


def put(artifact: Artifact, body: bytes) -> None:
    """The file and its hash, as one who knows about both would."""
    Artifact.objects.filter(pk=artifact.pk).update(body=body, sha256=hashlib.sha256(body).hexdigest())


def unsigned(report: Report) -> None:
    put(Artifact.objects.get(version__report=report, version__number=1, kind="pdf"), b"%PDF-1.7\n%%EOF")


def the_addendums_pdf(report: Report) -> None:
    other = Artifact.objects.get(version__report=report, version__number=2, kind="pdf")
    put(Artifact.objects.get(version__report=report, version__number=1, kind="pdf"), bytes(other.body))


@pytest.mark.parametrize(
    ("bend", "words"),
    [
        (changed_content, "version 1: its content is not what its hash says"),
        (changed_content_with_a_new_hash, "version 1: its PDF is that of another report"),
        (another_study, "version 1: its study is not the one that was signed"),
        (broken_chain, "version 2: the chain is broken"),
        (clock_set_back, "version 2: it was signed before the version that it follows"),
        (last_version_removed, "a version that was signed is gone"),
        (another_signer, "version 1: its signature names another signer"),
        (flipped_byte, "version 1: the signature on its PDF does not hold"),
        (unsigned, "version 1: the signature on its PDF does not hold"),
        (the_addendums_pdf, "version 1: its PDF is that of another report or version"),
    ],
)
def test_what_was_bent_is_named(report: Report, bend: Callable[[Report], None], words: str) -> None:
    with bent():
        bend(report)
    code, faults = verdict()
    assert code == 1
    assert f"FAULT report {report.pk}: {words}" in faults


def test_a_pdf_moved_to_another_report_is_found(report: Report, world: World) -> None:
    other = sign(draft(world), world.radiologist)
    moved = Artifact.objects.get(version=other, kind="pdf")
    with bent():
        put(Artifact.objects.get(version__report=report, version__number=1, kind="pdf"), bytes(moved.body))
    assert verdict("--report", str(other.report_id)) == (0, "")
    code, faults = verdict("--report", str(report.pk))
    assert (code, "its PDF is that of another report" in faults) == (1, True)


def test_a_signature_of_a_key_that_nobody_vouches_for_is_found(
    report: Report, world: World, settings: Settings, tmp_path: Path
) -> None:
    made = dev_certificate.create(tmp_path / "other.p12", "test-only", "Somebody", at=timezone.now())
    version = report.versions.get(number=1)
    settings.SIGNING_P12_FILE = made.p12_path
    artifact = Artifact.objects.get(version=version, kind="pdf")
    forged = seal_pdf(original_of(bytes(artifact.body)), reason="Forged", by=world.radiologist, at=version.created_at)
    with bent():
        put(artifact, forged.body)
    code, faults = verdict()
    assert (code, "not trusted" in faults) == (1, True)


def original_of(signed: bytes) -> bytes:
    """The page without its signature: what was there before the last revision."""
    return signed[: signed.index(b"%%EOF") + len(b"%%EOF\n")]


def test_without_the_authorities_nothing_is_called_good(report: Report, settings: Settings, tmp_path: Path) -> None:
    settings.SIGNING_TRUST_FILE = tmp_path / "there-is-none.pem"
    assert verdict() == (2, "")


@pytest.mark.orthanc
@pytest.mark.usefixtures("own_uids")
def test_what_the_archive_lost_is_found(world: World, orthanc: Server) -> None:
    version: ReportVersion = sign(draft(world, task=archived_case(world, orthanc)), world.radiologist)
    publish_version(version, by=DELIVERY)
    assert verdict("--archive") == (0, "")
    with lifted(connection, GUARDS):
        Publication.objects.filter(version=version).update(sop_instance_uid="2.25.77")
    code, faults = verdict("--archive")
    assert (code, "the archive does not have it" in faults) == (1, True)

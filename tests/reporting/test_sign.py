"""Signing: only one wins, nothing signed ever changes, and who loses leaves no trace (DESIGN.md §5.3)."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from reporting import proving, views
from reporting.actions import save_draft, sign_report
from reporting.actions import sign as signing
from reporting.actions.objects import refill_case
from reporting.actions.sign import Proof
from reporting.document import digest
from reporting.models import Artifact, Publication, Report, ReportVersion, Signature
from reporting.numbers import numbers_of
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.errors import (
    ConcurrentUpdateError,
    DomainError,
    InvalidInput,
    NotPermitted,
    TransitionError,
    Unavailable,
)
from ris.core.http import SignedInRequest
from ris.events.models import Delivery, Event
from tests.exam import FINDINGS, case, draft, noted, sign, stored
from tests.world import PASSWORD, World
from worklist.actions.reading import claim, release
from worklist.lifecycle import STUDY
from worklist.models import ReadingTask, Study

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TRACES = (ReportVersion, Signature, Artifact, Publication)

pytestmark = pytest.mark.usefixtures("signing_key")


def now() -> Proof:
    return Proof(timezone.now())


def nothing_was_signed(report: Report) -> bool:
    told = Event.objects.filter(kind="report.signed").exists()
    return not told and not any(model.objects.exists() for model in TRACES) and fresh(report).state == "draft"


def fresh(report: Report) -> Report:
    return Report.objects.select_related("task").get(pk=report.pk)


def test_the_signed_pdf_exists_from_that_instant(world: World) -> None:
    version = sign(draft(world), world.radiologist)
    pdf = Artifact.objects.get(version=version)
    assert (pdf.kind, bytes(pdf.body)[:5]) == ("pdf", b"%PDF-")
    assert pdf.sha256 == hashlib.sha256(bytes(pdf.body)).hexdigest()
    assert (fresh(version.report).state, fresh(version.report).task.state) == ("final", "reported")
    assert Publication.objects.get(version=version).archive_state == "pending"


def test_the_signature_binds_the_person_the_instant_the_meaning_and_the_content(world: World) -> None:
    version = sign(draft(world), world.radiologist)
    bound = Signature.objects.get(version=version)
    assert (bound.signer_id, bound.signer_name) == (str(world.radiologist.pk), "Dr. Rita Radiologist")
    assert bound.meaning == "Final report, signed electronically"
    assert bound.content_sha256 == version.content_sha256 == digest(version.content)
    assert abs(bound.signed_at - timezone.now()) < timedelta(minutes=1)
    assert len(bound.certificate_sha256) == 64


def test_the_content_names_the_patient_the_accession_and_what_was_written(world: World) -> None:
    report = draft(world)
    requested = report.task.requested_procedures.get()
    version = sign(report, world.radiologist)
    assert version.accession_numbers == [requested.accession_number]
    assert version.study_instance_uid == requested.study_instance_uid
    assert version.content["patient"]["number"] == requested.order.patient.identifiers.get().value
    assert [section["title"] for section in version.content["sections"]] == [
        "Technique", "Comparison", "Findings", "Impression",
    ]  # fmt: skip


def test_signing_is_audited_and_told(world: World) -> None:
    version = sign(draft(world), world.radiologist)
    row = AuditEvent.objects.get(action="report.signed")
    assert (row.actor_id, row.study_uid) == (str(world.radiologist.pk), version.study_instance_uid)
    assert row.detail == {"kind": "final", "proof": "password", "sha256": version.content_sha256, "version": 1}
    delivery = Delivery.objects.get(event__kind="report.signed", subscriber="reporting.archive")
    assert (delivery.subscriber, delivery.event.payload) == ("reporting.archive", {"version_id": version.pk})


def test_a_measured_number_stands_in_the_signed_content(world: World) -> None:
    task = case(world)
    stored(task, 52.4, tool="Length")
    version = sign(draft(world, task=task), world.radiologist)
    number = version.content["measurements"][0]
    assert (number["label"], number["value"], number["unit"]) == ("Largest lesion, length", 52.4, "mm")


def test_a_resident_signs_preliminary_and_never_final(world: World) -> None:
    report = draft(world, by=world.resident)
    with pytest.raises(NotPermitted, match="radiologist"):
        sign(report, world.resident)
    assert nothing_was_signed(report)
    version = sign(report, world.resident, "preliminary")
    assert (version.kind, fresh(report).state, fresh(report).task.state) == (
        "preliminary", "preliminary", "preliminary",
    )  # fmt: skip


def test_versions_are_chained_by_their_hashes(world: World) -> None:
    report = draft(world, by=world.resident)
    first = sign(report, world.resident, "preliminary")
    claim(fresh(report).task, by=world.radiologist)
    report = save_draft(
        fresh(report), revision=fresh(report).revision, sections={"impression": "Agreed."}, by=world.radiologist
    )
    second = sign(report, world.radiologist, grade="minor")
    assert (first.number, first.previous_sha256, second.number) == (1, "", 2)
    assert second.previous_sha256 == first.content_sha256 != second.content_sha256
    uids = Publication.objects.values_list("sop_instance_uid", "series_instance_uid")
    assert (len({sop for sop, _ in uids}), len({series for _, series in uids})) == (2, 1)


@pytest.mark.parametrize("who", ["clerk", "technologist", "resident", "referrer", "siteadmin", "admin", "outsider"])
@pytest.mark.parametrize("kind", ["final", "preliminary"])
def test_only_who_holds_the_case_signs(who: str, kind: str, world: World) -> None:
    report = draft(world)
    with pytest.raises(NotPermitted):
        sign(report, world.people[who], kind)
    assert nothing_was_signed(report)


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(days=1), -timedelta(minutes=1)])
def test_an_old_proof_or_one_of_tomorrow_is_refused(age: timedelta, world: World) -> None:
    report = draft(world)
    with pytest.raises(NotPermitted, match="password"):
        sign_report(report, revision=report.revision, proof=Proof(timezone.now() - age), by=world.radiologist)
    assert nothing_was_signed(report)


def test_a_stale_revision_is_refused(world: World) -> None:
    report = draft(world)
    for revision in (report.revision - 1, report.revision + 1):
        with pytest.raises(ConcurrentUpdateError):
            sign_report(report, revision=revision, proof=now(), by=world.radiologist)
    assert nothing_was_signed(report)


def test_an_empty_report_is_refused(world: World) -> None:
    report = draft(world)
    empty = dict.fromkeys(report.content["sections"], "  ")
    report = save_draft(report, revision=report.revision, sections=empty, by=world.radiologist)
    with pytest.raises(InvalidInput) as refused:
        sign(report, world.radiologist)
    assert set(refused.value.fields) == {"sections"}
    assert nothing_was_signed(report)


def test_a_character_that_no_font_has_is_told_and_nothing_is_signed(world: World) -> None:
    report = draft(world)
    lost = {"impression": "A nodule \U00013080."}
    report = save_draft(report, revision=report.revision, sections=lost, by=world.radiologist)
    with pytest.raises(InvalidInput, match="Change that, then sign"):
        sign(report, world.radiologist)
    assert nothing_was_signed(report)


def test_a_number_in_doubt_stops_the_signature(world: World) -> None:
    task = case(world)
    source = stored(task, 52.4)
    report = draft(world, task=task)
    held = report.content["fields"]["lesion-length"] | {"flags": ["deviates"]}
    Report.objects.filter(pk=report.pk).update(content={**report.content, "fields": {"lesion-length": held}})
    with pytest.raises(InvalidInput, match="in doubt"):
        sign(report, world.radiologist)
    assert source.measurements.count() == 1
    assert nothing_was_signed(report)


def test_a_study_that_is_the_wrong_patients_stops_the_signature(world: World) -> None:
    report = draft(world)
    STUDY.advance(Study.objects.get(), "block")
    with pytest.raises(InvalidInput, match="no study"):
        sign(report, world.radiologist)
    assert nothing_was_signed(report)


def test_a_study_that_is_unlinked_stops_the_signature(world: World) -> None:
    report = draft(world)
    noted(report.task.requested_procedures.get(), patient_id="NORTH9999999")
    with pytest.raises(InvalidInput):
        sign(report, world.radiologist)
    assert nothing_was_signed(report)


def test_a_key_that_cannot_be_used_signs_nothing(world: World, settings: Settings, tmp_path: Path) -> None:
    settings.SIGNING_P12_FILE = tmp_path / "there-is-none.p12"
    report = draft(world)
    with pytest.raises(Unavailable, match="draft is safe"):
        sign(report, world.radiologist)
    assert nothing_was_signed(report)


def test_what_is_signed_is_not_signed_again(world: World) -> None:
    report = draft(world)
    sign(report, world.radiologist)
    with pytest.raises((NotPermitted, TransitionError, ConcurrentUpdateError)):
        sign(fresh(report), world.radiologist)
    assert ReportVersion.objects.count() == 1


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """While the PDF is made, before any lock is held."""
    prepare = signing.prepare

    def slow(report: Report, *, kind: str, by: User) -> signing.Prepared:
        made = prepare(report, kind=kind, by=by)
        happens()
        return made

    monkeypatch.setattr(signing, "prepare", slow)


def test_who_gave_the_case_back_while_the_pdf_was_made_does_not_sign(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = draft(world)

    def handed_over() -> None:
        release(ReadingTask.objects.get(), by=world.radiologist)
        claim(ReadingTask.objects.get(), by=world.resident)

    meanwhile(monkeypatch, handed_over)
    with pytest.raises(NotPermitted):
        sign(report, world.radiologist)
    assert nothing_was_signed(report)


def test_what_was_saved_while_the_pdf_was_made_is_not_signed_unread(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even when the very same words were saved."""
    report = draft(world)
    meanwhile(
        monkeypatch, lambda: save_draft(report, revision=report.revision, sections=FINDINGS, by=world.radiologist)
    )
    with pytest.raises(ConcurrentUpdateError):
        sign(report, world.radiologist)
    assert nothing_was_signed(report)


def test_a_study_closed_while_the_pdf_was_made_stops_the_signature(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = draft(world)
    meanwhile(monkeypatch, lambda: STUDY.advance(Study.objects.get(), "block"))
    with pytest.raises(InvalidInput, match="no study"):
        sign(report, world.radiologist)
    assert nothing_was_signed(report)


def test_the_page_signs_with_the_password_once_more(world: World) -> None:
    report = draft(world)
    client, values = signing_page(world, report)
    assert client.post(f"/reports/{report.pk}/sign/", values | {"password": "wrong"}).status_code == 422
    assert client.post(f"/reports/{report.pk}/sign/", values).status_code == 422
    assert nothing_was_signed(report)
    assert client.post(f"/reports/{report.pk}/sign/", values | {"password": PASSWORD}).status_code == 200
    assert fresh(report).state == "final"


def test_the_page_signs_only_the_numbers_that_it_showed(world: World) -> None:
    task = case(world)
    report = draft(world, task=task)
    client, values = signing_page(world, report)
    stored(task, 52.4)
    answer = client.post(f"/reports/{report.pk}/sign/", values | {"password": PASSWORD})
    assert answer.status_code == 409
    assert nothing_was_signed(report)


def test_a_number_that_comes_while_the_password_is_checked_is_not_signed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = case(world)
    report = draft(world, task=task)
    client, values = signing_page(world, report)
    checked = proving.proof_of

    def slow(request: SignedInRequest) -> Proof:
        proof = checked(request)
        stored(task, 52.4)
        refill_case(task, by=SystemActor("delivery"))
        return proof

    monkeypatch.setattr(views, "proof_of", slow)
    answer = client.post(f"/reports/{report.pk}/sign/", values | {"password": PASSWORD})
    assert answer.status_code == 409
    assert nothing_was_signed(report)


def signing_page(world: World, report: Report) -> tuple[Client, dict[str, object]]:
    client = Client()
    client.force_login(world.radiologist, BACKEND)
    seen = numbers_of(Report.objects.select_related("task", "template").get(pk=report.pk))["numbers_version"]
    return client, {"revision": report.revision, "numbers": seen}


@pytest.mark.db
@pytest.mark.parametrize("model", [ReportVersion, Signature, Artifact])
def test_raw_sql_cannot_change_or_remove_what_was_signed(
    model: type[ReportVersion | Signature | Artifact], world: World
) -> None:
    sign(draft(world), world.radiologist)
    table, before = model._meta.db_table, list(model.objects.values())
    column = "content_sha256" if model is not Artifact else "sha256"
    for sql in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):  # noqa: S608
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert list(model.objects.values()) == before


@pytest.mark.db
def test_of_twenty_signatures_at_once_one_counts_and_the_others_leave_no_trace(live_world: World) -> None:
    report, gate = draft(live_world), threading.Barrier(20)
    outcomes: list[str] = []

    def work() -> None:
        gate.wait()
        try:
            sign_report(report, revision=report.revision, proof=now(), by=User.objects.get(username="radiologist"))
            outcomes.append("signed")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("signed") == 1, outcomes
    assert set(outcomes) <= {"signed", "changed-meanwhile", "not-permitted"}
    assert [model.objects.count() for model in TRACES] == [1, 1, 1, 1]
    assert Event.objects.filter(kind="report.signed").count() == 1
    assert AuditEvent.objects.filter(action="report.signed").count() == 1
    assert ReportVersion.objects.get().number == 1

"""Signing: render and sign frozen content first, then one short transaction in which only one signer wins."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from reporting import permissions
from reporting.actions.clock import require_clock
from reporting.actions.copying import plan_copies
from reporting.actions.holding import locked_report
from reporting.confirming.grading import keep_grade, keep_wet_grade, require_grade, require_wet_read
from reporting.delay.holding import hold_or_send
from reporting.desk import key_images_of
from reporting.document import digest, freeze, study_of, to_render
from reporting.entries import faults_of, label_of
from reporting.images import written_before_closing
from reporting.keys.record import SigningKey
from reporting.letterhead.record import SiteLetterhead
from reporting.lifecycle import KEY, REPORT
from reporting.models import Artifact, Publication, Report, ReportVersion, Signature
from reporting.numbers import numbers_of
from reporting.prefill import strays
from reporting.publish.uids import document_place
from reporting.render import DoesNotFit, LostGlyph, render_pdf
from reporting.reread.reading import Remark, remarks
from reporting.seal import Sealed, seal_pdf
from reporting.verifying.asking import verify_url
from ris import audit
from ris.accounts.models import User
from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotPermitted
from worklist.actions.reading import note_report
from worklist.exam.summary import open_sides, side_words

FRESH = timedelta(minutes=5)
PROVES = {"password": "enter your password", "passkey": "use your passkey"}
VERBS = {"final": ("sign", "report"), "preliminary": ("sign-preliminary", "report-preliminary")}


@dataclass(frozen=True, slots=True)
class Proof:
    """When and how the signer last proved who they are: by "password" or "passkey"."""

    at: datetime
    method: str = "password"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a signer said: `accepted`, keys of the doubts that were looked at (`reporting.reread`); `grade`, how far a
    final signer agrees with another's preliminary version ("major" flags a call to be made); `wet_grade` the same of
    another's wet read, or "" to say nothing of it; `wet_read`, which one the signer saw; `numbers`, the version of the
    numbers that were judged, or "".
    """

    accepted: frozenset[str] = frozenset()
    grade: str = ""
    wet_grade: str = ""
    wet_read: int | None = None
    numbers: str = ""


NO_ANSWERS = Answers()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A version before it exists: content, its hash, and the signed PDF."""

    content: dict[str, Any]
    sha256: str
    pdf: Sealed


def sign_report(
    report: Report,
    *,
    revision: int,
    proof: Proof,
    by: User,
    kind: str = "final",
    answers: Answers = NO_ANSWERS,
) -> ReportVersion:
    """Sign what stands in `revision` as `final` or `preliminary`; the signed PDF exists when this returns.

    `answers`: what the signer said to the questions before a signature.

    Raises NotPermitted, InvalidInput (nothing to sign, a doubtful number, a character no font has), TransitionError,
    ConcurrentUpdateError when the report moved meanwhile. Whoever loses leaves no trace.
    """
    report = Report.objects.select_related("task__patient", "site", "template").get(pk=report.pk)
    permissions.require_sign(by, report, final=kind == "final")
    require_fresh(proof)
    require_signable(report, revision)
    _require_judged(report, answers.numbers)
    looked_at = require_read_over(remarks(report), answers.accepted)
    preliminary = _require_grades(report, answers, by) if kind == "final" else None
    prepared = prepare(report, kind=kind, by=by)
    with transaction.atomic():
        _require_judged(locked_report(report), answers.numbers)
        version = _commit(report, prepared, revision=revision, by=by, said=said_of(proof, looked_at))
        if preliminary is not None:
            keep_grade(version, preliminary, answers.grade, by)
        if kind == "final" and answers.wet_grade:
            keep_wet_grade(version, answers.wet_grade, answers.wet_read, by)
    return version


def _require_grades(report: Report, answers: Answers, by: User) -> ReportVersion | None:
    """The preliminary version that is confirmed, if any. Raises InvalidInput for a grade that cannot be given."""
    if answers.wet_grade:
        require_wet_read(report.task, answers.wet_grade, answers.wet_read, by)
    return require_grade(report, answers.grade, by)


def require_fresh(proof: Proof) -> None:
    """Raise unless the signer proved a moment ago who they are, in a way that this house accepts."""
    if not is_accepted(proof.method):
        raise NotPermitted(words_against(proof.method))
    if not timedelta(0) <= timezone.now() - proof.at <= FRESH:
        raise NotPermitted(f"Please {PROVES[proof.method]} again to sign.")


def is_accepted(method: str) -> bool:
    """Whether this house lets people sign on that proof ("password", "passkey")."""
    return settings.SIGNING_PROOF in ("either", method)


def words_against(method: str) -> str:
    """Why a proof that is not accepted does not do, and what does."""
    if method == "passkey":
        return "Reports are signed with the password here."
    return "Reports are signed with a passkey here. Add one under your name, “Passkeys”, if you have none."


def said_of(proof: Proof, looked_at: Sequence[str]) -> dict[str, Any]:
    """For the audit trail: on what proof a signature stands, and which rules it passed over."""
    return {"proof": proof.method} | ({"signed_over": list(looked_at)} if looked_at else {})


def require_signable(report: Report, revision: int) -> None:
    """Raise unless this very text may be signed now."""
    if report.revision != revision:
        raise ConcurrentUpdateError("The report changed since you looked at it. Read it again, then sign.")
    if study_of(report.task) is None:
        raise InvalidInput("This case has no study that may be read at the moment, so it cannot be signed.")
    if sides := open_sides(report.task):
        raise InvalidInput(f"{side_words(sides[0])} Answer this above the report, then sign.")
    if not any(text.strip() for text in report.content["sections"].values()):
        raise InvalidInput("The report is empty.", fields={"sections": "Write at least one section."})
    if written_before_closing(report):
        raise InvalidInput(
            "This was written before images of another patient were closed. Read it against the images that are there "
            "now, change what is not true, and save it; then sign."
        )
    if strays(report):
        raise InvalidInput("A measurement is of images that are not of this case. Leave it out, then sign.")
    _require_sound_fields(report)


def _require_judged(report: Report, numbers: str) -> None:
    """Raise when measurements or the exam's words came after somebody looked whether this may be signed."""
    if numbers and numbers_of(report)["numbers_version"] != numbers:
        raise ConcurrentUpdateError("Measurements or technique changed meanwhile. Open it once more, then sign.")


def require_read_over(found: Sequence[Remark], accepted: Collection[str]) -> list[str]:
    """Raise unless each doubt is gone, or only warns and was looked at; the rules that were passed over so."""
    waiting = [one for one in found if one.level == "stop" or one.key not in accepted]
    if waiting:
        words = " ".join(one.doubt.words for one in waiting)
        raise InvalidInput(
            f"Read it over before you sign. {words}", fields={one.key: one.doubt.words for one in waiting}
        )
    return sorted({one.doubt.rule for one in found})


def _require_sound_fields(report: Report) -> None:
    if faults := faults_of(report):
        words = "; ".join(f"{label_of(report, key)}: {fault}" for key, fault in faults.items())
        raise InvalidInput(f"Some fields are not filled as the template asks. {words}", fields=faults)
    if waiting := [one for one in key_images_of(report) if not one.picture_sha256]:
        why = waiting[0].problem or "Its picture is on its way: wait a moment."
        raise InvalidInput(f"A key image cannot be printed. {why} Or leave it out, then sign.")
    doubtful = [f for f in report.content["fields"].values() if f and f.get("flags")]
    if doubtful:
        raise InvalidInput("A measurement is in doubt. Remove it or measure again, then sign.")


def prepare(report: Report, *, kind: str, by: User) -> Prepared:
    """Freeze, hash, render and sign: all that takes time, before any lock is held."""
    now = timezone.now().replace(microsecond=0)
    return sealed(_frozen(report, kind=kind, by=by, at=now), report, by=by, at=now)


def sealed(content: dict[str, Any], report: Report, *, by: User, at: datetime) -> Prepared:
    """Hash, render and sign a content. Raises InvalidInput for a character that no font has."""
    sha256 = digest(content)
    try:
        url = verify_url(report.pk, content["number"], sha256)
        rendered = to_render(content, sha256=sha256, pictures=_pictures(report, content), verify_url=url)
        pdf = render_pdf(rendered, extra_fonts=settings.PRINT_FONTS)
    except (LostGlyph, DoesNotFit) as problem:
        raise InvalidInput(f"{problem} Change that, then sign.") from None
    return Prepared(content, sha256, seal_pdf(pdf, reason=_reason(content, sha256), by=by, at=at))


def _reason(content: dict[str, Any], sha256: str) -> str:
    """What the signature itself says: its meaning, and of which content (21 CFR 11.70)."""
    return f"{content['meaning']} (content-sha256:{sha256})"


def _pictures(report: Report, content: dict[str, Any]) -> dict[str, bytes]:
    printed = {one["picture_sha256"] for one in content.get("key_images", [])}
    rows = report.task.key_images.filter(picture_sha256__in=printed, picture__isnull=False)
    logos = SiteLetterhead.objects.filter(site=report.site_id).exclude(logo_sha256="")
    found = {row.logo_sha256: bytes(row.logo) for row in logos if row.logo}
    return found | {row.picture_sha256: bytes(row.picture) for row in rows if row.picture}


def _frozen(report: Report, *, kind: str, by: User, at: datetime) -> dict[str, Any]:
    return freeze(report, kind=kind, number=report.versions.count() + 1, by=by, at=at)


@transaction.atomic
def _commit(report: Report, prepared: Prepared, *, revision: int, by: User, said: dict[str, Any]) -> ReportVersion:
    """Compare-and-set on state and revision; then the version and all that hangs on it."""
    locked = locked_report(report)
    task = locked.task
    permissions.require_sign(by, locked, final=prepared.content["kind"] == "final")
    require_signable(locked, revision)
    _require_unchanged(locked, prepared, by=by)
    verb, task_verb = VERBS[prepared.content["kind"]]
    REPORT.advance(locked, verb, revision=revision + 1, held_from="")
    version = insert_version(locked, prepared)
    note_report(task, task_verb, report_state=locked.state)
    about: dict[str, Any] = {
        "study_uid": version.study_instance_uid,
        "sha256": version.content_sha256,
        "version": version.number,
        **said,
    }
    audit.record("report.signed", locked, by=by, patient=task.patient_id, kind=version.kind, **about)
    hold_or_send(version, by=by)
    return version


def _require_unchanged(locked: Report, prepared: Prepared, *, by: User) -> None:
    """What would be frozen now is what was: text, numbers, patient, exam and study alike."""
    at = datetime.fromisoformat(prepared.content["signed_at"])
    if digest(_frozen(locked, kind=prepared.content["kind"], by=by, at=at)) != prepared.sha256:
        raise ConcurrentUpdateError(
            "A measurement, the patient or the exam changed while you signed. Read the report again, then sign."
        )


def _require_key_in_force(certificate_sha256: str) -> None:
    """A key that was revoked while the PDF was made signs nothing."""
    key = SigningKey.objects.select_for_update().filter(certificate_sha256=certificate_sha256).first()
    if key is not None and not KEY.within(key, "signing"):
        raise ConcurrentUpdateError("Your signing key was replaced or revoked while you signed. Sign again.")


def insert_version(report: Report, prepared: Prepared) -> ReportVersion:
    _require_key_in_force(prepared.pdf.certificate_sha256)
    content, previous = prepared.content, report.latest_version
    signed_at = datetime.fromisoformat(content["signed_at"])
    require_clock(report, signed_at)
    version = ReportVersion.objects.create(
        report=report,
        number=content["number"],
        kind=content["kind"],
        content=content,
        content_sha256=prepared.sha256,
        previous_sha256=previous.content_sha256 if previous else "",
        accession_numbers=content["exam"]["accession_numbers"],
        study_instance_uid=content["exam"]["study_uid"],
        created_at=signed_at,
    )
    Signature.objects.create(
        version=version,
        signer_id=content["signer"]["id"],
        signer_name=content["signer"]["name"],
        meaning=content["meaning"],
        signed_at=signed_at,
        content_sha256=prepared.sha256,
        certificate_sha256=prepared.pdf.certificate_sha256,
        timestamped_at=prepared.pdf.timestamped_at,
        timestamp_problem=prepared.pdf.timestamp_problem,
    )
    body = prepared.pdf.body
    Artifact.objects.create(
        version=version, kind="pdf", body=body, sha256=hashlib.sha256(body).hexdigest(), created_at=signed_at
    )
    place = document_place(report.pk, version.number, version.kind)
    publication = Publication.objects.create(
        version=version, sop_instance_uid=place.sop_uid, series_instance_uid=place.series_uid
    )
    plan_copies(publication)
    return version

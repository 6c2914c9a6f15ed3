"""The versions of a report against each other, against their own hash and against what the audit trail saw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reporting.document import digest
from reporting.models import Report, ReportVersion
from ris.audit.models import AuditEvent

SIGNED = ("report.signed", "report.addended", "report.corrected", "report.withdrawn")


def chain_faults(report: Report, versions: Sequence[ReportVersion]) -> Iterator[str]:
    """In words, with the number of the version."""
    before, signed = "", None
    for place, version in enumerate(versions, 1):
        name = f"version {version.number}"
        if version.number != place:
            yield f"{name} stands where version {place} should: a version is missing"
        if digest(version.content) != version.content_sha256:
            yield f"{name}: its content is not what its hash says, it was changed"
        if version.previous_sha256 != before or version.content.get("previous_sha256", before) != before:
            yield f"{name}: the chain is broken, it does not follow the version before it"
        if signed and version.created_at < signed:
            yield f"{name}: it was signed before the version that it follows, a clock was wrong"
        yield from (f"{name}: {words}" for words in _row_faults(version))
        before, signed = version.content_sha256, version.created_at
    yield from _audit_faults(report, versions)


def _row_faults(version: ReportVersion) -> Iterator[str]:
    """The columns beside the content say what the content says."""
    content = version.content
    said = (content.get("number"), content.get("kind"), content.get("signed_at"))
    if said[:2] != (version.number, version.kind):
        yield "its number or kind is not the one that was signed"
    exam = content.get("exam", {})
    if exam.get("study_uid") != version.study_instance_uid:
        yield "its study is not the one that was signed"
    if exam.get("accession_numbers") != version.accession_numbers:
        yield "its accession numbers are not the ones that were signed"


def _audit_faults(report: Report, versions: Sequence[ReportVersion]) -> Iterator[str]:
    """The audit trail saw each signature: a version that vanished, or came by another door, is named."""
    events = AuditEvent.objects.filter(
        target_kind="reporting.report", target_id=str(report.pk), action__in=SIGNED, outcome="success"
    )
    seen = {str(one.detail.get("sha256")) for one in events.order_by("pk")}
    kept = {version.content_sha256 for version in versions}
    yield from (f"a version that was signed is gone (content {one[:12]})" for one in sorted(seen - kept))
    yield from (
        f"version {version.number}: the audit trail knows nothing of its signature"
        for version in versions
        if version.content_sha256 not in seen
    )

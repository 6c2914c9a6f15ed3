from __future__ import annotations

from reporting.models import Report
from ris.core.actors import Actor
from ris.core.errors import NotPermitted
from worklist.lifecycle import READING
from worklist.models import ReadingTask
from worklist.reading.staff import ReadingProfile


def may_write(actor: Actor, task: ReadingTask) -> bool:
    """The reader who holds the case; one that is free again, as after a preliminary signature, is taken first."""
    holds = not READING.within(task, "free") and str(task.claimed_by_id) == str(actor.id)
    return holds and actor.may("report.write", task.site_id)


def may_sign_final(actor: Actor, report: Report) -> bool:
    """The final privilege is of a site and of modalities (workflow.md rule 6)."""
    return actor.may("report.sign_final", report.site_id) and not not_privileged_for(actor, report)


def not_privileged_for(actor: Actor, report: Report) -> list[str]:
    """The modalities of the report's exams that the reader's profile leaves out; without a profile, none."""
    profile = ReadingProfile.objects.filter(user__pk=actor.id).exclude(modalities="").first()
    if profile is None:
        return []
    examined = set(report.task.requested_procedures.values_list("procedure__modality", flat=True))
    return sorted(examined - set(profile.modalities.split()))


def require_write(actor: Actor, task: ReadingTask) -> None:
    if not actor.may("report.write", task.site_id):
        raise NotPermitted("Writing reports is for the residents and radiologists of this site.")
    if not may_write(actor, task):
        raise NotPermitted("This case is with another reader, or with nobody. Take it from the reading list first.")


def require_sign(actor: Actor, report: Report, *, final: bool) -> None:
    require_write(actor, report.task)
    if final and (missing := not_privileged_for(actor, report)):
        raise NotPermitted(
            f"Your privileges do not cover {', '.join(missing)}. Sign as preliminary; who has them will finish it."
        )
    if final and not actor.may("report.sign_final", report.site_id):
        raise NotPermitted("Only a radiologist signs final. Sign as preliminary; an attending will finish it.")


def require_system(actor: Actor, permission: str) -> None:
    if not actor.may(permission, None):
        raise NotPermitted(f"{actor.display} may not do this.")


def require_templates(actor: Actor) -> None:
    if not actor.may("template.manage", None):
        raise NotPermitted("Report templates are for the administrators of this installation.")


def require_amend(actor: Actor, report: Report) -> None:
    if not may_sign_final(actor, report):
        raise NotPermitted("Addenda, corrections and withdrawals are for those who sign such exams final at this site.")


def require_own(author_id: str, actor: Actor) -> None:
    if author_id != str(actor.id):
        raise NotPermitted("This draft is another reader's.")

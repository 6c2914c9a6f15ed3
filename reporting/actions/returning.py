"""A preliminary report goes back to its author, with the reason."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from reporting import permissions
from reporting.actions.holding import locked_report
from reporting.confirming.record import LONGEST_COMMENT, Return
from reporting.lifecycle import REPORT
from reporting.models import Report
from ris import audit
from ris.accounts.models import User
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.core.texts import fault_of_text
from ris.events import emit
from ris.notifications.actions import notify
from worklist.actions.reading import return_case
from worklist.lifecycle import READING


@transaction.atomic
def return_to_author(report: Report, *, comment: str, by: User) -> Report:
    """Give a preliminary report back: it is a draft again, the case its author's, and the author is told why.

    For those outside it stays preliminary: they have been told, and read what was signed until more is.

    Raises NotPermitted, InvalidInput, TransitionError when it is not preliminary or its author is gone.
    """
    report = locked_report(report)
    task = report.task
    if not permissions.may_sign_final(by, report):
        raise NotPermitted("Only those who sign final return a preliminary report.")
    if READING.within(task, "mine") and task.claimed_by_id != by.pk:
        raise NotPermitted("This case is with another reader.")
    comment = " ".join(comment.split())
    fault = fault_of_text(comment, longest=LONGEST_COMMENT) if comment else "What should the author look at again?"
    if fault:
        raise InvalidInput("It was not returned.", fields={"comment": fault})
    author = _author(report)
    REPORT.advance(report, "return", revision=report.revision + 1, held_from="preliminary")
    return_case(task, to=author)
    Return.objects.create(report=report, comment=comment, by_id=str(by.pk), by_name=by.display, at=timezone.now())
    audit.record("report.returned", report, by=by, patient=task.patient_id, to=str(author.pk))
    emit("report.returned", report, by=by)
    notify(
        [author],
        key=f"returned/{report.pk}/{report.revision}",
        subject="A preliminary report came back to you",
        text=f"{by.display}: {comment}",
        link=reverse("viewer:reading-room", args=[task.pk]),
        site=report.site,
    )
    return report


def _author(report: Report) -> User:
    """Who signed it preliminary."""
    newest = report.newest_in_force
    key = newest.content["signer"]["id"] if newest else ""
    author = User.objects.filter(pk=key, is_active=True).first() if key.isdecimal() else None
    if author is None or not author.may("report.write", report.site_id):
        raise TransitionError("Its author does not read at this site any more. Change the report and sign it yourself.")
    return author

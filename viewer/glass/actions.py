"""Opening a study in an emergency, ending it, and looking at it afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from ris import audit
from ris.accounts.models import User
from ris.accounts.permissions import ROLE_PERMISSIONS
from ris.audit.recording import write_apart
from ris.core.errors import InvalidInput, NotPermitted
from ris.core.identifiers import is_accession, is_uid
from ris.events import emit
from ris.notifications.actions import notify
from ris.patients.models import Patient
from viewer import grants
from viewer.glass import letters
from viewer.glass.lifecycle import GLASS
from viewer.glass.models import EmergencyAccess, viewable
from worklist.lifecycle import STUDY
from worklist.models import Study

RIGHT: Final = "study.break_glass"
REVIEW: Final = "glass.review"
REASON_LEAST: Final = 10
STUDIES_MAX: Final = 10
OFFICERS: Final = tuple(role for role, rights in ROLE_PERMISSIONS.items() if REVIEW in rights)
FOR_WHOM = "Emergency access is for those who treat or read."
NO_SUCH = "There is no study of this number that belongs to a patient."


def break_glass(name: str, *, reason: str, by: User) -> list[Study]:
    """Let `by` see the studies of an accession number or of a UID for a while, and tell those who watch over it.

    Returns the studies; what was the person's to see anyway is opened without an alarm. Raises NotPermitted,
    InvalidInput without a reason or without a study; a number that is unknown is audited as a refusal.
    """
    if not by.may(RIGHT, None):
        raise NotPermitted(FOR_WHOM)
    words = " ".join(reason.split())[:500]
    if len(words) < REASON_LEAST:
        raise InvalidInput("A reason is needed.", fields={"reason": "Say in a few words what the emergency is."})
    studies = _named(name.strip())
    if not studies:
        about = {"reason": "an emergency access to an unknown study"}
        write_apart("security.emergency-access", ("url", "emergency"), by=by, outcome="refused", about=about)
        raise InvalidInput("Nothing was opened.", fields={"study": NO_SUCH})
    _open(studies, words, by)
    return studies


def _named(name: str) -> list[Study]:
    """Studies that belong to a patient and are closed to nobody; one that is not matched is for reconcilers only."""
    if is_accession(name):
        linked = Q(links__active=True, links__requested_procedure__accession_number=name)
        rows = Study.objects.filter(linked | Q(accession_number=name))
    elif is_uid(name):
        rows = Study.objects.filter(study_instance_uid=name)
    else:
        return []
    found = list(rows.filter(state__in=STUDY.groups["readable"]).distinct().order_by("pk")[:STUDIES_MAX])
    owned = grants.linked(found)
    return [study for study in found if study.pk in owned]


@transaction.atomic
def _open(studies: Iterable[Study], reason: str, by: User) -> None:
    ids = [study.pk for study in studies]
    list(Study.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    seen = set(viewable(by).filter(pk__in=ids).values_list("pk", flat=True))
    for study in studies:
        if study.pk not in seen:
            _open_one(study, reason, by)


def _open_one(study: Study, reason: str, by: User) -> None:
    now = timezone.now()
    patient = Patient.objects.filter(pk__in=grants.patients([study])).first()
    access = EmergencyAccess.objects.create(
        study=study, site=study.site, patient=patient, user=by, reason=reason, opened_at=now,
        until=now + timedelta(minutes=settings.EMERGENCY_ACCESS_MINUTES),
    )  # fmt: skip
    uid = study.study_instance_uid
    audit.record("security.emergency-access", access, by=by, study_uid=uid, reason=reason)
    emit("study.emergency-opened", study, by=by, access=access.pk)
    notify(
        _officers(access).exclude(pk=by.pk),
        key=f"emergency-access/{access.pk}",
        subject="Emergency access to a study",
        text=f"{by.display} opened a study that is not theirs to read. Reason: {reason}",
        link=reverse("viewer:emergency-review", args=[access.pk]),
        site=study.site,
    )
    letters.write(access)


def _officers(access: EmergencyAccess) -> QuerySet[User]:
    here = Q(memberships__site=access.site_id, memberships__role__in=OFFICERS)
    return User.objects.filter(here | Q(is_superuser=True), is_active=True).distinct()


@transaction.atomic
def end_access(access: EmergencyAccess, *, by: User) -> EmergencyAccess:
    """Whoever opened it needs it no more. Safe to repeat."""
    access = EmergencyAccess.objects.select_for_update(of=("self",)).select_related("study").get(pk=access.pk)
    if access.user_id != by.pk:
        raise NotPermitted("An emergency access is ended by whoever opened it.")
    if access.is_running:
        _stop(access)
        uid = access.study.study_instance_uid
        audit.record("security.emergency-ended", access, by=by, study_uid=uid)
    return access


@transaction.atomic
def review(access: EmergencyAccess, *, verb: str, remark: str, by: User) -> EmergencyAccess:
    """Somebody else says whether it was right (`justify`) or must be looked into (`question`, which ends it at once).

    Raises NotPermitted also for one's own, InvalidInput for a question without a remark, TransitionError when it
    was reviewed before.
    """
    access = EmergencyAccess.objects.select_for_update(of=("self",)).select_related("study", "user").get(pk=access.pk)
    if not by.may(REVIEW, access.site_id):
        raise NotPermitted("Emergency accesses are reviewed by the administrators of the site.")
    if access.user_id == by.pk:
        raise NotPermitted("Somebody else reviews your own emergency access.")
    words = remark.strip()[:500]
    if verb == "question" and not words:
        raise InvalidInput("A remark is needed.", fields={"remark": "Say what is not clear about it."})
    GLASS.advance(access, verb, remark=words, reviewed_by=by.display[:160], reviewed_at=timezone.now())
    audit.record("security.emergency-reviewed", access, by=by, outcome_of_review=access.state, remark=words)
    emit("study.emergency-reviewed", access.study, by=by, access=access.pk)
    if verb == "question":
        _question(access, by)
    return access


def _question(access: EmergencyAccess, by: User) -> None:
    if access.is_running:
        _stop(access)
    notify(
        [access.user],
        key=f"emergency-questioned/{access.pk}",
        subject="Your emergency access is questioned",
        text=f"{by.display} asks: {access.remark}",
        link=reverse("viewer:emergency"),
        site=access.site,
    )


def _stop(access: EmergencyAccess) -> None:
    access.until = timezone.now()
    access.save(update_fields=["until"])

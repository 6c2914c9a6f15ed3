"""Studies of the archive: noticed, matched, linked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor, SystemActor
from ris.core.errors import TransitionError
from ris.dicom.datasets import StudyRow
from ris.dicom.models import Node
from ris.events import emit
from ris.orders.actions import renew_study_uid
from ris.orders.lifecycle import ORDER
from ris.orders.models import Order, RequestedProcedure
from worklist.actions.closing import reopen_for
from worklist.actions.reading import count_images, note_changed, task_for_study, tell_readers_of_more
from worklist.actions.sides import DERIVED
from worklist.actions.wrong_patient import close_study, hold_tasks, is_wrong_patients
from worklist.candidates import candidate_of, candidates_for, near, seen_of
from worklist.lifecycle import STUDY
from worklist.matching import OTHER_PATIENT, Candidate, Verdict, contradicts, match
from worklist.models import PerformedProcedureStep, Study, StudyLink
from worklist.outside.rows import OutsideStudy
from worklist.permissions import require_reconcile

MATCHER = SystemActor("matcher")
# What readers and this system store beside the images.
NO_IMAGES = DERIVED - {"OT", "AU"}
LATE = "Images came of a step that was reported as another patient's"
PERSON = ("patient_id_text", "issuer_of_patient_id", "patient_name", "birth_date", "accession_number")


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """How a person links: why, which differences they accept, and of a split study which series.

    `corrects`: the archive calls the patient otherwise, so that nobody sees the study until it says the same.
    """

    reason: str
    accepted: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    corrects: bool = False

    @property
    def columns(self) -> dict[str, object]:
        return {
            "by_person": True,
            "reason": self.reason,
            "accepted": list(self.accepted),
            "series": list(self.series),
        }


@transaction.atomic
def note_study(row: StudyRow, *, by: Actor, images: int | None = None) -> Study:
    """Keep what the archive says of a study, and match it against open orders. Idempotent.

    `images` counts its objects without measurements and reports, where that was asked: those are no more images.
    A study that is linked already is compared again: when the archive now contradicts the order it is unlinked.
    """
    require_reconcile(by, None)
    study, created = Study.objects.get_or_create(study_instance_uid=row.study_instance_uid)
    study = Study.objects.select_for_update().get(pk=study.pk)
    before, had = _person_of(study), study.instance_count
    _describe(study, row)
    linked = STUDY.within(study, "readable") and _person_of(study) == before
    if not _keep_from_matching(study, by=by) and not _keep_as_decided(study, row, same=linked, by=by):
        known = candidates_for(row)
        _settle(study, match(seen_of(row, linked=linked), [*known, *_others_near(row, known)]), by=by)
    if created:
        audit.record("study.noticed", study, by=by, study_uid=study.study_instance_uid)
    more = _has_more(study, had, images)
    if more and not created:
        Study.objects.filter(pk=study.pk).update(images_added_at=timezone.now())
    if STUDY.within(study, "readable"):
        if more:
            reopen_for(study, by=by)
            tell_readers_of_more(study)
        task_for_study(study, by=by)
    return study


def _others_near(row: StudyRow, known: list[Candidate]) -> list[Candidate]:
    """What may be suggested, unless an order has been found by its numbers."""
    found = {one.key for one in known}
    return [one for one in near(row) if one.key not in found]


def _keep_as_decided(study: Study, row: StudyRow, *, same: bool, by: Actor) -> bool:
    """What a person decided stands, until the archive says of the patient what that person did not see.

    A study that waits for the archive's correction is open as soon as the archive names the order's patient.
    """
    if not study.decided:
        return False
    links = study.links.filter(active=True).select_related("requested_procedure__order")
    orders = links.order_by().values("requested_procedure__order")
    list(Order.objects.select_for_update(of=("self",)).filter(pk__in=orders).order_by("pk").values_list("pk"))
    for link in links.order_by("pk"):
        against = set(contradicts(seen_of(row, linked=same), candidate_of(link.requested_procedure)))
        if STUDY.within(study, "correcting") and against & OTHER_PATIENT:
            return True
        if against - set(link.accepted):
            told = [f"{why}: not so when {link.linked_by} linked it" for why in sorted(against - set(link.accepted))]
            _unlink(study, why=told, by=by)
            return True
    if STUDY.within(study, "correcting"):
        STUDY.advance(study, "match")
        audit.record("study.opened-again", study, by=by, study_uid=study.study_instance_uid)
    return True


def _has_more(study: Study, had: int, images: int | None) -> bool:
    """Whether images came since we last looked; a stored measurement or report is none."""
    if images is None:
        return study.instance_count > had
    held = study.received_series.exclude(modality__in=NO_IMAGES).aggregate(n=models.Sum("images"))["n"]
    return bool(images > (held or 0))


def _keep_from_matching(study: Study, *, by: Actor) -> bool:
    """Images of a wrong patient carry the wrong patient's numbers: closed, and later linked by a person only."""
    uid = study.study_instance_uid
    if OutsideStudy.objects.filter(study=study).exists():
        return True  # a person said whose it is; its numbers are another house's
    if STUDY.within(study, "waiting") and is_wrong_patients(uid):
        performed = PerformedProcedureStep.objects.filter(study_instance_uid=uid, wrong_patient=True).first()
        close_study(uid, study, step=None, performed=performed, reason=LATE, by=by)
        return True
    if not study.wrong_patients.exists():
        return False
    if STUDY.allows(study, "leave"):
        study.findings, study.doubt = ["reported as the wrong patient's: a person must choose"], "person"
        study.save(update_fields=["findings", "doubt"])
        STUDY.advance(study, "leave")
    return not study.decided


def _person_of(study: Study) -> list[object]:
    return [getattr(study, name) for name in PERSON]


def _describe(study: Study, row: StudyRow) -> None:
    study.archive_id = row.archive_id
    study.patient_id_text = row.patient_id[:64]
    study.issuer_of_patient_id = row.issuer_of_patient_id[:64]
    study.patient_name = row.patient_name[:200]
    study.birth_date = row.birth_date
    study.accession_number = row.accession_number[:16]
    study.modalities = list(row.modalities)
    study.study_date = f"{row.study_date:%Y%m%d}" if row.study_date else ""
    study.study_time = f"{row.study_time:%H%M%S}" if row.study_time else ""
    # An SR stored by the viewer makes the archive forget the description (reference/ohif.md): keep the first one.
    study.description = study.description or row.description[:64]
    study.station_aet = study.station_aet or row.station_aet[:16]
    if study.instance_count != row.instance_count or study.grew_at is None:
        study.grew_at = timezone.now()
    study.series_count, study.instance_count = row.series_count, row.instance_count
    study.save()


def _settle(study: Study, verdict: Verdict, *, by: Actor) -> None:
    """Carry out what the matching decided."""
    study.findings, study.doubt = list(verdict.findings), verdict.doubt
    study.save(update_fields=["findings", "doubt"])
    if verdict.key is not None and STUDY.allows(study, "match"):
        requested = RequestedProcedure.objects.select_related("order").get(pk=verdict.key)
        _leave_others(study, {requested.pk, *verdict.others}, by=by)
        link_study(study, requested, evidence=verdict.evidence, by=by)
        for other in RequestedProcedure.objects.select_related("order").filter(pk__in=verdict.others):
            link_study(study, other, evidence="shared accession number", by=by)
    elif verdict.key is None and STUDY.allows(study, "unlink"):
        _unlink(study, why=list(verdict.findings), by=by)
    elif verdict.key is None and STUDY.allows(study, "leave"):
        first = not STUDY.within(study, "left")
        STUDY.advance(study, "leave", site=study.site or _sending_site(study))
        if first:
            emit("study.unmatched", study, by=by)


def _sending_site(study: Study) -> Site | None:
    node = Node.objects.select_related("site").filter(ae_title=study.station_aet).first()
    return node.site if node else None


@transaction.atomic
def link_study(
    study: Study, requested: RequestedProcedure, *, evidence: str, by: Actor, hand: ByHand | None = None
) -> StudyLink:
    """A study answers a requested procedure. Linking twice is one link.

    The order is held, as its cancellation holds it: either the order has images and is not cancelled, or it is
    cancelled and gets none. Raises TransitionError then.
    """
    require_reconcile(by, requested.order.site_id)
    order = Order.objects.select_for_update(of=("self",)).get(pk=requested.order_id)
    if not ORDER.within(order, "matchable"):
        raise TransitionError(f"This order is {order.state}: no study can be linked to it.")
    verb = "correct" if hand and hand.corrects else "match"
    STUDY.advance(study, verb, site_id=requested.order.site_id)
    _take_number_from_others(study, requested)
    words: dict[str, object] = {}
    if hand:
        words = {"by_person": True, "reason": hand.reason, "accepted": list(hand.accepted), "series": list(hand.series)}
    link, created = StudyLink.objects.get_or_create(
        study=study, requested_procedure=requested, active=True,
        defaults={"evidence": evidence, "linked_by": by.display, **words},
    )  # fmt: skip
    if created:
        about: dict[str, Any] = {"study_uid": study.study_instance_uid, "accession": requested.accession_number}
        about["evidence"] = evidence
        about |= {"reason": hand.reason, "accepted": list(hand.accepted)} if hand else {}
        audit.record("study.linked", study, by=by, patient=requested.order.patient_id, **about)
        emit("study.linked", study, by=by, requested_procedure=requested.pk)
    return link


def _take_number_from_others(study: Study, requested: RequestedProcedure) -> None:
    """Another patient was to be examined under this StudyInstanceUID: they get a study of their own, not this one."""
    if study.study_instance_uid == requested.study_instance_uid:
        return
    person = requested.order.patient.current
    rows = RequestedProcedure.objects.filter(study_instance_uid=study.study_instance_uid)
    for other in rows.select_related("order__patient__merged_into"):
        if other.order.patient.current != person:
            renew_study_uid(other, by=MATCHER)


def _leave_others(study: Study, answered: set[int], *, by: Actor) -> None:
    """What was linked by itself to other procedures than those that it answers is not theirs any more."""
    own = StudyLink.objects.filter(study=study, active=True, by_person=False)
    end_links(study, own.exclude(requested_procedure__in=answered), by=by)


def _unlink(study: Study, *, why: list[str], by: Actor) -> None:
    """The archive's study no longer fits its order: nobody sees it until a person decides."""
    doubt = study.doubt or "mismatch"
    STUDY.advance(study, "unlink", findings=why, doubt=doubt)
    end_links(study, StudyLink.objects.filter(study=study, active=True), by=by)
    emit("study.unmatched", study, by=by)


def end_links(study: Study, links: models.QuerySet[StudyLink], *, by: Actor, reason: str = "") -> None:
    """Part of a transaction that has locked the study: cases with nothing else to read leave the lists."""
    for link in list(links.select_related("requested_procedure__order")):
        StudyLink.objects.filter(pk=link.pk).update(active=False, ended_at=timezone.now(), ended_by=by.display)
        requested = link.requested_procedure
        about = {"study_uid": study.study_instance_uid, "accession": requested.accession_number}
        about |= {"reason": reason} if reason else {}
        audit.record("study.unlinked", study, by=by, patient=requested.order.patient_id, **about)
        emit("study.unlinked", study, by=by, requested_procedure=requested.pk)
        hold_tasks(study, procedure=requested.pk)
    note_changed(study)
    count_images(study)

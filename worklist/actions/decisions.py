"""What people decide about studies: link, unlink, split, make an order for it; and take it back. Series of another
patient: worklist.actions.series.

Each is one row of `StudyDecision` with who, when and why. Locks are taken in the order of docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor, SystemActor
from ris.core.errors import InvalidInput, TransitionError
from ris.events import emit
from ris.orders.actions import OrderDetails, discontinue_order, give_back_study_uid, place_order
from ris.orders.models import Order, Procedure, RequestedProcedure
from ris.patients.models import Patient
from ris.scheduling import actions as scheduling
from ris.scheduling.lifecycle import STEP
from worklist.actions.reading import task_for_study
from worklist.actions.studies import ByHand, end_links, link_study
from worklist.actions.wrong_patient import lock_studies
from worklist.candidates import candidate_of, seen_again
from worklist.lifecycle import STUDY
from worklist.matching import OTHER_PATIENT, SAME_NUMBER, SAME_UID, contradicts
from worklist.models import PerformedProcedureStep, Study, StudyLink
from worklist.permissions import require_reconcile
from worklist.reconcile.decisions import StudyDecision
from worklist.rehoming import actions as rehoming
from worklist.rehoming import parting

MATCHER = SystemActor("matcher")
BY_HAND = "by hand"
KEPT = ("evidence", "by_person", "accepted", "series", "reason", "linked_by")


@transaction.atomic
def link(study: Study, requested: RequestedProcedure, *, reason: str, by: Actor, moves: bool = False) -> StudyDecision:
    """A person says that the study answers this procedure, whatever differs.

    Where the archive calls the patient otherwise, the study stays closed until the archive was corrected. With `moves`
    it leaves the exams of another patient for it. Raises NotPermitted, InvalidInput without a reason, TransitionError
    for a closed study, or without `moves` for one of another patient's exam.
    """
    words = reason_of(reason)
    study = held_study(study, [requested.order_id], by=by)
    was = Before(study)
    if study.links.filter(active=True, requested_procedure=requested).exists():
        raise TransitionError("This study is linked to this exam already.")
    if moves and (others := _links_of_others(study, requested)):
        _part(study, others, words=words, by=by)
    _join(study, requested, words=words, series=(), by=by)
    return was.decided("link", requested, reason=words, by=by)


@transaction.atomic
def unlink(study: Study, *, reason: str, by: Actor, requested: RequestedProcedure | None = None) -> StudyDecision:
    """A person says that the study does not answer `requested`, or none of its exams. It waits in the queue then.

    Its cases without other images leave the lists, and nothing can be signed on what was seen.
    """
    words = reason_of(reason)
    study = held_study(study, [], by=by)
    was = Before(study)
    ending = study.links.filter(active=True)
    if requested is not None:
        ending = ending.filter(requested_procedure=requested)
    if not ending.exists():
        raise TransitionError("This study is not linked to this exam.")
    _part(study, ending.values_list("pk", flat=True), words=words, by=by)
    return was.decided("unlink", requested, reason=words, by=by)


@transaction.atomic
def split(
    study: Study, requested: RequestedProcedure, *, series: Sequence[str], reason: str, by: Actor
) -> StudyDecision:
    """Some series of a linked study answer another exam of the same patient. The archive's objects stay as they are.

    Never of another patient: a study is one patient's (PS3.3 A.1.2). `worklist.actions.series` moves those.

    Raises InvalidInput for series that it does not have, TransitionError for a study without an exam of its own.
    """
    words = reason_of(reason)
    study = held_study(study, [requested.order_id], by=by)
    was = Before(study)
    if not STUDY.within(study, "readable"):
        raise TransitionError("Link the study to its own exam first; then give series of it to another.")
    held = set(study.received_series.values_list("series_instance_uid", flat=True))
    chosen = tuple(dict.fromkeys(series))
    if not chosen or not held.issuperset(chosen):
        raise InvalidInput("Choose series of this study.", fields={"series": "Choose at least one of its series."})
    if held == set(chosen):
        raise InvalidInput("These are all of them.", fields={"series": "Link the whole study to it instead."})
    if study.links.filter(active=True, requested_procedure=requested).exists():
        raise TransitionError("This study is linked to this exam already.")
    _join(study, requested, words=words, series=chosen, by=by)
    return was.decided("split", requested, reason=words, by=by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The order that is missing: for whom, of what, where; `side` R, L or B for a paired procedure."""

    patient: Patient
    procedure: Procedure
    site: Site
    side: str = ""


@transaction.atomic
def order_for(study: Study, missing: Missing, *, reason: str, by: Actor) -> StudyDecision:
    """Make the order that is missing, as done when the images were made, and link the study to it.

    Raises what placing an order raises, and what linking raises.
    """
    words = reason_of(reason)
    study = held_study(study, [], by=by)
    was = Before(study)
    order = place_order(
        missing.patient, site=missing.site, procedures=[missing.procedure], details=OrderDetails(reason=words), by=by,
        sides={missing.procedure.code: missing.side} if missing.side else {},
    )  # fmt: skip
    requested = order.procedures.select_related("procedure", "order__site", "order__patient").get()
    scheduling.record_past(requested, scheduling.Past(at=_taken_at(study, missing.site)), by=MATCHER)
    _join(study, requested, words=words, series=(), by=by)
    return was.decided("order", requested, reason=words, by=by)


@transaction.atomic
def undo(decision: StudyDecision, *, reason: str, by: Actor) -> StudyDecision:
    """The study's links are again what they were before. The latest decision is undone first.

    Raises TransitionError when it was undone before, is not the latest, or the links changed since.
    """
    words = reason_of(reason)
    orders = RequestedProcedure.objects.filter(pk__in=[one["requested"] for one in decision.before])
    if decision.verb == "series" and (row := parting.newest_series_move(decision.study)) is not None:
        parting.hold_both(row)
    study = held_study(decision.study, orders.values_list("order_id", flat=True), by=by)
    latest = study.decisions.standing().order_by("-pk").first()
    if latest is None or latest.pk != decision.pk:
        raise TransitionError("Only the latest decision about a study can be undone.")
    if snapshot(study) != decision.after:
        raise TransitionError("The links of this study changed since. Look again.")
    now = timezone.now()
    standing = StudyDecision.objects.standing().filter(pk=decision.pk)
    standing.update(undone_at=now, undone_by=by.display, undone_why=words)
    if decision.verb == "series":
        parting.take_back_series(study, reason=words, by=by)
    _restore(study, decision, words=words, by=by)
    audit.record("study.decision-undone", study, by=by, study_uid=study.study_instance_uid, decision=decision.pk,
                 verb=decision.verb, reason=words)  # fmt: skip
    decision.refresh_from_db()
    return decision


@transaction.atomic
def give_up_correction(study: Study, *, why: str, by: Actor) -> None:
    """The archive could not be corrected: the study waits in the queue again, with the words why."""
    study = held_study(study, [], by=by)
    if STUDY.within(study, "correcting"):
        _part(study, study.links.filter(active=True).values_list("pk", flat=True), words=why[:255], by=by)


def snapshot(study: Study) -> list[dict[str, Any]]:
    """The links of a study as they are now, in the order of their procedures."""
    links = study.links.filter(active=True).order_by("requested_procedure_id")
    return [{"requested": one.requested_procedure_id, **{name: getattr(one, name) for name in KEPT}} for one in links]


class Before:
    """The study before a decision."""

    def __init__(self, study: Study) -> None:
        self._study, self._before, self._decided = study, snapshot(study), study.decided

    def decided(self, verb: str, requested: RequestedProcedure | None, *, reason: str, by: Actor) -> StudyDecision:
        """Written down; nothing links or unlinks the study by itself from now on."""
        study = self._study
        Study.objects.filter(pk=study.pk).update(decided=True)
        study.decided = True
        row = StudyDecision.objects.create(
            study=study, verb=verb, requested_procedure=requested, reason=reason, by_name=by.display[:160],
            at=timezone.now(), before=self._before, after=snapshot(study), was_decided=self._decided,
        )  # fmt: skip
        audit.record("study.decided", study, by=by, study_uid=study.study_instance_uid, decision=row.pk, verb=verb,
                     reason=reason)  # fmt: skip
        emit("study.decided", study, by=by, decision=row.pk)
        return row


def reason_of(words: str) -> str:
    if not words.strip():
        raise InvalidInput("A reason is needed.", fields={"reason": "How do you know? It stands in the audit trail."})
    return words.strip()[:255]


def held_study(study: Study, orders: Iterable[int], *, by: Actor) -> Study:
    """The study as it is now, with its orders and `orders`; those of a wrong patient are settled first."""
    require_reconcile(by, study.site_id)
    study = lock_studies([study.study_instance_uid])[study.study_instance_uid]
    require_reconcile(by, study.site_id)
    if STUDY.within(study, "closed"):
        raise TransitionError("This study was reported as the wrong patient's. Settle that first.")
    linked = Q(procedures__study_links__study=study, procedures__study_links__active=True)
    mine = Order.objects.filter(linked | Q(procedures__study_instance_uid=study.study_instance_uid))
    wanted = {*mine.values_list("pk", flat=True), *orders}
    scheduling.hold_exams(Order.objects.filter(pk__in=wanted))
    return study


def _join(study: Study, requested: RequestedProcedure, *, words: str, series: tuple[str, ...], by: Actor) -> None:
    _require_same_person(study, requested)
    against = tuple(contradicts(seen_again(study), candidate_of(requested)))
    corrects = _must_correct(study, against)
    if corrects and settings.ARCHIVE_KIND != "orthanc":
        raise TransitionError(
            "The archive has these images under another patient number, and only an Orthanc can be corrected from here."
            " Correct them at the archive; they are matched again then."
        )
    first = not study.links.filter(active=True).exists()
    hand = ByHand(reason=words, accepted=against, series=series, corrects=corrects)
    link_study(study, requested, evidence=BY_HAND, by=by, hand=hand)
    told = f"linked by {by.display}" + "".join(f", although {why}" for why in against)
    Study.objects.filter(pk=study.pk).update(findings=[told], doubt="")
    study.findings, study.doubt = [told], ""
    if first:
        rehoming.correct_study(study, requested, reason=words, by=by, renames=_renames(against))
    if STUDY.within(study, "readable"):
        task_for_study(study, by=by)


def _require_same_person(study: Study, requested: RequestedProcedure) -> None:
    if _links_of_others(study, requested):
        raise TransitionError(
            "This study belongs to an exam of another patient. One study is one patient's: move all of it, or unlink it"
            " there first."
        )


def _links_of_others(study: Study, requested: RequestedProcedure) -> list[int]:
    """Links of the study to exams of other patients than this exam's."""
    wanted = requested.order.patient.current.pk
    links = study.links.filter(active=True).select_related("requested_procedure__order__patient__merged_into")
    return [one.pk for one in links if one.requested_procedure.order.patient.current.pk != wanted]


def _must_correct(study: Study, against: Iterable[str]) -> bool:
    """The archive calls the patient otherwise, or just now changes what it calls them."""
    return bool(OTHER_PATIENT.intersection(against)) or rehoming.is_moving(study.study_instance_uid)


def _renames(accepted: Iterable[str]) -> bool:
    """Whether the archive's objects get the order's name and birth date. Only an Orthanc's can be given them."""
    return settings.ARCHIVE_KIND == "orthanc" and bool(SAME_NUMBER.intersection(accepted))


def _part(study: Study, links: Iterable[int], *, words: str, by: Actor) -> None:
    """End these links; a study that has no other one goes back to the queue, and the archive's objects to their old
    names."""
    end_links(study, StudyLink.objects.filter(pk__in=list(links)), by=by, reason=words)
    if study.links.filter(active=True).exists():
        return
    STUDY.advance(study, "unlink", findings=[f"unlinked by {by.display}: {words}"], doubt="person")
    rehoming.restore_study(study, reason=words, by=by)
    emit("study.unmatched", study, by=by)


def _restore(study: Study, decision: StudyDecision, *, words: str, by: Actor) -> None:
    """First what was not there before is ended, then what was there is made again."""
    before = {one["requested"]: one for one in decision.before}
    active = study.links.filter(active=True)
    new = [one.pk for one in active if one.requested_procedure_id not in before]
    if before and len(new) == active.count() and not _was_moved(study, before):
        end_links(study, StudyLink.objects.filter(pk__in=new), by=by, reason=words)
    elif new:
        _part(study, new, words=words, by=by)
    for pk, kept in before.items():
        if not study.links.filter(active=True, requested_procedure=pk).exists():
            _link_as_before(study, RequestedProcedure.objects.get(pk=pk), kept, by=by)
    if decision.verb == "order" and decision.requested_procedure is not None:
        _give_up_order(decision.requested_procedure, words=words, by=by)
    Study.objects.filter(pk=study.pk).update(decided=decision.was_decided)
    if STUDY.within(study, "readable"):
        task_for_study(study, by=by)


def _was_moved(study: Study, before: Iterable[int]) -> bool:
    """Whether the study was another patient's before."""
    return any(_links_of_others(study, one) for one in RequestedProcedure.objects.filter(pk__in=before))


def _link_as_before(study: Study, requested: RequestedProcedure, kept: dict[str, Any], *, by: Actor) -> None:
    """The same link as a new row: with its old evidence and its old words, under the number that was the evidence."""
    if kept["evidence"] == SAME_UID and not _is_examined(requested.study_instance_uid):
        requested = give_back_study_uid(requested, study.study_instance_uid, by=MATCHER)
    corrects = _must_correct(study, contradicts(seen_again(study), candidate_of(requested)))
    hand = ByHand(reason=kept["reason"], accepted=tuple(kept["accepted"]), series=tuple(kept["series"]),
                  corrects=corrects)  # fmt: skip
    corrected = kept["by_person"] and not study.links.filter(active=True).exists()
    row = link_study(study, requested, evidence=kept["evidence"], by=by, hand=hand)
    StudyLink.objects.filter(pk=row.pk).update(by_person=kept["by_person"], linked_by=kept["linked_by"])
    Study.objects.filter(pk=study.pk).update(findings=[kept["evidence"]], doubt="")
    if corrects or corrected:
        rehoming.correct_study(study, requested, reason=kept["reason"], by=by, renames=_renames(kept["accepted"]))


def _is_examined(study_uid: str) -> bool:
    """Images have this number, or a device is at work under it: the exam must keep it, or they are nobody's."""
    performed = PerformedProcedureStep.objects.filter(study_instance_uid=study_uid)
    return performed.exists() or Study.objects.filter(study_instance_uid=study_uid).exists()


def _give_up_order(requested: RequestedProcedure, *, words: str, by: Actor) -> None:
    """The order that was made for the study is broken off: it has no images any more."""
    for step in requested.steps.order_by("pk"):
        if STEP.allows(step, "reopen"):
            scheduling.reopen_step(step, reason=words, by=MATCHER)
    discontinue_order(requested.order, reason=words, by=by)


def _taken_at(study: Study, site: Site) -> datetime:
    """When the images were made, by the clock of the site; now when they do not say."""
    try:
        day = datetime.strptime(study.study_date, "%Y%m%d").date()  # noqa: DTZ007  a day has no zone
        at = datetime.strptime(study.study_time[:6], "%H%M%S").time() if study.study_time else time(12)  # noqa: DTZ007
    except ValueError:
        return timezone.now()
    return min(datetime.combine(day, at, tzinfo=site.zone), timezone.now())

"""Questions of safety: answered, and where an answer forbids to begin, overridden by a physician."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.core.texts import faults_of_texts
from ris.orders import permissions
from ris.orders.actions.ending import locked, reason_given
from ris.orders.lifecycle import ORDER
from ris.orders.models import Order, SafetyAnswer
from ris.orders.safety import EFFECT_RANK, KINDS, effect_of, fault_of_value, graver


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. `effect` may make it graver than the rule says; `measured_on` is the day of the value."""

    kind: str
    value: str
    measured_on: date
    source: str
    effect: str = "none"


@transaction.atomic
def answer_safety(order: Order, *, answer: Answer, by: Actor) -> SafetyAnswer:
    """Record an answer; it takes the place of an earlier one of its kind, which stays on record.

    Raises NotPermitted, InvalidInput, TransitionError once the order is over.
    """
    order = locked(order)
    permissions.require_answer(by, order)
    _check(order, answer)
    if not ORDER.within(order, "open"):
        raise TransitionError(f"This order is {order.state}: there is nothing left to answer.")
    SafetyAnswer.objects.filter(order=order, kind=answer.kind, current=True).update(current=False)
    row = SafetyAnswer.objects.create(
        order=order,
        patient=order.patient,
        kind=answer.kind,
        value=answer.value.strip().replace(",", "."),
        unit=KINDS[answer.kind].unit,
        measured_on=answer.measured_on,
        source=answer.source.strip(),
        effect=graver(effect_of(answer.kind, answer.value.strip()), answer.effect),
        answered_at=timezone.now(),
        answered_by_name=by.display,
    )
    audit.record("order.answered", order, by=by, kind=row.kind, value=row.value, effect=row.effect, source=row.source)
    return row


@transaction.atomic
def answer_all(order: Order, answers: Iterable[Answer], *, by: Actor) -> list[SafetyAnswer]:
    """Record what was answered while ordering or booking: all of it, or nothing."""
    return [answer_safety(order, answer=answer, by=by) for answer in answers]


def _check(order: Order, answer: Answer) -> None:
    faults = faults_of_texts(SafetyAnswer, {"source": answer.source.strip()})
    if fault := fault_of_value(answer.kind, answer.value.strip()):
        faults["value"] = fault
    if not answer.source.strip():
        faults["source"] = "Who or what says so? The patient, a laboratory, an implant card."
    if answer.effect not in EFFECT_RANK:
        faults["effect"] = "No effect, caution or hard stop."
    if answer.measured_on > timezone.localdate(timezone=order.site.zone):
        faults["measured_on"] = "This day has not come yet."
    if faults:
        raise InvalidInput("The answer is not complete.", fields=faults)


@transaction.atomic
def override_stop(answer: SafetyAnswer, *, reason: str, by: Actor) -> SafetyAnswer:
    """A physician takes a hard stop upon themselves, by name and with a reason.

    Raises NotPermitted, InvalidInput without a reason, TransitionError when there is nothing to override.
    """
    order = locked(answer.order)
    permissions.require_override(by, order)
    words = reason_given(reason, "override a hard stop")
    changes = {
        "overridden_at": timezone.now(),
        "overridden_by_id": str(by.id),
        "overridden_by_name": by.display,
        "override_reason": words,
    }
    if SafetyAnswer.objects.open_stops().filter(pk=answer.pk).update(**changes) != 1:
        raise TransitionError("This is no open hard stop any more. Look at the order again.")
    answer.refresh_from_db()
    audit.record("order.overridden", order, by=by, kind=answer.kind, value=answer.value, reason=words)
    return answer


def require_startable(order: Order, *, by: Actor) -> None:
    """Part of a step's start: an open hard stop forbids it. Raises TransitionError that says what to do.

    What a device reports has happened already and is never refused (workflow.md rule 1): it is put on record. That a
    device does not get so far is the worklist's part, which withholds the entry.
    """
    stops = [row.words for row in SafetyAnswer.objects.open_stops().filter(order=order)]
    if not stops:
        return
    if by.kind == "system":
        audit.record("order.begun-despite-stop", order, by=by, stops=stops)
        return
    raise TransitionError(
        f"Not safe to begin. {'. '.join(stops)}. A radiologist may override this on the order's page, with a reason."
    )

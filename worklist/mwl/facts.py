"""What a technologist must know before the patient lies down, in the words of the worklist (PS3.3 C.2.4).

(0038,0500) patient state: what was answered to the order's safety questions and calls for care; (0010,21C0) pregnancy;
(0010,2000) medical alerts; (0010,2110) allergies and reactions to contrast; (0038,0050) special needs: isolation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypedDict

from ris.orders.models import SafetyAnswer
from ris.orders.safety import EFFECT_RANK
from ris.patients.models import Patient, PatientAlert, of_people

# (0010,21C0): 1 not pregnant, 2 possibly pregnant, 3 definitely pregnant, 4 unknown
PREGNANCY: Final = {"no": "1", "possible": "2", "yes": "3"}
PREGNANT: Final = "3"
ALLERGY: Final = "allergy"
INFECTION: Final = "infection"
REACTION: Final = "contrast_reaction"
STATE_LENGTH: Final = 64
ELSEWHERE: Final = "see medical alerts"


@dataclass(frozen=True, slots=True)
class Facts:
    """Active alerts by person (the head of the family), current answers by order."""

    alerts: dict[int, list[PatientAlert]]
    answers: dict[int, list[SafetyAnswer]]


class Told(TypedDict):
    """The fields of a WorklistEntry that this module fills."""

    patient_state: str
    pregnancy_status: str
    medical_alerts: tuple[str, ...]
    allergies: tuple[str, ...]
    special_needs: str


def facts_of(people: set[int], orders: set[int]) -> Facts:
    """In two queries; an alert counts whichever record of the person it was noted on."""
    alerts: dict[int, list[PatientAlert]] = defaultdict(list)
    rows = PatientAlert.objects.filter(active=True).select_related("patient").order_by("kind", "-noted_on", "pk")
    for alert in rows.filter(of_people("patient", people)):
        alerts[alert.patient.current_id].append(alert)
    answers: dict[int, list[SafetyAnswer]] = defaultdict(list)
    for answer in SafetyAnswer.objects.filter(order__in=orders, current=True).order_by("kind"):
        answers[answer.order_id].append(answer)
    return Facts(alerts, answers)


def told(facts: Facts, patient: Patient, order_pk: int) -> Told:
    alerts, answers = facts.alerts.get(patient.pk, []), facts.answers.get(order_pk, [])
    gravest_first = sorted(answers, key=lambda answer: -EFFECT_RANK[answer.effect])
    careful = [answer.words for answer in gravest_first if answer.effect != "none"]
    state, cut = _state(careful)
    reactions = [answer.words for answer in answers if answer.kind == REACTION and answer.effect != "none"]
    return Told(
        patient_state=state,
        pregnancy_status=_pregnancy(alerts, answers),
        medical_alerts=(*_words(alert for alert in alerts if alert.kind != ALLERGY), *(careful if cut else ())),
        allergies=(*_words(alert for alert in alerts if alert.kind == ALLERGY), *reactions),
        special_needs="; ".join(f"Isolation: {alert.text}" for alert in alerts if alert.kind == INFECTION),
    )


def _state(careful: list[str]) -> tuple[str, bool]:
    """(0038,0500) holds 64 characters: what does not fit is said in whole among the alerts, of which there are many.

    The second is whether something did not fit.
    """
    said = "; ".join(careful)
    if len(said) <= STATE_LENGTH:
        return said, False
    shown = 0
    while len("; ".join([*careful[: shown + 1], ELSEWHERE])) <= STATE_LENGTH and shown < len(careful):
        shown += 1
    return "; ".join([*careful[:shown], ELSEWHERE]), True


def _words(alerts: Iterable[PatientAlert]) -> tuple[str, ...]:
    return tuple(
        alert.text if alert.kind in {ALLERGY, "other"} else f"{alert.get_kind_display()}: {alert.text}"
        for alert in alerts
    )


def _pregnancy(alerts: list[PatientAlert], answers: list[SafetyAnswer]) -> str:
    """The graver of the order's answer and the patient's alert; unknown is left empty, since nobody was asked."""
    answered = next((PREGNANCY.get(answer.value, "") for answer in answers if answer.kind == "pregnancy"), "")
    return PREGNANT if any(alert.kind == "pregnancy" for alert in alerts) else answered

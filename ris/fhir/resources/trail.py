"""AuditEvent: the audit trail, for those who answer for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q

from ris import audit
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.audit.trail import rows_for
from ris.audit.vocabulary import meaning_of
from ris.fhir.house import house
from ris.fhir.mapping.audit_event import ACTION, OUTCOMES, AuditFacts, audit_event
from ris.fhir.mapping.datatypes import DCM, Json
from ris.fhir.resources.station import Asked, Page, RowStation
from ris.fhir.search.parameters import Code, Key, Moment, Person, Token


def facts_of(row: AuditEvent) -> AuditFacts:
    return AuditFacts(
        key=row.pk,
        at=row.at,
        action=row.action,
        code=(row.event_code, meaning_of(row.event_code)),
        outcome=row.outcome,
        actor=(row.actor_kind, row.actor_id),
        actor_name=row.actor_display,
        target=(row.target_kind, row.target_id),
        patient=row.patient_id,
        study_uid=row.study_uid,
        source=row.source,
    )


def written(rows: Iterable[Any], _user: User) -> list[Json]:
    return [audit_event(facts_of(row), house()) for row in rows]


def typed(system: str | None, code: str) -> Q:
    return Q(event_code=code) if system in (None, DCM) else Q(pk__in=[])


def named(system: str | None, code: str) -> Q:
    return Q(action=code) if system in (None, house().system(ACTION)) else Q(pk__in=[])


class TrailStation(RowStation):
    """Reading the trail is itself recorded."""

    type = "AuditEvent"
    needs = "audit.view"
    what = "The audit trail of the sites that you administer. Reading it is recorded in it."
    model = AuditEvent
    opened = "audit.opened"
    parameters = (
        Key(name="_id", what="The id."),
        Moment(name="_lastUpdated", what="The same as date: rows never change.", field="at", sorts=("at",)),
        Moment(name="date", what="When.", field="at", sorts=("at",)),
        Person(name="patient", what="Whose data.", field="patient_id", element="entity.what"),
        Token(name="type", what="Code of DICOM CID 400.", test=typed),
        Token(name="subtype", what="Our own name of the act.", test=named),
        Code(
            name="outcome", what="0, 4 (refused) or 8.", field="outcome",
            codes={code: [ours] for ours, code in OUTCOMES.items()}, others=("12",),
        ),
    )  # fmt: skip
    write = written

    def visible(self, user: User) -> models.QuerySet[Any]:
        return rows_for(user)

    def search(self, user: User, asked: Asked) -> Page:
        audit.record("audit.opened", ("audit", "trail"), by=user)
        return super().search(user, asked)

    def patient_of(self, row: Any) -> int | None:
        return None

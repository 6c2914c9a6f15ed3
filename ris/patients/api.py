"""/api/v1/patients/: finding, registering, correcting."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.models import User
from ris.core.errors import InvalidInput
from ris.patients import actions, permissions
from ris.patients.finding.resemblance import resembling
from ris.patients.finding.search import search
from ris.patients.models import Patient
from ris.patients.serializers import TYPED, Opening, PatientChange, PatientQuery, PatientSerializer, Registration
from ris.patients.verbs_api import PatientVerbs

MOST_FOUND = 100


def told_apart(data: actions.PatientData, user: User, *, unlike: Iterable[int], sparse: bool) -> set[int]:
    """Which of the named records do resemble. Raises InvalidInput while others do, or for a family name alone."""
    if not sparse and not data.given_name.strip() and data.birth_date is None:
        words = "Add given_name or birth_date; if nothing more is known, send `sparse`: true."
        raise InvalidInput("A family name alone tells nobody apart.", fields={"given_name": words})
    alike = set(resembling(data, user).keys)
    if unseen := sorted(alike - set(unlike)):
        ids = ", ".join(map(str, unseen))
        words = f"Look at {ids}. Use the record if it is the person, else send all of these ids in `unlike`."
        raise InvalidInput("Perhaps the person is registered already.", fields={"unlike": words})
    return alike & set(unlike)


class PatientViewSet(PatientVerbs):
    model = Patient
    needs = "patient.view"

    def visible(self, user: User) -> models.QuerySet[Patient]:
        return Patient.objects.visible_to(user).prefetch_related("identifiers", "sites")

    @extend_schema(parameters=[PatientQuery], responses=PatientSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Patients of your sites; merged records are left out. With `q` the best answers of the search, best first."""
        rows = self.visible(self.user).filter(merged_into__isnull=True)
        text = self.query(PatientQuery)["q"]
        if text:
            best = [patient.pk for patient in search(text, self.user, limit=MOST_FOUND).patients]
            order = models.Case(*[models.When(pk=pk, then=place) for place, pk in enumerate(best)], default=0)
            rows = rows.filter(pk__in=best).order_by(order, "pk")
        return self.page(rows, PatientSerializer)

    @extend_schema(parameters=[Opening], responses=PatientSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One patient. Opening it is recorded in the audit trail; a confidential file wants a `reason`."""
        patient = self.one()
        actions.open_file(patient, by=self.user, reason=self.query(Opening)["reason"])
        return Response(PatientSerializer(patient).data)

    @extend_schema(request=Registration, responses={201: PatientSerializer})
    def create(self, request: Request) -> Response:
        """Register a person at a site; 422 while there are records that resemble and are not named in `unlike`."""
        body = self.body(Registration)
        site, number, unlike, sparse = (body.pop(name) for name in ("site", "number", "unlike", "sparse"))
        permissions.require_register(self.user, site)  # before anybody's records are compared
        data = actions.PatientData(**body)
        seen = told_apart(data, self.user, unlike=unlike, sparse=sparse)
        patient = actions.register_patient(data, site=site, number=number, by=self.user, unlike=seen)
        return Response(PatientSerializer(patient).data, status=201)

    @extend_schema(request=PatientChange, responses=PatientSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Correct a person's data; what is not sent stays."""
        patient = self.one()
        data = {name: getattr(patient, name) for name in TYPED} | self.body(PatientChange, partial=True)
        patient = actions.update_patient(patient, actions.PatientData(**data), by=self.user)
        return Response(PatientSerializer(patient).data)

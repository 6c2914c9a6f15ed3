"""/api/v1/patients/: finding, registering, correcting."""

from __future__ import annotations

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.patients import actions
from ris.patients.finding.search import search
from ris.patients.models import Patient
from ris.patients.serializers import TYPED, Opening, PatientChange, PatientQuery, PatientSerializer, Registration

MOST_FOUND = 100


class PatientViewSet(StationViewSet[Patient]):
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
        """Register a person at a site."""
        body = self.body(Registration)
        site, number = body.pop("site"), body.pop("number")
        patient = actions.register_patient(actions.PatientData(**body), site=site, number=number, by=self.user)
        return Response(PatientSerializer(patient).data, status=201)

    @extend_schema(request=PatientChange, responses=PatientSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Correct a person's data; what is not sent stays."""
        patient = self.one()
        data = {name: getattr(patient, name) for name in TYPED} | self.body(PatientChange, partial=True)
        patient = actions.update_patient(patient, actions.PatientData(**data), by=self.user)
        return Response(PatientSerializer(patient).data)

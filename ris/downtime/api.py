"""/api/v1/downtime-forms/ and /downtime-snapshots/: getting ready for a downtime, entering forms after it."""

from __future__ import annotations

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_bodies import ReasonBody
from ris.accounts.api_files import PDF, PdfRenderer
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.core.http import pdf_answer
from ris.downtime import actions, permissions
from ris.downtime.models import DowntimeForm, Snapshot
from ris.downtime.serializers import (
    EnteredSerializer,
    EntryBody,
    FormPrintBody,
    FormQuery,
    FormSerializer,
    SnapshotQuery,
    SnapshotSerializer,
)
from ris.patients.api import told_apart


class FormViewSet(StationViewSet[DowntimeForm]):
    model = DowntimeForm
    needs = "downtime.view"

    def visible(self, user: User) -> models.QuerySet[DowntimeForm]:
        return DowntimeForm.objects.visible_to(user).select_related("site", "exam")

    @extend_schema(parameters=[FormQuery], responses=FormSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Forms of your sites, the newest first: not used yet, used for which order, spoiled why."""
        query, rows = self.query(FormQuery), self.visible(self.user)
        if accession := query.pop("accession"):
            rows = rows.filter(accession_number__iexact=accession)
        return self.page(rows.filter(**query), FormSerializer)

    @extend_schema(responses=FormSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One form."""
        return Response(FormSerializer(self.one()).data)

    @extend_schema(request=FormPrintBody, responses=PDF)
    @action(detail=False, methods=["post"], url_path="print", renderer_classes=[PdfRenderer, JSONRenderer])
    def put_on_paper(self, request: Request) -> HttpResponse:
        """New forms as a PDF, each with numbers that are given out now and never again; none is printed twice."""
        body = self.body(FormPrintBody)
        _made, pdf = actions.make_forms(body["site"], count=body["count"], by=self.user)
        return pdf_answer(pdf, "downtime-forms.pdf", shown=True)

    @extend_schema(request=EntryBody, responses={201: EnteredSerializer})
    @action(detail=True, methods=["post"])
    def enter(self, request: Request, pk: int) -> Response:
        """Make the order under the numbers of the form, and the exam if it was done; 409 when it was entered before.

        422 while there are records that resemble a newcomer and are not named in `unlike`.
        """
        form, body = self.one(), self.body(EntryBody)
        permissions.require_enter(self.user, form.site_id)  # before anybody's records are compared
        newcomer = EntryBody.newcomer_of(body)
        seen = told_apart(newcomer, self.user, unlike=body["unlike"], sparse=True) if newcomer else set()
        order = actions.enter_form(form, EntryBody.entry_of(body, seen), by=self.user)
        return Response(EnteredSerializer(order).data, status=201)

    @extend_schema(request=ReasonBody, responses=FormSerializer)
    @action(detail=True, methods=["post"])
    def spoil(self, request: Request, pk: int) -> Response:
        """Torn, lost, written on by mistake: nobody will use its number. 409 once it was entered."""
        actions.spoil_form(self.one(), reason=self.body(ReasonBody)["reason"], by=self.user)
        return Response(FormSerializer(self.one()).data)


class SnapshotViewSet(StationViewSet[Snapshot]):
    model = Snapshot
    needs = "downtime.snapshot"

    def visible(self, user: User) -> models.QuerySet[Snapshot]:
        return Snapshot.objects.visible_to(user).select_related("site")

    @extend_schema(parameters=[SnapshotQuery], responses=SnapshotSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Lists of the day of your sites, newest first."""
        return self.page(self.visible(self.user).filter(**self.query(SnapshotQuery)), SnapshotSerializer)

    @extend_schema(responses=PDF)
    @action(detail=True, methods=["get"], renderer_classes=[PdfRenderer, JSONRenderer])
    def file(self, request: Request, pk: int) -> HttpResponse:
        """The list as it lies on disk: a PDF that opens with the passphrase of the site. Taking it is recorded."""
        found = self.one()
        return pdf_answer(actions.open_snapshot(found, by=self.user), found.name, shown=False)

"""/api/v1/prints/: slips, labels and wristbands for a printer of the house, as PDF."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_bodies import LARGEST_ID, Strict, VisibleField, VisibleListField
from ris.accounts.api_files import PDF, PdfRenderer
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import Site, User
from ris.core.errors import InvalidInput
from ris.core.http import pdf_answer
from ris.orders.models import Order
from ris.printing import actions, contents, permissions
from ris.printing.models import KINDS, LABEL_MEDIA, Print
from ris.scheduling.models import Appointment


class PrintSerializer(serializers.ModelSerializer[Print]):
    """A paper that was printed. `copy` is 0 for the first one of its content."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)

    class Meta:
        model = Print
        fields = ["id", "site", "kind", "order", "patient", "copy", "printed_at", "printed_by_name"]
        read_only_fields = fields


class PrintQuery(serializers.Serializer[Any]):
    order = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)


def _printable(user: User) -> models.QuerySet[Appointment]:
    return Appointment.objects.visible_to(user).select_related("patient", "resource", "site")


class DayPrintBody(Strict):
    """One kind of paper for appointments of one site; where labels go, unless as the site has it."""

    kind = serializers.ChoiceField(KINDS)
    appointments = VisibleListField(_printable, min_length=1, max_length=actions.MOST)
    labels = serializers.ChoiceField(LABEL_MEDIA, default="", allow_blank=True)
    used = serializers.IntegerField(
        min_value=0, max_value=23, default=0, help_text="Labels that are gone from the first sheet."
    )


class OrderPrintBody(Strict):
    """Labels of all exams of an order, or one wristband."""

    kind = serializers.ChoiceField(KINDS)
    order = VisibleField(lambda user: Order.objects.visible_to(user).select_related("patient", "site"))


class PrintViewSet(StationViewSet[Print]):
    model = Print
    needs = "paper.print"

    def visible(self, user: User) -> models.QuerySet[Print]:
        return Print.objects.visible_to(user).select_related("site")

    @extend_schema(parameters=[PrintQuery], responses=PrintSerializer(many=True))
    def list(self, request: Request) -> Response:
        """What was printed at your sites, newest first, or of one `order`."""
        return self.page(self.visible(self.user).filter(**self.query(PrintQuery)), PrintSerializer)

    @extend_schema(request=DayPrintBody, responses=PDF)
    @action(detail=False, methods=["post"], renderer_classes=[PdfRenderer, JSONRenderer])
    def appointments(self, request: Request) -> HttpResponse:
        """Print for one appointment or many, by time; what was printed before says COPY. Each paper is recorded."""
        body = self.body(DayPrintBody)
        found: list[Appointment] = sorted(body["appointments"], key=lambda one: (one.start, one.pk))
        if len({one.site_id for one in found}) != 1:
            words = "Appointments of several sites are printed site by site."
            raise InvalidInput("Nothing was printed.", fields={"appointments": words})
        permissions.require_print(self.user, found[0].site_id)
        papers = contents.of_appointments(body["kind"], found)
        medium = actions.Medium(labels=body["labels"], used=body["used"])
        return self._printed(papers, found[0].site, medium)

    @extend_schema(request=OrderPrintBody, responses=PDF)
    @action(detail=False, methods=["post"], renderer_classes=[PdfRenderer, JSONRenderer])
    def order(self, request: Request) -> HttpResponse:
        """Print for an order, booked or not; what was printed before says COPY. Each paper is recorded."""
        body = self.body(OrderPrintBody)
        permissions.require_print(self.user, body["order"].site_id)
        return self._printed(contents.of_order(body["kind"], body["order"]), body["order"].site, None)

    def _printed(self, papers: Any, site: Site, medium: actions.Medium | None) -> HttpResponse:
        pdf = actions.print_papers(papers, site=site, by=self.user, medium=medium)
        return pdf_answer(pdf, f"{papers[0].kind}.pdf", shown=True)

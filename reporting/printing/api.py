"""POST /api/v1/reports/print/: signed reports in one file, for a printer of the house."""

from __future__ import annotations

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from reporting.models import Report
from reporting.printing.actions import MOST, print_reports
from ris.accounts.api_bodies import Strict, VisibleListField
from ris.accounts.api_files import PDF, PdfRenderer
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.core.http import pdf_answer


def _readable(user: User) -> models.QuerySet[Report]:
    return Report.objects.visible_to(user).select_related("task")


class ReportPrintBody(Strict):
    """Reports in the order in which they shall lie on the desk."""

    reports = VisibleListField(_readable, min_length=1, max_length=MOST)


class PrintDoor(StationViewSet[Report]):
    """What ReportViewSet can besides."""

    @extend_schema(request=ReportPrintBody, responses=PDF)
    @action(detail=False, methods=["post"], url_path="print", renderer_classes=[PdfRenderer, JSONRenderer])
    def put_on_paper(self, request: Request) -> HttpResponse:
        """The newest version of each in one PDF; what was printed before is marked COPY, what lost images since its
        signature UNDER REVIEW. Each one is recorded.

        422 for a report that is not final, or has not been released.
        """
        pdf = print_reports(self.body(ReportPrintBody)["reports"], by=self.user)
        return pdf_answer(pdf, "reports.pdf", shown=True)

"""GET /api/v1/charges/: what was signed, corrected and withdrawn, for a billing system."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reporting.billing import charges
from reporting.billing_forms import fault_of_days
from reporting.models import ReportVersion
from ris import audit
from ris.accounts.api_bodies import SiteField
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User


class ChargeSerializer(serializers.Serializer[Any]):
    """One billing code of one exam. `quantity` is negative where an exam was withdrawn; a correction says 0."""

    event = serializers.CharField(help_text="signed, corrected or cancelled.")
    signed_on = serializers.DateField(help_text="By the clock of the site.")
    site = serializers.CharField()
    report = serializers.IntegerField()
    version = serializers.IntegerField()
    patient_id = serializers.CharField(help_text="The patient's number at the site; empty where there is none.")
    order = serializers.CharField(help_text="Filler number.")
    accession = serializers.CharField()
    procedure = serializers.CharField()
    side = serializers.CharField(help_text="R, L, B or empty.")
    scheme = serializers.CharField()
    code = serializers.CharField(help_text="Empty for a procedure without billing codes.")
    quantity = serializers.IntegerField()
    signer = serializers.CharField()


class ChargeQuery(serializers.Serializer[Any]):
    """A site that you manage and its days, both included, at most a year."""

    site = SiteField("site.manage")
    first = serializers.DateField()
    last = serializers.DateField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if fault := fault_of_days(attrs["first"], attrs["last"]):
            raise serializers.ValidationError({"last": fault})
        return attrs


class ChargeViewSet(StationViewSet[ReportVersion]):
    model = ReportVersion
    needs = "site.manage"

    def visible(self, user: User) -> models.QuerySet[ReportVersion]:
        return ReportVersion.objects.filter(report__site__in=user.sites_where("site.manage"))

    @extend_schema(parameters=[ChargeQuery], responses=ChargeSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Charges of those days, oldest first. That they were fetched is recorded."""
        query = self.query(ChargeQuery)
        site, first, last = query["site"], query["first"], query["last"]
        rows = self.paginate_queryset(list(charges(site, first, last)))  # type: ignore[arg-type]  # any sequence
        period = f"{first} to {last}"
        audit.record("report.billing-exported", site, by=self.user, site_id=site.pk, period=period)
        return self.get_paginated_response(ChargeSerializer(rows, many=True).data)

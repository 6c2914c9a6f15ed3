"""GET /api/v1/reports/search/: the archive of signed reports, by words and by choices."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from reporting.finding.listed import note_listed
from reporting.finding.query import read
from reporting.finding.search import FACETS, search
from reporting.finding.showing import of_similar_people, rows_of
from reporting.models import Report
from ris.accounts.api_bodies import LARGEST_ID
from ris.accounts.api_stations import StationViewSet

CHOSEN = r"^[A-Za-z0-9]*$"


class SearchQuery(serializers.Serializer[Any]):
    """As the box of the page: all words must be there, a phrase in quotation marks, a minus leaves a word out."""

    q = serializers.CharField(max_length=200, default="", allow_blank=True)
    site = serializers.RegexField(CHOSEN, max_length=64, default="", allow_blank=True, help_text="A value of `facets`.")
    modality = serializers.RegexField(CHOSEN, max_length=64, default="", allow_blank=True)
    year = serializers.RegexField(CHOSEN, max_length=64, default="", allow_blank=True)
    signer = serializers.RegexField(CHOSEN, max_length=64, default="", allow_blank=True)
    before = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID, required=False, help_text="`older_than` of the page before."
    )


class ChoiceSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField()


class FacetsSerializer(serializers.Serializer[Any]):
    """What can be chosen, counted among the newest thousand that were found."""

    site = ChoiceSerializer(many=True)
    modality = ChoiceSerializer(many=True)
    year = ChoiceSerializer(many=True)
    signer = ChoiceSerializer(many=True)


class FoundReportSerializer(serializers.Serializer[Any]):
    """A report by its newest version that has left, and the sentence that has the words."""

    report = serializers.IntegerField(source="report.pk")
    version = serializers.IntegerField(source="version.pk")
    site = serializers.CharField(source="report.site.code")
    patient = serializers.IntegerField(source="report.task.patient_id")
    accession_numbers = serializers.ListField(child=serializers.CharField(), source="version.accession_numbers")
    kind = serializers.CharField(source="version.kind")
    signer_name = serializers.CharField(source="version.signature.signer_name")
    signed_at = serializers.DateTimeField(source="version.signature.signed_at")
    quote = serializers.CharField()
    images_moved = serializers.BooleanField(
        source="report.images_moved", help_text="Images left its exam after it was signed: it may be another patient's."
    )


class SearchSerializer(serializers.Serializer[Any]):
    """`similar`: when nothing has the words, the newest reports of people whose name is like them."""

    count = serializers.IntegerField(help_text="At most 1000.")
    counted_all = serializers.BooleanField(help_text="Whether there are no more than `count`.")
    older_than = serializers.IntegerField(allow_null=True, help_text="`before` of the next page; null on the last.")
    facets = FacetsSerializer()
    results = FoundReportSerializer(many=True)
    similar = FoundReportSerializer(many=True)


class SearchDoor(StationViewSet[Report]):
    """What ReportViewSet can besides."""

    @extend_schema(parameters=[SearchQuery], responses=SearchSerializer)
    @action(detail=False, methods=["get"], pagination_class=None)
    def search(self, request: Request) -> Response:
        """Signed reports of your sites that have the words, newest first, 25 a page."""
        asked = self.query(SearchQuery)
        query = read(asked["q"])
        chosen = {kind: asked[kind] for kind in FACETS if asked[kind]}
        found = search(query, self.user.sites_where("report.view"), chosen, before=asked.get("before"))
        similar = of_similar_people(asked["q"], self.user) if asked["q"] and not found.count else []
        results = rows_of(found, query, self.user)
        note_listed([*results, *similar], by=self.user)
        told = {
            "count": found.count, "counted_all": found.counted_all, "older_than": found.older_than,
            "facets": {kind: found.facets.get(kind, []) for kind in FACETS},
            "results": results, "similar": similar,
        }  # fmt: skip
        return Response(SearchSerializer(told).data)

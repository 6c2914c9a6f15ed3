"""/api/v1/autotexts/: those that one can use; one's own are made, changed, taken in and removed."""

from __future__ import annotations

from django.db import models
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from reporting.autotext import actions
from reporting.autotext.record import Autotext
from reporting.autotext.serializers import AutotextBody, AutotextSerializer, ManyBody
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User

ONE = OpenApiExample("An autotext", value={"keyword": "nopneu", "text": "No pneumothorax."}, request_only=True)


class AutotextViewSet(StationViewSet[Autotext]):
    """Your own, and those of your groups and sites; only your own are changed here."""

    model = Autotext
    needs = "report.write"

    def visible(self, user: User) -> models.QuerySet[Autotext]:
        rows = Autotext.objects.visible_to(user).select_related("procedure", "group", "site")
        return rows.distinct().order_by("keyword", "pk")

    @extend_schema(responses=AutotextSerializer(many=True))
    def list(self, request: Request) -> Response:
        """All that you can use."""
        return self.page(self.visible(self.user), AutotextSerializer)

    @extend_schema(responses=AutotextSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One autotext."""
        return Response(AutotextSerializer(self.one()).data)

    @extend_schema(request=AutotextBody, responses={201: AutotextSerializer}, examples=[ONE])
    def create(self, request: Request) -> Response:
        """Make one of your own."""
        made = actions.write_autotext(None, actions.Written(**self.body(AutotextBody)), by=self.user)
        return Response(AutotextSerializer(made).data, status=201)

    @extend_schema(request=AutotextBody, responses=AutotextSerializer, examples=[ONE])
    def update(self, request: Request, pk: int) -> Response:
        """Change one of your own."""
        body, found = self.body(AutotextBody), self.one()
        return Response(AutotextSerializer(actions.write_autotext(found, actions.Written(**body), by=self.user)).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: int) -> Response:
        """Remove one of your own."""
        actions.remove_autotext(self.one(), by=self.user)
        return Response(status=204)

    @extend_schema(request=ManyBody, responses=AutotextSerializer(many=True))
    @action(detail=False, methods=["post"], url_path="take-in", pagination_class=None)
    def take_in(self, request: Request) -> Response:
        """Take in several: new ones are added, those of the same keyword, section and exam replaced; all or none."""
        actions.take_in(self.body(ManyBody)["autotexts"], by=self.user)
        own = Autotext.objects.own(self.user).select_related("procedure").order_by("keyword", "pk")
        return Response(AutotextSerializer(own, many=True).data)

"""/api/v1/closures/, /kept-times/ and /holidays/: when rooms are not to be had, set by a site's administrators."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import Site, User
from ris.scheduling import actions
from ris.scheduling.closed import closing, coming
from ris.scheduling.models import Block, Closure, Holiday
from ris.scheduling.times_serializers import (
    AddedClosuresSerializer,
    AddedHolidaySerializer,
    AddedKeptTimesSerializer,
    ClosureBody,
    ClosureSerializer,
    HolidayBody,
    HolidaySerializer,
    KeptTimeBody,
    KeptTimeSerializer,
    ManagedSiteQuery,
    StretchBody,
)


class ClosingViewSet(StationViewSet[Any]):
    """What the three share. `kind` is a key of CLOSING."""

    needs = "site.manage"
    kind: ClassVar[str]

    def visible(self, user: User) -> models.QuerySet[Any]:
        return closing(self.kind, Site.objects.filter(pk__in=user.sites_where("site.manage")))

    def _coming(self, form: type[serializers.BaseSerializer[Any]]) -> Response:
        chosen = self.query(ManagedSiteQuery)
        sites = [chosen["site"]] if chosen else Site.objects.filter(pk__in=self.user.sites_where("site.manage"))
        return self.page(coming(self.kind, sites), form)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: int) -> Response:
        """The room, or the site, is to be had again then."""
        actions.remove(self.one(), by=self.user)
        return Response(status=204)


class ClosureViewSet(ClosingViewSet):
    model = Closure
    kind = "closure"

    @extend_schema(parameters=[ManagedSiteQuery], responses=ClosureSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Closures of rooms that are not over, by time."""
        return self._coming(ClosureSerializer)

    @extend_schema(request=ClosureBody, responses={201: AddedClosuresSerializer})
    def create(self, request: Request) -> Response:
        """Close a room, once or each week. Who is booked then stays, and is counted."""
        body = self.body(ClosureBody)
        added = actions.close_room(StretchBody.when(body), reason=body["reason"], by=self.user)
        return Response(AddedClosuresSerializer({"added": added}).data, status=201)


class KeptTimeViewSet(ClosingViewSet):
    model = Block
    kind = "block"

    @extend_schema(parameters=[ManagedSiteQuery], responses=KeptTimeSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Time that is kept for a purpose and not over, by time."""
        return self._coming(KeptTimeSerializer)

    @extend_schema(request=KeptTimeBody, responses={201: AddedKeptTimesSerializer})
    def create(self, request: Request) -> Response:
        """Keep time of a room for a purpose, once or each week."""
        body = self.body(KeptTimeBody)
        when = StretchBody.when(body)
        added = actions.keep_time(when, purpose=body["purpose"], note=body["note"], by=self.user)
        return Response(AddedKeptTimesSerializer({"added": added}).data, status=201)


class HolidayViewSet(ClosingViewSet):
    model = Holiday
    kind = "holiday"

    @extend_schema(parameters=[ManagedSiteQuery], responses=HolidaySerializer(many=True))
    def list(self, request: Request) -> Response:
        """Holidays from today on."""
        return self._coming(HolidaySerializer)

    @extend_schema(request=HolidayBody, responses={201: AddedHolidaySerializer})
    def create(self, request: Request) -> Response:
        """Close all rooms of a site on a day; 422 when it is a holiday already."""
        body = self.body(HolidayBody)
        added = actions.add_holiday(body["site"], day=body["day"], name=body["name"], by=self.user)
        return Response(AddedHolidaySerializer(added).data, status=201)

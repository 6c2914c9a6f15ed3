"""/api/v1/case-objects/: what lies beside the images of a case, and storing again what the archive did not take."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_bodies import LARGEST_ID, Strict
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from viewer.beside.actions import store_again
from viewer.beside.listing import listing
from viewer.beside.waiting import waiting_of
from worklist.models import ReadingTask


class BesideSerializer(serializers.Serializer[Any]):
    """An object: `state` is kept, failed, stored, replaced, superseded or withdrawn; `delivery` may be tried again."""

    kind = serializers.CharField()
    state = serializers.CharField()
    words = serializers.CharField()
    study_instance_uid = serializers.CharField(source="study")
    series_instance_uid = serializers.CharField(source="series", allow_blank=True)
    sop_instance_uid = serializers.CharField(source="sop")
    modality = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    author = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField(allow_null=True)
    delivery = serializers.IntegerField(source="retry", allow_null=True)


class ListingSerializer(serializers.Serializer[Any]):
    """All of a case. `problem`: the archive could not be asked, and what it holds is missing."""

    problem = serializers.CharField(allow_blank=True)
    left_out = serializers.IntegerField(help_text="How many older objects the archive holds that are not listed.")
    objects = BesideSerializer(source="rows", many=True)


class AgainBody(Strict):
    delivery = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, help_text="Of an object of the case.")


class ObjectViewSet(StationViewSet[ReadingTask]):
    """By the id of a case, for those who read at its site."""

    model = ReadingTask
    needs = "reading.list"

    def visible(self, user: User) -> models.QuerySet[ReadingTask]:
        return ReadingTask.objects.visible_to(user).select_related("site", "patient")

    @extend_schema(responses=ListingSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """Measurements, segmentations, key images and documents of a case: where each stands, by whom, when."""
        return Response(ListingSerializer(listing(self.one())).data)

    @extend_schema(request=AgainBody, responses=ListingSerializer)
    @action(detail=True, methods=["post"], url_path="store-again")
    def store_again(self, request: Request, pk: int) -> Response:
        """Store an object that is kept here now; 404 when the archive has it already."""
        task, body = self.one(), self.body(AgainBody)
        store_again(waiting_of(task, body["delivery"]), task=task, by=self.user)
        return Response(ListingSerializer(listing(task)).data)

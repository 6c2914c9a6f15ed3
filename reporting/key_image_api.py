"""/api/v1/key-images/: the images that a report points out."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from reporting.actions.key_images import LONGEST_LABEL, Shown, choose_key_image, leave_out_key_image
from reporting.models import KeyImage, Report
from ris.accounts.api_bodies import Strict, VisibleField
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User

UID = r"^[0-9]+(\.[0-9]+)*$"
MOST_FRAMES = 100_000
POINTED_OUT = OpenApiExample(
    "The third frame",
    value={"report": 2, "study_uid": "1.2.3", "sop_uid": "1.2.3.4.5", "frame": 3, "label": "The nodule"},
    request_only=True,
)


class KeyImageSerializer(serializers.ModelSerializer[KeyImage]):
    """An image that somebody pointed out; `frame` is 0 for the whole object."""

    case = serializers.IntegerField(source="task_id", read_only=True)

    class Meta:
        model = KeyImage
        fields = ["id", "case", "study_instance_uid", "series_instance_uid", "sop_instance_uid", "frame", "label",
                  "place", "origin", "chosen_by_name", "chosen_at", "left_out", "problem"]  # fmt: skip
        read_only_fields = fields


def written(user: User) -> models.QuerySet[Report]:
    return Report.objects.visible_to(user).filter(site__in=user.sites_where("report.write"))


class ChooseBody(Strict):
    """Which image, for the draft of which report."""

    report = VisibleField(written)
    study_uid = serializers.RegexField(UID, max_length=64)
    sop_uid = serializers.RegexField(UID, max_length=64)
    series_uid = serializers.RegexField(UID, max_length=64, default="", allow_blank=True)
    frame = serializers.IntegerField(min_value=0, max_value=MOST_FRAMES, default=0)
    label = serializers.CharField(max_length=LONGEST_LABEL, default="", allow_blank=True)  # type: ignore[assignment]


class KeyImageQuery(serializers.Serializer[Any]):
    case = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)


class KeyImageViewSet(StationViewSet[KeyImage]):
    model = KeyImage
    needs = "report.write"

    def visible(self, user: User) -> models.QuerySet[KeyImage]:
        return KeyImage.objects.visible_to(user).select_related("task").defer("picture")

    @extend_schema(parameters=[KeyImageQuery], responses=KeyImageSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Key images of your sites, newest first, or of one case."""
        query = self.query(KeyImageQuery)
        chosen = {"task": query["case"]} if "case" in query else {}
        return self.page(self.visible(self.user).filter(**chosen).order_by("-pk"), KeyImageSerializer)

    @extend_schema(request=ChooseBody, responses={201: KeyImageSerializer}, examples=[POINTED_OUT])
    def create(self, request: Request) -> Response:
        """Point an image of the case out; once more changes its label."""
        body = self.body(ChooseBody)
        kept = choose_key_image(body.pop("report"), Shown(**body), by=self.user)
        return Response(KeyImageSerializer(kept).data, status=201)

    @extend_schema(request=None, responses=KeyImageSerializer)
    @action(detail=True, methods=["post"], url_path="leave-out")
    def leave_out(self, request: Request, pk: int) -> Response:
        """Not a key image any more."""
        return Response(KeyImageSerializer(leave_out_key_image(self.one(), by=self.user)).data)

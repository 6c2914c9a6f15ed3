"""/api/v1/dictations/: recordings of drafts, for microphones and typing pools of a house's own."""

from __future__ import annotations

from django.db import models
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from reporting.dictation import actions
from reporting.dictation.audio import ENDINGS
from reporting.dictation.record import Clip
from reporting.dictation.serializers import ClipQuery, ClipSerializer, DictateBody, TypedBody
from reporting.dictation.sound import sound_of
from ris.accounts.api_files import BytesRenderer
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User

TYPED = OpenApiExample("A sentence", value={"text": "No consolidation."}, request_only=True)


class WebmRenderer(BytesRenderer):
    media_type, format = "audio/webm", "webm"


class OggRenderer(BytesRenderer):
    media_type, format = "audio/ogg", "ogg"


class WavRenderer(BytesRenderer):
    media_type, format = "audio/wav", "wav"


class DictationViewSet(StationViewSet[Clip]):
    """Writers see all of their sites; typists what waits to be typed."""

    model = Clip
    needs = "dictation.hear"

    def visible(self, user: User) -> models.QuerySet[Clip]:
        rows = Clip.objects.visible_to(user)
        return rows.select_related("site", "author", "report__task", "report__template", "report__site")

    @extend_schema(parameters=[ClipQuery], responses=ClipSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Recordings, the oldest first."""
        query = self.query(ClipQuery)
        return self.page(self.visible(self.user).filter(**query).order_by("recorded_at", "pk"), ClipSerializer)

    @extend_schema(responses=ClipSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One recording, without its sound."""
        return Response(ClipSerializer(self.one()).data)

    @extend_schema(request=DictateBody, responses={201: ClipSerializer})
    def create(self, request: Request) -> Response:
        """Keep a recording with the draft of a case that you hold, where the site allows it."""
        body = self.body(DictateBody)
        recording = actions.Recording(body["section"], body["seconds"], body["audio"])
        return Response(ClipSerializer(actions.record_clip(body["report"], recording, by=self.user)).data, status=201)

    @extend_schema(responses={(200, kind): OpenApiTypes.BINARY for kind in ENDINGS})
    @action(detail=True, methods=["get"], renderer_classes=[WebmRenderer, OggRenderer, WavRenderer, JSONRenderer])
    def sound(self, request: Request, pk: int) -> HttpResponse:
        """The recording as it was sent. Listening is recorded in the audit trail."""
        return sound_of(self.one(), request.headers.get("Range", ""), by=self.user)

    @extend_schema(request=None, responses=ClipSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: int) -> Response:
        """Take a recording to type it; 409 while somebody else types it, for two hours at most."""
        return Response(ClipSerializer(actions.claim_clip(self.one(), by=self.user)).data)

    @extend_schema(request=None, responses=ClipSerializer)
    @action(detail=True, methods=["post"], url_path="put-back")
    def put_back(self, request: Request, pk: int) -> Response:
        """Give it back to the queue, untyped: yours to type, or one that you dictated."""
        return Response(ClipSerializer(actions.put_back(self.one(), by=self.user)).data)

    @extend_schema(request=TypedBody, responses=ClipSerializer, examples=[TYPED])
    @action(detail=True, methods=["post"])
    def type(self, request: Request, pk: int) -> Response:
        """Put what was dictated into the draft; its author checks it before it can be signed."""
        typed = actions.type_clip(self.one(), text=self.body(TypedBody)["text"], by=self.user)
        return Response(ClipSerializer(typed).data)

    @extend_schema(request=None, responses=ClipSerializer)
    @action(detail=True, methods=["post"])
    def checked(self, request: Request, pk: int) -> Response:
        """You hold the case, have read what was typed, and stand for it."""
        return Response(ClipSerializer(actions.confirm_clip(self.one(), by=self.user)).data)

    @extend_schema(request=None, responses=ClipSerializer)
    @action(detail=True, methods=["post"], url_path="delete-sound")
    def delete_sound(self, request: Request, pk: int) -> Response:
        """Delete the sound of a recording; what was typed from it stays in the draft."""
        return Response(ClipSerializer(actions.delete_clip(self.one(), by=self.user)).data)

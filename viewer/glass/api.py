"""/api/v1/emergency-accesses/: opening a study in an emergency, ending it, and looking at it afterwards."""

from __future__ import annotations

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris import audit
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.core.http import get_or_404, require_somewhere
from viewer import grants
from viewer.glass import actions
from viewer.glass.lifecycle import GLASS
from viewer.glass.models import EmergencyAccess
from viewer.glass.serializers import AccessQuery, AccessSerializer, EmergencyBody, OpenedStudiesSerializer, ReviewBody

FOR_OFFICERS = "Emergency accesses are reviewed by administrators."


class EmergencyViewSet(StationViewSet[EmergencyAccess]):
    """Opened by those who treat or read; listed and reviewed by those who watch over it."""

    model = EmergencyAccess
    needs = (actions.RIGHT, actions.REVIEW)

    def visible(self, user: User) -> models.QuerySet[EmergencyAccess]:
        return EmergencyAccess.objects.visible_to(user).select_related("user", "study", "site")

    @extend_schema(parameters=[AccessQuery], responses=AccessSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Those of your sites that wait for a review, or all; the latest first. Looking is recorded."""
        require_somewhere(self.user, actions.REVIEW, FOR_OFFICERS)
        rows = self.visible(self.user)
        if not self.query(AccessQuery)["all"]:
            rows = rows.filter(state__in=GLASS.groups["waiting"])
        audit.record("audit.emergency-viewed", ("url", "emergency"), by=self.user)
        return self.page(rows, AccessSerializer)

    @extend_schema(request=EmergencyBody, responses={201: OpenedStudiesSerializer})
    def create(self, request: Request) -> Response:
        """Open the studies of a number for an hour, with a reason; administrators are told at once."""
        require_somewhere(self.user, actions.RIGHT, actions.FOR_WHOM)
        body = self.body(EmergencyBody)
        studies = actions.break_glass(body["study"], reason=body["reason"], by=self.user)
        self._forget()
        return Response(OpenedStudiesSerializer({"studies": studies}).data, status=201)

    @extend_schema(responses=AccessSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def mine(self, request: Request) -> Response:
        """Your own that still last."""
        require_somewhere(self.user, actions.RIGHT, actions.FOR_WHOM)
        rows = self._own().filter(pk__in=EmergencyAccess.objects.running().values("pk"))
        return Response(AccessSerializer(rows, many=True).data)

    @extend_schema(request=None, responses=AccessSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: int) -> Response:
        """You need yours no more. Safe to repeat."""
        require_somewhere(self.user, actions.RIGHT, actions.FOR_WHOM)
        access = actions.end_access(get_or_404(self._own(), pk), by=self.user)
        self._forget()
        return Response(AccessSerializer(access).data)

    @extend_schema(request=ReviewBody, responses=AccessSerializer)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: int) -> Response:
        """Say whether somebody else's was right; 409 when it was reviewed before."""
        require_somewhere(self.user, actions.REVIEW, FOR_OFFICERS)
        access, body = self.one(), self.body(ReviewBody)
        done = actions.review(access, verb=body["outcome"], remark=body["remark"], by=self.user)
        return Response(AccessSerializer(done).data)

    def _own(self) -> models.QuerySet[EmergencyAccess]:
        return EmergencyAccess.objects.filter(user=self.user).select_related("user", "study", "site")

    def _forget(self) -> None:
        """What a browser's session was granted; what a program was granted is asked anew within seconds."""
        session = getattr(self.request, "session", None)
        grants.forget(getattr(session, "session_key", None) or "")

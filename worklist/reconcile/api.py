"""Deciding about studies over /api/v1/studies/: the same actions as on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_files import JpegRenderer
from ris.accounts.api_schema import ErrorSerializer
from ris.accounts.api_stations import StationViewSet
from ris.accounts.scopes import sees
from ris.core.errors import NotPermitted
from ris.core.http import get_or_404, require_somewhere
from worklist.actions import decisions
from worklist.actions.series import give_series
from worklist.models import Study
from worklist.permissions import require_reconcile
from worklist.reconcile.decisions import StudyDecision
from worklist.reconcile.nearby import exams_near
from worklist.reconcile.pictures import picture_of
from worklist.reconcile.serializers import (
    CandidateQuery,
    CandidateSerializer,
    DecisionSerializer,
    LinkBody,
    MoveSeriesBody,
    OrderForStudyBody,
    PictureQuery,
    SplitBody,
    UndoBody,
    UnlinkBody,
)
from worklist.reconcile.whole import require_whole

FOR_RECONCILERS = "Reconciling studies is for technologists and radiologists."
IMAGES = "viewer/dicom-web/"
SILENT = OpenApiResponse(ErrorSerializer, "The archive does not answer; nothing was lost.")


class DecidingViewSet(StationViewSet[Study]):
    """What StudyViewSet can besides showing studies."""

    def _decided(self, form: type[Any], act: Callable[..., StudyDecision]) -> Response:
        """Asked for the right before the object is looked for."""
        if not self.user.may("study.reconcile", None):
            raise NotPermitted(FOR_RECONCILERS)
        study = get_or_404(Study.objects.decidable_by(self.user), self.kwargs["pk"])
        return Response(DecisionSerializer(act(study, self.body(form))).data)

    @extend_schema(parameters=[CandidateQuery], responses=CandidateSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def candidates(self, request: Request, pk: int) -> Response:
        """The exams that a study may belong to, best first, with what agrees and what differs."""
        study = self.one()
        require_reconcile(self.user, study.site_id)
        found = exams_near(study, self.user, text=self.query(CandidateQuery)["q"])
        return Response(CandidateSerializer(found, many=True).data)

    @extend_schema(responses=DecisionSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def decisions(self, request: Request, pk: int) -> Response:
        """What people decided about a study, latest first."""
        study = self.one()
        require_reconcile(self.user, study.site_id)
        return Response(DecisionSerializer(study.decisions.all(), many=True).data)

    @extend_schema(parameters=[PictureQuery], responses={(200, "image/jpeg"): OpenApiTypes.BINARY, 503: SILENT})
    @action(detail=True, methods=["get"], renderer_classes=[JpegRenderer, JSONRenderer])
    def picture(self, request: Request, pk: int) -> HttpResponse:
        """The middle image of a series, small, for those who decide whose it is. A token needs viewer:read beside."""
        require_somewhere(self.user, "study.reconcile", FOR_RECONCILERS)
        if not sees(self.user, IMAGES):  # a token for lists has no images
            raise NotPermitted("This token lacks the scope viewer:read.")
        study = get_or_404(Study.objects.visible_to(self.user), pk)
        jpeg = picture_of(study, self.query(PictureQuery)["series"])
        return HttpResponse(jpeg, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})

    @extend_schema(request=LinkBody, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def link(self, request: Request, pk: int) -> Response:
        """The study answers this procedure. Where the archive names another patient it is corrected first."""
        return self._decided(LinkBody, lambda study, body: decisions.link(
            study, body["requested_procedure"], reason=body["reason"], by=self.user, moves=body["moves"]))  # fmt: skip

    @extend_schema(request=UnlinkBody, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def unlink(self, request: Request, pk: int) -> Response:
        """The study does not answer this procedure."""
        return self._decided(UnlinkBody, lambda study, body: decisions.unlink(
            study, requested=body.get("requested_procedure"), reason=body["reason"], by=self.user))  # fmt: skip

    @extend_schema(request=SplitBody, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: int) -> Response:
        """Some of its series answer another procedure of the same patient."""
        return self._decided(SplitBody, lambda study, body: decisions.split(
            study, body["requested_procedure"], series=body["series"],
            reason=body["reason"], by=self.user))  # fmt: skip

    @extend_schema(request=MoveSeriesBody, responses=DecisionSerializer)
    @action(detail=True, methods=["post"], url_path="move-series")
    def move_series(self, request: Request, pk: int) -> Response:
        """Some of its series are another patient's: in the archive too they go to that patient's exam. Undo brings
        them back.
        """

        def move(study: Study, body: dict[str, Any]) -> StudyDecision:
            require_whole(study, body["series"])
            return give_series(study, body["requested_procedure"], series=body["series"], reason=body["reason"],
                               by=self.user)  # fmt: skip

        return self._decided(MoveSeriesBody, move)

    @extend_schema(request=OrderForStudyBody, responses=DecisionSerializer)
    @action(detail=True, methods=["post"], url_path="order")
    def make_order(self, request: Request, pk: int) -> Response:
        """Make the order that is missing, and link the study to it."""

        def make(study: Study, body: dict[str, Any]) -> StudyDecision:
            reason = body.pop("reason")
            return decisions.order_for(study, decisions.Missing(**body), reason=reason, by=self.user)

        return self._decided(OrderForStudyBody, make)

    @extend_schema(request=UndoBody, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int) -> Response:
        """Take the latest decision back."""
        return self._decided(UndoBody, lambda study, body: decisions.undo(
            get_or_404(study.decisions.all(), body["decision"]), reason=body["reason"], by=self.user))  # fmt: skip

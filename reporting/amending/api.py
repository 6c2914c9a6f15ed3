"""/api/v1/amendments/: addenda, corrections and withdrawals up to their signature, given in the browser only."""

from __future__ import annotations

from django.db import models
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from reporting.actions import amend
from reporting.amending.joining import both_of
from reporting.amending.joining_body import AmendmentJoiningBody
from reporting.amending.record import Amendment
from reporting.amending.serializers import AmendmentSerializer, BeginBody, SaveBody
from reporting.models import Report
from reporting.number_serializers import AmendmentBothSerializer
from ris import audit
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User

SAVED = OpenApiExample(
    "An addendum",
    value={"revision": 0, "seen": 1, "texts": ["Compared with the films of 2019: unchanged."]},
    request_only=True,
)


KEPT = ("reason", "left_out", "caller", "called_at", "key_images")


class AmendmentViewSet(StationViewSet[Amendment]):
    """Signing any of them needs the password or second factor once more: not part of the API."""

    model = Amendment
    needs = "report.sign_final"

    def visible(self, user: User) -> models.QuerySet[Amendment]:
        theirs = Amendment.objects.filter(author_id=str(user.pk), report__in=Report.objects.visible_to(user))
        return theirs.select_related("report__task", "report__site")

    @extend_schema(responses=AmendmentSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Your own drafts, and what became of them."""
        return self.page(self.visible(self.user).order_by("-pk"), AmendmentSerializer)

    @extend_schema(responses=AmendmentSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One draft. Opening it is recorded in the audit trail."""
        found = self.one()
        audit.record("report.viewed", found.report, by=self.user, patient=found.report.task.patient_id)
        return Response(AmendmentSerializer(found).data)

    @extend_schema(request=BeginBody, responses={201: AmendmentSerializer})
    def create(self, request: Request) -> Response:
        """Begin an addendum, a correction or a withdrawal; who has begun one is given it."""
        body = self.body(BeginBody)
        begun = amend.begin_amendment(body["report"], kind=body["kind"], by=self.user)
        return Response(AmendmentSerializer(begun).data, status=201)

    @extend_schema(request=SaveBody, responses=AmendmentSerializer, examples=[SAVED])
    @action(detail=True, methods=["put"])
    def texts(self, request: Request, pk: int) -> Response:
        """Keep what was written; 409 when `revision` is not the latest."""
        body, found = self.body(SaveBody), self.one()
        revision = body.pop("revision")
        said = {name: getattr(found, name) for name in KEPT} | body
        return Response(AmendmentSerializer(self._saved(found, amend.Typed(**said), revision)).data)

    @extend_schema(request=None, responses=AmendmentSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: int) -> Response:
        """Give your draft up; nothing of it was ever shown to others."""
        return Response(AmendmentSerializer(amend.drop_amendment(self.one(), by=self.user)).data)

    @extend_schema(request=AmendmentJoiningBody, responses=AmendmentBothSerializer)
    @action(detail=True, methods=["post"])
    def joining(self, request: Request, pk: int) -> Response:
        """What you have beside what is saved, where the two differ. Nothing is changed here."""
        found, body = self.one(), self.body(AmendmentJoiningBody)
        both = both_of(found, amend.base_of(found.report), AmendmentJoiningBody.mine(found, body))
        return Response(AmendmentBothSerializer({"revision": found.revision, **both}).data)

    def _saved(self, found: Amendment, typed: amend.Typed, revision: int) -> Amendment:
        return amend.save_amendment(found, typed, revision=revision, by=self.user)

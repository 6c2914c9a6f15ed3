"""/api/v1/studies/: what the archive holds of one's sites, and telling that it has something new."""

from __future__ import annotations

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris import audit
from ris.accounts.models import User
from worklist.actions.notices import notice_study
from worklist.actions.series import movable_series
from worklist.models import Study, StudyLink
from worklist.reconcile.api import DecidingViewSet
from worklist.serializers import NoticeBody, NoticeSerializer, SeriesSerializer, StudyQuery, StudySerializer


class StudyViewSet(DecidingViewSet):
    model = Study
    needs = "study.list"

    def visible(self, user: User) -> models.QuerySet[Study]:
        links = StudyLink.objects.filter(active=True).select_related("requested_procedure")
        rows = Study.objects.listed_for(user).select_related("site")
        return rows.prefetch_related(models.Prefetch("links", links, to_attr="active_links"))

    @extend_schema(parameters=[StudyQuery], responses=StudySerializer(many=True))
    def list(self, request: Request) -> Response:
        """Studies of your sites, newest first."""
        query = self.query(StudyQuery)
        accession = query.pop("accession")
        begins = {"accession_number__istartswith": accession} if accession else {}
        return self.page(self.visible(self.user).filter(**begins, **query), StudySerializer)

    @extend_schema(responses=StudySerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One study. Opening it is recorded in the audit trail."""
        study = self.one()
        audit.record("study.opened", study, by=self.user, study_uid=study.study_instance_uid)
        return Response(StudySerializer(study).data)

    @extend_schema(responses=SeriesSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def series(self, request: Request, pk: int) -> Response:
        """The series of a study that can be split off or moved; the documents of its own reports are not among them."""
        return Response(SeriesSerializer(movable_series(self.one()), many=True).data)

    @extend_schema(request=NoticeBody, responses={202: NoticeSerializer})
    @action(detail=False, methods=["post"])
    def notify(self, request: Request) -> Response:
        """Tell that the archive has something new of a study. It is asked; nothing else is believed."""
        notice_study(study_uid=self.body(NoticeBody)["study_instance_uid"], by=self.user)
        return Response({"accepted": True}, status=202)

"""/api/v1/devices/: devices set up, told to the archive and tried out, for the administrators of their site."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_files import PngRenderer
from ris.accounts.api_schema import ErrorSerializer
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.dicom.actions import DeviceData, add_device, announce_device, change_device
from ris.dicom.archive.devices import get_devices
from ris.dicom.models import Node
from worklist.actions.image_tests import begin_image_test, delete_test_study
from worklist.devices import lists, testing
from worklist.devices.serializers import (
    ContactSerializer,
    DeletedSerializer,
    DeleteTestBody,
    DeviceBody,
    DeviceQuery,
    DeviceSerializer,
    DriftSerializer,
    EchoSerializer,
    LookQuery,
    LookSerializer,
    NewDeviceBody,
    PictureQuery,
    PreviewQuery,
    PreviewSerializer,
    TestSerializer,
)
from worklist.devices.talking import echo_of, worklist_of

SILENT = OpenApiResponse(ErrorSerializer, "The archive does not answer; nothing was lost.")


class DeviceViewSet(StationViewSet[Node]):
    model = Node
    needs = "device.manage"

    def visible(self, user: User) -> models.QuerySet[Node]:
        return lists.devices_of(user)

    @extend_schema(parameters=[DeviceQuery], responses=DeviceSerializer(many=True))
    def list(self, request: Request) -> Response:
        """The devices of your sites."""
        return self.page(self.visible(self.user).filter(**self.query(DeviceQuery)), DeviceSerializer)

    @extend_schema(responses=DeviceSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One device."""
        return Response(DeviceSerializer(self.one()).data)

    @extend_schema(request=NewDeviceBody, responses={201: DeviceSerializer})
    def create(self, request: Request) -> Response:
        """Add a device; its worklist is open to it at once, and the archive is told."""
        body = self.body(NewDeviceBody)
        site = body.pop("site")
        return Response(DeviceSerializer(add_device(DeviceData(**body), site=site, by=self.user)).data, status=201)

    @extend_schema(request=DeviceBody, responses=DeviceSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what is sent of a device; the archive is told."""
        node, body = self.one(), self.body(DeviceBody, partial=True)
        data = replace(DeviceData.of(node), **body)
        change_device(node, data=data, by=self.user)
        return Response(DeviceSerializer(self.one()).data)

    @extend_schema(responses=DriftSerializer)
    @action(detail=True, methods=["get"])
    def archive(self, request: Request, pk: int) -> Response:
        """How the archive knows a device, and what differs from what is set here."""
        node, book = self.one(), lists.archive_book()
        return Response(DriftSerializer({"drift": book.drift(node), "silence": book.silence}).data)

    @extend_schema(request=None, responses=DeviceSerializer)
    @action(detail=True, methods=["post"])
    def heal(self, request: Request, pk: int) -> Response:
        """Have the archive told again what is set here; it shows within seconds."""
        node = self.one()
        announce_device(node, by=self.user)
        return Response(DeviceSerializer(node).data)

    @extend_schema(request=None, responses=EchoSerializer)
    @action(detail=True, methods=["post"])
    def echo(self, request: Request, pk: int) -> Response:
        """Ask the device whether it answers (C-ECHO, PS3.4 A), and say what to do when it does not."""
        return Response(EchoSerializer(echo_of(self.one(), by=self.user)).data)

    @extend_schema(parameters=[PreviewQuery], responses=PreviewSerializer)
    @action(detail=True, methods=["get"])
    def worklist(self, request: Request, pk: int) -> Response:
        """What the device would be shown now: a real query under its AE title. It is recorded in the audit trail."""
        only_today = self.query(PreviewQuery)["today"]
        return Response(PreviewSerializer(worklist_of(self.one(), only_today=only_today, by=self.user)).data)

    @extend_schema(responses=ContactSerializer(many=True))
    @action(detail=True, methods=["get"])
    def contacts(self, request: Request, pk: int) -> Response:
        """What the device asked and sent, newest first."""
        rows: Any = lists.contacts_of(self.one())
        return self.page(rows, ContactSerializer)

    @extend_schema(parameters=[LookQuery], responses={200: LookSerializer, 503: SILENT})
    @action(detail=True, methods=["get"], url_path="image-test")
    def image_test(self, request: Request, pk: int) -> Response:
        """What arrived of an image test since the last look."""
        node, query = self.one(), self.query(LookQuery)
        test, since = testing.read_ticket(query["test"], node), query["position"]
        found = testing.look_at(node, test, since=since, devices=get_devices(), by=self.user)
        return Response(LookSerializer(found).data)

    @extend_schema(request=None, responses={201: TestSerializer})
    @image_test.mapping.post
    def begin_image_test(self, request: Request, pk: int) -> Response:
        """Begin an image test: what the device sends from now on is looked for."""
        test = begin_image_test(self.one(), devices=get_devices(), by=self.user)
        return Response({"test": testing.ticket_of(test)}, status=201)

    @extend_schema(parameters=[PictureQuery], responses={(200, "image/png"): OpenApiTypes.BINARY, 503: SILENT})
    @action(detail=True, methods=["get"], url_path="image-test/picture", renderer_classes=[PngRenderer, JSONRenderer])
    def image_test_picture(self, request: Request, pk: int) -> HttpResponse:
        """The first frame of an image of the test."""
        node, query = self.one(), self.query(PictureQuery)
        test, devices = testing.read_ticket(query["test"], node), get_devices()
        found = testing.picture_of(node, test, instance=query["instance"], devices=devices, by=self.user)
        return HttpResponse(found, content_type="image/png", headers={"Cache-Control": "private, no-store"})

    @extend_schema(request=DeleteTestBody, responses=DeletedSerializer)
    @action(detail=True, methods=["post"], url_path="image-test/delete")
    def image_test_delete(self, request: Request, pk: int) -> Response:
        """Delete the test's study from the archive; 409 for whatever is not of this test."""
        node, body = self.one(), self.body(DeleteTestBody)
        test, devices = testing.read_ticket(body["test"], node), get_devices()
        count = delete_test_study(node, test=test, study_id=body["study"], devices=devices, by=self.user)
        return Response({"images": count})

"""All addresses under /api/v1/: one router over the stations, the schema, and pages that explain it."""

from __future__ import annotations

from typing import NoReturn

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.routers import DefaultRouter

from reporting.amending.api import AmendmentViewSet
from reporting.api import ReportViewSet, VersionViewSet
from reporting.autotext.api import AutotextViewSet
from reporting.billing_api import ChargeViewSet
from reporting.critical.api import CriticalAuditViewSet, CriticalViewSet
from reporting.dictation.api import DictationViewSet
from reporting.key_image_api import KeyImageViewSet
from reporting.template_api import TemplateViewSet
from ris.accounts.people_api import UserViewSet
from ris.accounts.tokens_api import ApiTokenViewSet
from ris.accounts.trail_api import TrailViewSet
from ris.core.errors import NotFound
from ris.dashboards.api import FigureViewSet
from ris.dicom.settings_api import DevicePoolViewSet, DeviceProfileViewSet
from ris.downtime.api import FormViewSet, SnapshotViewSet
from ris.hl7.incoming.api import IncomingViewSet
from ris.hl7.incoming.senders_api import SenderViewSet
from ris.hl7.outgoing.api import OutgoingViewSet
from ris.hl7.outgoing.destinations_api import DestinationViewSet
from ris.notifications.api import NoticeViewSet, PatientMessageViewSet
from ris.orders.api import OrderViewSet, ProcedureViewSet
from ris.orders.asking_api import ProtocolViewSet, SafetyViewSet
from ris.orders.papers_api import PaperViewSet
from ris.patients.api import PatientViewSet
from ris.printing.api import PrintViewSet
from ris.scheduling.api import AppointmentViewSet, CallBackViewSet, RoomViewSet, StepViewSet
from ris.scheduling.times_api import ClosureViewSet, HolidayViewSet, KeptTimeViewSet
from ris.webhooks.api import DeliveryViewSet
from ris.webhooks.own_api import WebhookViewSet
from viewer.beside.api import ObjectViewSet
from viewer.glass.api import EmergencyViewSet
from worklist.api import StudyViewSet
from worklist.attention.api import IncidentViewSet, WrongPatientViewSet
from worklist.devices.api import DeviceViewSet
from worklist.exam.after_api import SideCheckViewSet
from worklist.exam.api import ExamViewSet
from worklist.outside.api import OutsideViewSet
from worklist.outside.exports_api import ExportViewSet
from worklist.reading.api import CaseViewSet, WetReadViewSet
from worklist.reading.filters_api import FilterViewSet
from worklist.reading.settings_api import (
    AssignmentRuleViewSet,
    OnCallViewSet,
    ReadingGroupViewSet,
    ReadingProfileViewSet,
    TurnaroundRuleViewSet,
)
from worklist.rehoming.api import MoveViewSet

router = DefaultRouter(use_regex_path=False)
router.include_format_suffixes = False
router.register("patients", PatientViewSet, "patient")
router.register("procedures", ProcedureViewSet, "procedure")
router.register("orders", OrderViewSet, "order")
router.register("protocols", ProtocolViewSet, "protocol")
router.register("safety-answers", SafetyViewSet, "safety-answer")
router.register("papers", PaperViewSet, "paper")
router.register("prints", PrintViewSet, "print")
router.register("downtime-forms", FormViewSet, "downtime-form")
router.register("downtime-snapshots", SnapshotViewSet, "downtime-snapshot")
router.register("rooms", RoomViewSet, "room")
router.register("closures", ClosureViewSet, "closure")
router.register("kept-times", KeptTimeViewSet, "kept-time")
router.register("holidays", HolidayViewSet, "holiday")
router.register("steps", StepViewSet, "step")
router.register("appointments", AppointmentViewSet, "appointment")
router.register("call-backs", CallBackViewSet, "call-back")
router.register("exams", ExamViewSet, "exam")
router.register("incidents", IncidentViewSet, "incident")
router.register("side-checks", SideCheckViewSet, "side-check")
router.register("studies", StudyViewSet, "study")
router.register("moves", MoveViewSet, "move")
router.register("wrong-patients", WrongPatientViewSet, "wrong-patient")
router.register("outside-deliveries", OutsideViewSet, "outside-delivery")
router.register("exports", ExportViewSet, "export")
router.register("cases", CaseViewSet, "case")
router.register("case-objects", ObjectViewSet, "case-object")
router.register("filters", FilterViewSet, "filter")
router.register("wet-reads", WetReadViewSet, "wet-read")
router.register("reports", ReportViewSet, "report")
router.register("report-templates", TemplateViewSet, "report-template")
router.register("versions", VersionViewSet, "version")
router.register("amendments", AmendmentViewSet, "amendment")
router.register("autotexts", AutotextViewSet, "autotext")
router.register("key-images", KeyImageViewSet, "key-image")
router.register("dictations", DictationViewSet, "dictation")
router.register("critical-findings", CriticalViewSet, "critical")
router.register("critical-audit", CriticalAuditViewSet, "critical-audit")
router.register("charges", ChargeViewSet, "charge")
router.register("figures", FigureViewSet, "figure")
router.register("devices", DeviceViewSet, "device")
router.register("emergency-accesses", EmergencyViewSet, "emergency-access")
router.register("notices", NoticeViewSet, "notice")
router.register("audit-events", TrailViewSet, "audit-event")
router.register("deliveries", DeliveryViewSet, "delivery")
router.register("patient-messages", PatientMessageViewSet, "patient-message")
router.register("hl7-incoming", IncomingViewSet, "hl7-incoming")
router.register("hl7-outgoing", OutgoingViewSet, "hl7-outgoing")
router.register("users", UserViewSet, "user")
router.register("api-tokens", ApiTokenViewSet, "api-token")
router.register("hl7-senders", SenderViewSet, "hl7-sender")
router.register("hl7-destinations", DestinationViewSet, "hl7-destination")
router.register("webhooks", WebhookViewSet, "webhook")
router.register("device-profiles", DeviceProfileViewSet, "device-profile")
router.register("device-pools", DevicePoolViewSet, "device-pool")
router.register("reading-groups", ReadingGroupViewSet, "reading-group")
router.register("reading-profiles", ReadingProfileViewSet, "reading-profile")
router.register("assignment-rules", AssignmentRuleViewSet, "assignment-rule")
router.register("on-call", OnCallViewSet, "on-call")
router.register("turnaround-rules", TurnaroundRuleViewSet, "turnaround-rule")


@csrf_exempt  # it changes nothing, and a program that mistypes should read 404 and not of forms
def nothing_here(request: HttpRequest, rest: str) -> NoReturn:
    """Programs get their 404 as JSON too."""
    raise NotFound("The API has no such address. /api/v1/schema/ lists all.")


app_name = "api"
urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs/", login_required(TemplateView.as_view(template_name="api/docs.html")), name="docs"),
    path("", include(router.urls)),
    re_path(r"^(?P<rest>[\s\S]*/)$", nothing_here, name="nothing-here"),
]

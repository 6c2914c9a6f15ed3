from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from ris.accounts.admin_words import Configured
from worklist.exam.record import ContrastAgent, ExamRule, RejectReason
from worklist.models import MppsMessage
from worklist.reading.deadlines import TurnaroundRule
from worklist.reading.roster import OnCallForm
from worklist.reading.saved import SavedFilter
from worklist.reading.staff import AssignmentRule, OnCall, ReadingGroup, ReadingProfile


@admin.register(ContrastAgent)
class ContrastAgentAdmin(Configured):
    list_display = ("name", "kind", "active")
    list_filter = ("kind", "active")
    search_fields = ("name",)


@admin.register(RejectReason)
class RejectReasonAdmin(Configured):
    list_display = ("name", "in_report", "active")
    list_filter = ("in_report", "active")


@admin.register(ExamRule)
class ExamRuleAdmin(Configured):
    list_display = ("site", "time_out")
    list_select_related = ("site",)


@admin.register(TurnaroundRule)
class TurnaroundRuleAdmin(Configured):
    list_display = ("site", "priority", "modality", "minutes")
    list_filter = ("site", "priority", "modality")
    list_select_related = ("site",)


@admin.register(SavedFilter)
class SavedFilterAdmin(admin.ModelAdmin[SavedFilter]):
    list_display = ("name", "owner", "site", "group", "query")
    list_select_related = ("owner", "site", "group")
    search_fields = ("name", "owner__username")


@admin.register(ReadingGroup)
class ReadingGroupAdmin(Configured):
    list_display = ("name", "site")
    list_filter = ("site",)
    list_select_related = ("site",)
    filter_horizontal = ("members",)


@admin.register(ReadingProfile)
class ReadingProfileAdmin(Configured):
    list_display = ("user", "modalities", "most_open", "away")
    list_select_related = ("user",)


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(Configured):
    list_display = ("site", "place", "priority", "modality", "body_part", "group", "way", "active")
    list_filter = ("site", "active")
    list_select_related = ("site", "group")


@admin.register(OnCall)
class OnCallAdmin(Configured):
    """Written and shown by the clock of the site, wherever the server stands."""

    form = OnCallForm
    list_display = ("site", "user", "begins", "ends")
    list_filter = ("site",)
    list_select_related = ("site", "user")
    date_hierarchy = "start"

    @admin.display(description="start", ordering="start")
    def begins(self, duty: OnCall) -> str:
        return f"{duty.start.astimezone(duty.site.zone):%Y-%m-%d %H:%M %Z}"

    @admin.display(description="end", ordering="end")
    def ends(self, duty: OnCall) -> str:
        return f"{duty.end.astimezone(duty.site.zone):%Y-%m-%d %H:%M %Z}"


@admin.register(MppsMessage)
class MppsMessageAdmin(admin.ModelAdmin[MppsMessage]):
    """What devices said and what they were answered: to look at, never to change. The bytes are not shown."""

    list_display = ("at", "node", "operation", "state", "answered", "problem", "sop_instance_uid")
    list_filter = ("state", "operation", "node")
    list_select_related = ("node",)
    search_fields = ("sop_instance_uid",)
    exclude = ("body",)
    ordering = ("-at",)

    @admin.display(description="answered")
    def answered(self, message: MppsMessage) -> str:
        """The status as PS3.7 Annex C writes it."""
        return f"{message.status:04X}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: MppsMessage | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: MppsMessage | None = None) -> bool:
        return False

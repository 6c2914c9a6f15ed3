from __future__ import annotations

from django.contrib import admin

from worklist.exam.record import ContrastAgent, ExamRule, RejectReason
from worklist.reading.deadlines import TurnaroundRule
from worklist.reading.saved import SavedFilter


@admin.register(ContrastAgent)
class ContrastAgentAdmin(admin.ModelAdmin[ContrastAgent]):
    list_display = ("name", "kind", "active")
    list_filter = ("kind", "active")
    search_fields = ("name",)


@admin.register(RejectReason)
class RejectReasonAdmin(admin.ModelAdmin[RejectReason]):
    list_display = ("name", "in_report", "active")
    list_filter = ("in_report", "active")


@admin.register(ExamRule)
class ExamRuleAdmin(admin.ModelAdmin[ExamRule]):
    list_display = ("site", "time_out")
    list_select_related = ("site",)


@admin.register(TurnaroundRule)
class TurnaroundRuleAdmin(admin.ModelAdmin[TurnaroundRule]):
    list_display = ("site", "priority", "modality", "minutes")
    list_filter = ("site", "priority", "modality")
    list_select_related = ("site",)


@admin.register(SavedFilter)
class SavedFilterAdmin(admin.ModelAdmin[SavedFilter]):
    list_display = ("name", "owner", "site", "query")
    list_select_related = ("owner", "site")
    search_fields = ("name", "owner__username")

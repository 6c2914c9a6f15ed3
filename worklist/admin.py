from __future__ import annotations

from django.contrib import admin

from worklist.exam.record import ContrastAgent, ExamRule, RejectReason


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

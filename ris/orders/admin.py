from __future__ import annotations

from django.contrib import admin
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ExportForm

from ris.core.inlines import NamedRows
from ris.orders.models import AccessionRule, BillingCode, Procedure, ProcedurePart, ProcedureText, Referrer
from ris.orders.resources import ProcedureResource


class BillingCodeInline(NamedRows[BillingCode, Procedure]):
    model = BillingCode
    extra = 1


class ProcedurePartInline(NamedRows[ProcedurePart, Procedure]):
    model = ProcedurePart
    extra = 0
    verbose_name_plural = "parts, when it takes several steps or resources"


class ProcedureTextInline(NamedRows[ProcedureText, Procedure]):
    model = ProcedureText
    extra = 0


@admin.register(Procedure)
class ProcedureAdmin(ImportExportModelAdmin, admin.ModelAdmin[Procedure]):  # type: ignore[misc]
    resource_classes = [ProcedureResource]
    formats = [CSV, XLSX]
    export_form_class = ExportForm  # the other one needs inline script, which our pages refuse
    import_export_change_list_template = "admin/orders/procedure/change_list.html"
    list_display = (
        "code", "name", "modality", "body_part", "paired", "contrast", "duration_minutes", "loinc_code",
        "needs_protocol", "active",
    )  # fmt: skip
    list_filter = ("modality", "active", "paired", "contrast", "needs_protocol")
    search_fields = ("code", "name", "loinc_code", "radlex_code")
    inlines = (ProcedurePartInline, ProcedureTextInline, BillingCodeInline)
    fieldsets = (
        (None, {"fields": ("code", "scheme", "name", "modality", "body_part", "paired", "active")}),
        ("At the desk", {"fields": ("duration_minutes", "preparation", "told", "contrast", "required_capability")}),
        ("Reading", {"fields": ("needs_protocol", "default_protocol", "template_key", "expected_images")}),
        ("Codes", {"fields": ("loinc_code", "radlex_code")}),
    )


@admin.register(Referrer)
class ReferrerAdmin(admin.ModelAdmin[Referrer]):
    list_display = ("family_name", "given_name", "title", "organisation", "phone", "active")
    list_filter = ("active",)
    search_fields = ("family_name", "given_name", "organisation")


@admin.register(AccessionRule)
class AccessionRuleAdmin(admin.ModelAdmin[AccessionRule]):
    list_display = ("site", "prefix", "with_year", "digits", "shared_in_order")

from __future__ import annotations

from django.contrib import admin

from ris.printing.models import Stationery


@admin.register(Stationery)
class StationeryAdmin(admin.ModelAdmin[Stationery]):
    list_display = ("site", "slip_size", "label_medium", "label_width_mm", "label_height_mm")
    list_select_related = ("site",)

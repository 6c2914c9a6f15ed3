from __future__ import annotations

from django.contrib import admin

from viewer.hanging.models import Hanging, WindowPreset


@admin.register(Hanging)
class HangingAdmin(admin.ModelAdmin[Hanging]):
    list_display = ("name", "modality", "procedure", "user", "rows", "columns", "active")
    list_filter = ("modality", "active")
    list_select_related = ("procedure", "user")
    search_fields = ("name",)
    autocomplete_fields = ("procedure", "user")


@admin.register(WindowPreset)
class WindowPresetAdmin(admin.ModelAdmin[WindowPreset]):
    list_display = ("name", "modality", "procedure", "center", "width", "user", "position", "active")
    list_filter = ("modality", "active")
    list_select_related = ("procedure", "user")
    search_fields = ("name",)
    autocomplete_fields = ("procedure", "user")

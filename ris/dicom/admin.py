from __future__ import annotations

from django.contrib import admin

from ris.dicom.models import DevicePool, DeviceProfile, Node


@admin.register(DeviceProfile)
class DeviceProfileAdmin(admin.ModelAdmin[DeviceProfile]):
    list_display = ("name", "charset", "arrived_only", "days_back", "days_ahead", "sends_mpps", "result_limit")
    list_filter = ("arrived_only", "sends_mpps")


@admin.register(DevicePool)
class DevicePoolAdmin(admin.ModelAdmin[DevicePool]):
    list_display = ("name", "site")
    list_filter = ("site",)
    list_select_related = ("site",)


@admin.register(Node)
class NodeAdmin(admin.ModelAdmin[Node]):
    list_display = ("ae_title", "name", "site", "modality", "host", "port", "profile", "pool", "last_seen_at", "active")
    list_filter = ("site", "modality", "kind", "profile", "pool", "active")
    list_select_related = ("site", "profile", "pool")
    readonly_fields = ("last_seen_at",)

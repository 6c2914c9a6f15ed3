from __future__ import annotations

from django.contrib import admin

from ris.dicom.models import Node


@admin.register(Node)
class NodeAdmin(admin.ModelAdmin[Node]):
    list_display = ("ae_title", "name", "site", "modality", "host", "port", "active")
    list_filter = ("site", "modality", "kind", "active")
    list_select_related = ("site",)

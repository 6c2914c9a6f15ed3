from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest

from ris.accounts.admin_words import Configured, Explained
from ris.accounts.models import User
from ris.dicom.actions import DeviceData, add_device, change_device
from ris.dicom.forms import HELP, DeviceForm
from ris.dicom.models import DevicePool, DeviceProfile, Node


@admin.register(DeviceProfile)
class DeviceProfileAdmin(Configured):
    list_display = ("name", "charset", "arrived_only", "days_back", "days_ahead", "sends_mpps", "result_limit")
    list_filter = ("arrived_only", "sends_mpps")
    explanations = {"name": "Of a maker's model, such as Works CT 64."}


@admin.register(DevicePool)
class DevicePoolAdmin(Configured):
    list_display = ("name", "site")
    list_filter = ("site",)
    list_select_related = ("site",)


class NodeForm(DeviceForm):
    """The page's form, with the site."""

    class Meta(DeviceForm.Meta):
        fields = ("site", *DeviceForm.Meta.fields)


@admin.register(Node)
class NodeAdmin(Explained):
    """Saving is the same action as on the page of the device: audited, and told to the archive."""

    form = NodeForm
    list_display = ("ae_title", "name", "site", "modality", "host", "port", "profile", "pool", "last_seen_at", "active")
    list_filter = ("site", "modality", "kind", "profile", "pool", "active")
    list_select_related = ("site", "profile", "pool")
    search_fields = ("ae_title", "name", "host")
    explanations = HELP

    def get_readonly_fields(self, request: HttpRequest, obj: Node | None = None) -> tuple[str, ...]:
        """A device stays at its site: steps and studies name it."""
        return ("last_seen_at",) if obj is None else ("site", "last_seen_at")

    def has_delete_permission(self, request: HttpRequest, obj: Node | None = None) -> bool:
        """It is switched off instead: its log and its exams stay readable."""
        return False

    def save_model(self, request: HttpRequest, obj: Node, form: Any, change: bool) -> None:  # noqa: FBT001  Django's own
        by, data = cast("User", request.user), DeviceData.of(obj)
        if change:
            change_device(obj, data=data, by=by)
        else:
            obj.pk = add_device(data, site=obj.site, by=by).pk

"""A device as a person writes it down; the page and the admin share the words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ris.accounts.models import Site
from ris.dicom.actions import FIELDS, DeviceData
from ris.dicom.models import DevicePool, Node
from ris.dicom.verification import may_be_written

HELP = {
    "name": "As your colleagues call it.",
    "ae_title": "As it is set on the device itself: capitals, digits, _ and -, at most 16.",
    "host": "Name or address at which it listens, for the echo and for storage commitment.",
    "port": "Its DICOM port; 104 and 11112 are usual, 2762 with TLS.",
    "kind": "Only a modality gets a worklist and may store.",
    "tls": "We call it over TLS; with DICOM_TLS_CA its certificate must be of an authority named there.",
    "active": "Without this it is refused everywhere, and the archive forgets it.",
}


class DeviceForm(forms.ModelForm[Node]):
    """Fields of a device; saving is the action's."""

    class Meta:
        model = Node
        fields = FIELDS
        help_texts = HELP

    def __init__(self, *args: Any, site: Site | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if site is not None:
            self.fields["pool"].queryset = DevicePool.objects.filter(site=site)  # type: ignore[attr-defined]

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip()
        if not may_be_written(host):
            raise ValidationError("A host name, or the address of one machine of your network.")
        return host

    def device(self) -> DeviceData:
        return DeviceData(**{name: self.cleaned_data[name] for name in FIELDS})


class NewDeviceForm(DeviceForm):
    """The same, and at which of the person's sites it stands."""

    site = forms.ModelChoiceField(Site.objects.none(), empty_label=None, help_text="It stays there.")
    field_order = ("site",)

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        self.fields["pool"].queryset = DevicePool.objects.filter(site__in=sites)  # type: ignore[attr-defined]

"""What the pages of devices show, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from ris.accounts.models import User
from ris.dicom.archive.devices import get_devices
from ris.dicom.archive.errors import ArchiveError
from ris.dicom.drift import Drift, drift_of
from ris.dicom.modalities import Entry
from ris.dicom.models import DeviceContact, Node

KNOCKED_WITHIN = timedelta(days=7)
STRANGERS = 20


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device, and how it stands at the archive; None until the archive was asked, or when it does not say."""

    node: Node
    drift: Drift | None


@dataclass(frozen=True, slots=True)
class Book:
    """The archive's list of modalities, or why there is none."""

    entries: Mapping[str, Entry] | None
    silence: str = ""

    def drift(self, node: Node) -> Drift | None:
        return None if self.entries is None else drift_of(node, self.entries)


def archive_book() -> Book:
    """Ask the archive; never raises for an archive that fails or keeps no such list."""
    try:
        return Book(get_devices().modalities())
    except ArchiveError as error:
        return Book(None, error.message)


def devices_of(user: User) -> QuerySet[Node]:
    return Node.objects.visible_to(user).select_related("site", "profile", "pool").order_by("site__name", "ae_title")


def device_rows(user: User, book: Book | None) -> dict[str, Any]:
    """The devices of a person's sites; `book` None means that the archive was not asked yet."""
    rows = [DeviceRow(node, book.drift(node) if book else None) for node in devices_of(user)]
    return {"rows": rows, "asked": book is not None, "silence": book.silence if book else ""}


def strangers(user: User) -> list[Mapping[str, Any]]:
    """AE titles that called and are no device of ours; nobody's site, so for the installation's administrators."""
    if not user.may("installation.manage", None):
        return []
    since = timezone.now() - KNOCKED_WITHIN
    refused = DeviceContact.objects.filter(node=None, at__gte=since)
    found = refused.values("ae_title", "address").annotate(last=Max("at"), times=Count("pk"))
    return [*found.order_by("-last")[:STRANGERS]]


def contacts_of(node: Node) -> QuerySet[DeviceContact]:
    return DeviceContact.objects.filter(node=node)


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One line of the log: what it was in words, and the keys that were asked by."""

    contact: DeviceContact
    what: str
    keys: str

    @classmethod
    def of(cls, contact: DeviceContact) -> ContactRow:
        words = "Preview on this page" if contact.detail.get("preview") else contact.get_kind_display()
        return cls(contact, words, ", ".join(map(str, contact.detail.get("keys", ()))))

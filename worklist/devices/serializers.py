"""Devices as the API writes and reads them: what is set, how the archive knows them, what they asked and sent."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ris.accounts.api_bodies import SiteField, Strict, VisibleField
from ris.accounts.models import Site, User
from ris.dicom.archive.orthanc import ARCHIVE_ID
from ris.dicom.forms import HELP
from ris.dicom.models import MODALITIES, DeviceContact, DevicePool, DeviceProfile, Node

LONGEST_TICKET = 1000
MOST_POSITION = 2**53


def pools(user: User) -> models.QuerySet[DevicePool]:
    """Of the sites whose devices one looks after."""
    return DevicePool.objects.filter(site__in=user.sites_where("device.manage"))


class DeviceSerializer(serializers.ModelSerializer[Node]):
    """A device: where it listens, and what it can read."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    modality = serializers.CharField(read_only=True)
    profile = serializers.SlugRelatedField[DeviceProfile](slug_field="name", read_only=True, allow_null=True)

    class Meta:
        model = Node
        fields = ["id", "site", "name", "ae_title", "host", "port", "kind", "modality", "charset", "profile", "pool",
                  "tls", "active", "last_seen_at"]  # fmt: skip
        read_only_fields = fields


class DeviceBody(Strict):
    """What is set of a device."""

    name = serializers.CharField(max_length=64, help_text=HELP["name"])
    ae_title = serializers.RegexField(r"^[A-Z0-9_\-]{1,16}$", help_text=HELP["ae_title"])
    host = serializers.CharField(max_length=255, help_text=HELP["host"])
    port = serializers.IntegerField(min_value=1, max_value=65535, help_text=HELP["port"])
    kind = serializers.ChoiceField(Node.KINDS, default="modality", help_text=HELP["kind"])
    modality = serializers.ChoiceField(MODALITIES, default="", allow_blank=True)
    charset = serializers.CharField(max_length=40, default="ISO_IR 192", help_text="(0008,0005), without a profile.")
    profile = serializers.SlugRelatedField[DeviceProfile](
        slug_field="name", queryset=DeviceProfile.objects.all(), default=None, allow_null=True
    )
    pool = VisibleField(pools, default=None, allow_null=True)
    tls = serializers.BooleanField(default=False, help_text=HELP["tls"])
    active = serializers.BooleanField(default=True, help_text=HELP["active"])


class NewDeviceBody(DeviceBody):
    """The same, and at which site it stands. It stays there."""

    site = SiteField("device.manage")


class DeviceQuery(serializers.Serializer[Any]):
    site = SiteField("device.manage", required=False)


class ContactSerializer(serializers.ModelSerializer[DeviceContact]):
    """One thing that a device asked or sent. `keys`: what it asked by, never the values."""

    keys = serializers.SerializerMethodField()

    class Meta:
        model = DeviceContact
        fields = ["id", "at", "kind", "ae_title", "address", "returned", "status", "keys"]
        read_only_fields = fields

    def get_keys(self, contact: DeviceContact) -> list[str]:
        return [str(key) for key in contact.detail.get("keys", ())]


class DriftLineSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    ours = serializers.CharField()
    theirs = serializers.CharField()


class DriftSerializer(serializers.Serializer[Any]):
    """How the archive knows a device. Without a `verdict` it did not say, and `silence` says why."""

    verdict = serializers.SerializerMethodField(help_text="same, different, missing, left-over, not-kept, or empty.")
    differences = serializers.SerializerMethodField()
    silence = serializers.CharField()

    def get_verdict(self, row: Any) -> str:
        return row["drift"].verdict if row["drift"] else ""

    @extend_schema_field(DriftLineSerializer(many=True))
    def get_differences(self, row: Any) -> Any:
        return DriftLineSerializer(row["drift"].differences if row["drift"] else (), many=True).data


class EchoSerializer(serializers.Serializer[Any]):
    """`result`: answered, refused, unreachable, silent, rejected, aborted, tls-failed; `words`: what to do next."""

    result = serializers.CharField()
    good = serializers.BooleanField()
    words = serializers.CharField()
    milliseconds = serializers.IntegerField()


class PreviewQuery(serializers.Serializer[Any]):
    today = serializers.BooleanField(default=False, help_text="Only what is scheduled for today.")


class LineSerializer(serializers.Serializer[Any]):
    """One element of an entry; `depth` is how many sequences it stands in."""

    depth = serializers.IntegerField()
    tag = serializers.CharField()
    name = serializers.CharField()
    vr = serializers.CharField()
    value = serializers.CharField(allow_blank=True)


class EntrySerializer(serializers.Serializer[Any]):
    lines = LineSerializer(many=True)


class PreviewSerializer(serializers.Serializer[Any]):
    """The worklist as the device sees it. `fault`: in words, why there is none or not all of it."""

    fault = serializers.CharField(allow_blank=True)
    milliseconds = serializers.IntegerField()
    more = serializers.BooleanField(help_text="There are more entries than are given here.")
    entries = EntrySerializer(source="answers", many=True)


class TestSerializer(serializers.Serializer[Any]):
    """An image test that was begun: `test` is to be sent with each look, for an hour."""

    test = serializers.CharField()


class LookQuery(serializers.Serializer[Any]):
    test = serializers.CharField(max_length=LONGEST_TICKET)
    position = serializers.IntegerField(
        min_value=0, max_value=MOST_POSITION, default=0, help_text="How far the last look came."
    )


class TagSerializer(serializers.Serializer[Any]):
    tag = serializers.CharField()
    name = serializers.CharField()
    value = serializers.CharField(allow_blank=True)


class LookSerializer(serializers.Serializer[Any]):
    """What arrived since: `instance` and `study` are the archive's names. Of an image of an exam nothing is shown."""

    position = serializers.IntegerField(help_text="To be sent with the next look.")
    arrived = serializers.SerializerMethodField()
    received = serializers.CharField(source="arrival.clock", default="", help_text="UTC, by the archive's clock.")
    instance = serializers.SerializerMethodField()
    study = serializers.SerializerMethodField()
    of_an_exam = serializers.BooleanField()
    transfer_syntax = serializers.CharField(allow_blank=True)
    tags = TagSerializer(many=True)

    def get_arrived(self, look: Any) -> bool:
        return look.arrival is not None

    def get_instance(self, look: Any) -> str:
        return "" if look.arrival is None or look.of_an_exam else str(look.arrival.instance_id)

    def get_study(self, look: Any) -> str:
        return "" if look.arrival is None or look.of_an_exam else str(look.arrival.study_id)


class PictureQuery(serializers.Serializer[Any]):
    test = serializers.CharField(max_length=LONGEST_TICKET)
    instance = serializers.RegexField(f"^(?:{ARCHIVE_ID.pattern})$", max_length=64, help_text="As a look named it.")


class DeleteTestBody(Strict):
    """`sure`: somebody knows that it is a test image. Whatever is not of the test stays, and is said."""

    test = serializers.CharField(max_length=LONGEST_TICKET)
    study = serializers.RegexField(f"^(?:{ARCHIVE_ID.pattern})$", max_length=64, help_text="As a look named it.")
    sure = serializers.BooleanField(help_text="Must be true.")

    def validate_sure(self, sure: bool) -> bool:  # noqa: FBT001  a field
        if not sure:
            raise serializers.ValidationError("The image stays: say that you are sure.")
        return sure


class DeletedSerializer(serializers.Serializer[Any]):
    images = serializers.IntegerField()

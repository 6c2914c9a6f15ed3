"""/api/v1/device-profiles/ and /device-pools/: what kinds of devices read, and which devices stand in for another."""

from __future__ import annotations

from ris.accounts.settings_api import RemovableViewSet
from ris.accounts.settings_fields import SettingSerializer
from ris.dicom.models import DevicePool, DeviceProfile


class DeviceProfileSerializer(SettingSerializer):
    """What a kind of device can read and is to be shown."""

    class Meta:
        model = DeviceProfile
        fields = ["id", "name", "charset", "transliterate", "max_lengths", "required_keys", "arrived_only",
                  "days_back", "days_ahead", "sends_mpps", "result_limit"]  # fmt: skip


class DevicePoolSerializer(SettingSerializer):
    """Devices of a site that may do each other's steps; each device names its pool."""

    class Meta:
        model = DevicePool
        fields = ["id", "site", "name"]


class DeviceProfileViewSet(RemovableViewSet[DeviceProfile]):
    """Profiles of kinds of devices."""

    model, form = DeviceProfile, DeviceProfileSerializer


class DevicePoolViewSet(RemovableViewSet[DevicePool]):
    """Pools of devices."""

    model, form = DevicePool, DevicePoolSerializer
    fixed = ("site",)

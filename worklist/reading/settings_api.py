"""/api/v1/reading-groups/ and what stands beside them: who may be handed which cases, and how soon they are due."""

from __future__ import annotations

from ris.accounts.settings_api import RemovableViewSet
from ris.accounts.settings_fields import SettingSerializer
from worklist.reading.deadlines import TurnaroundRule
from worklist.reading.staff import AssignmentRule, OnCall, ReadingGroup, ReadingProfile


class ReadingGroupSerializer(SettingSerializer):
    """Readers of a site who share cases. `members` are the names under which they sign in."""

    class Meta:
        model = ReadingGroup
        fields = ["id", "site", "name", "members"]


class ReadingProfileSerializer(SettingSerializer):
    """What rules may hand to one reader."""

    class Meta:
        model = ReadingProfile
        fields = ["id", "user", "modalities", "most_open", "away"]


class AssignmentRuleSerializer(SettingSerializer):
    """To whom a case goes when it becomes readable."""

    class Meta:
        model = AssignmentRule
        fields = ["id", "site", "place", "modality", "body_part", "priority", "group", "way", "active"]


class OnCallSerializer(SettingSerializer):
    """One line of the roster; instants with their offset."""

    class Meta:
        model = OnCall
        fields = ["id", "site", "user", "start", "end"]


class TurnaroundRuleSerializer(SettingSerializer):
    """How soon a report is due after its images came, in minutes."""

    class Meta:
        model = TurnaroundRule
        fields = ["id", "site", "priority", "modality", "minutes"]


class ReadingGroupViewSet(RemovableViewSet[ReadingGroup]):
    """Reading groups."""

    model, form = ReadingGroup, ReadingGroupSerializer
    fixed = ("site",)


class ReadingProfileViewSet(RemovableViewSet[ReadingProfile]):
    """Profiles of readers."""

    model, form = ReadingProfile, ReadingProfileSerializer
    fixed = ("user",)


class AssignmentRuleViewSet(RemovableViewSet[AssignmentRule]):
    """Rules that hand cases out. The first of a site that fits and finds somebody counts."""

    model, form = AssignmentRule, AssignmentRuleSerializer


class OnCallViewSet(RemovableViewSet[OnCall]):
    """Lines of the on-call roster."""

    model, form = OnCall, OnCallSerializer


class TurnaroundRuleViewSet(RemovableViewSet[TurnaroundRule]):
    """Rules of how soon reports are due."""

    model, form = TurnaroundRule, TurnaroundRuleSerializer

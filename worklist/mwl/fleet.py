"""The devices that may ask, with the rules of their profiles, and who sees whose steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from ris.dicom.models import Node
from ris.dicom.rules import Rules
from ris.scheduling.models import ScheduledProcedureStep
from worklist.mwl.style import Style


@dataclass(frozen=True, slots=True)
class Device:
    """One node as the worklist needs it, free of the database. Compared by identity: a change makes a new one."""

    pk: int
    ae_title: str
    name: str
    site_id: int
    zone: ZoneInfo
    modality: str
    pool_id: int | None
    active: bool
    rules: Rules
    styles: tuple[Style, Style] = field(repr=False)

    @classmethod
    def of(cls, node: Node) -> Device:
        rules = node.rules
        explicit, implicit = (
            Style.of(rules.charset, transliterate=rules.transliterate, max_lengths=rules.max_lengths, implicit=implicit)
            for implicit in (False, True)
        )
        return cls(
            pk=node.pk,
            ae_title=node.ae_title,
            name=node.name,
            site_id=node.site_id,
            zone=node.site.zone,
            modality=node.modality,
            pool_id=node.pool_id,
            active=node.active,
            rules=rules,
            styles=(explicit, implicit),
        )

    def style(self, *, implicit: bool) -> Style:
        return self.styles[implicit]


@dataclass(frozen=True, slots=True)
class Placing:
    """What decides who sees a step."""

    node_id: int | None
    site_id: int
    modality: str
    portable: bool

    @classmethod
    def of(cls, step: ScheduledProcedureStep) -> Placing:
        return cls(step.node_id, step.site_id, step.modality, step.portable)


class Fleet:
    """All devices of the installation."""

    def __init__(self, devices: Iterable[Device]) -> None:
        self.by_pk = {device.pk: device for device in devices}
        self.by_title = {device.ae_title: device for device in self.by_pk.values() if device.active}

    @classmethod
    def load(cls) -> Fleet:
        nodes = Node.objects.filter(kind="modality").select_related("site", "profile").order_by("ae_title")
        return cls(Device.of(node) for node in nodes)

    def shown_to(self, step: Placing) -> tuple[Device, ...]:
        """Who sees the step: its own device first, then those of the pool that may do it in its place.

        A step of a device that stands in a pool goes to the whole pool. A portable one without such a device goes to
        every pooled device of its modality at its site.
        """
        own = self.by_pk.get(step.node_id or 0)
        others = [device for device in self.by_title.values() if device is not own and self._shares(step, own, device)]
        return (own, *others) if own is not None and own.active else tuple(others)

    @staticmethod
    def _shares(step: Placing, own: Device | None, other: Device) -> bool:
        if other.pool_id is None or other.site_id != step.site_id:
            return False
        if own is not None and own.pool_id is not None:
            return other.pool_id == own.pool_id and other.modality in {"", step.modality}
        return step.portable and other.modality == step.modality

"""Devices: added, changed, told to the archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.dicom.models import DevicePool, DeviceProfile, Node
from ris.dicom.permissions import require_manage
from ris.dicom.verification import may_be_written
from ris.events import emit


@dataclass(frozen=True, slots=True)
class DeviceData:
    """All that a person sets of a device. It stays at its site: steps and studies of the site name it."""

    name: str
    ae_title: str
    host: str
    port: int
    kind: str = "modality"
    modality: str = ""
    charset: str = "ISO_IR 192"
    profile: DeviceProfile | None = None
    pool: DevicePool | None = None
    tls: bool = False
    active: bool = True

    @classmethod
    def of(cls, node: Node) -> DeviceData:
        return cls(**{name: getattr(node, name) for name in FIELDS})


FIELDS = tuple(DeviceData.__slots__)


@transaction.atomic
def add_device(data: DeviceData, *, site: Site, by: Actor) -> Node:
    """A device of a site; its worklist is open to it at once. Raises NotPermitted, InvalidInput."""
    require_manage(by, site.pk)
    node = Node(site=site, **_values(data))
    _check(node)
    node.save(force_insert=True)
    audit.record("device.added", node, by=by, **_shown(node, FIELDS))
    emit("device.changed", node, by=by, was="")
    return node


@transaction.atomic
def change_device(node: Node, *, data: DeviceData, by: Actor) -> Node:
    """Raises NotPermitted, InvalidInput. Nothing happens when nothing differs."""
    node = Node.objects.select_for_update().get(pk=node.pk)
    require_manage(by, node.site_id)
    before = DeviceData.of(node)
    changed = [name for name in FIELDS if getattr(before, name) != getattr(data, name)]
    if not changed:
        return node
    for name in changed:
        setattr(node, name, getattr(data, name))
    _check(node)
    node.save(update_fields=changed)
    audit.record("device.changed", node, by=by, fields=changed, **_shown(node, changed))
    emit("device.changed", node, by=by, was=before.ae_title)
    return node


@transaction.atomic
def announce_device(node: Node, *, by: Actor) -> None:
    """Have the archive told again what the RIS says of a device: theirs differs, and ours holds."""
    require_manage(by, node.site_id)
    audit.record("device.announced", node, by=by, ae_title=node.ae_title)
    emit("device.changed", node, by=by, was=node.ae_title)


def _values(data: DeviceData) -> dict[str, Any]:
    return {name: getattr(data, name) for name in FIELDS}


def _check(node: Node) -> None:
    """What the models refuse, beside the fields; and hosts that can be no device."""
    try:
        node.full_clean()
    except ValidationError as error:
        faults = {name: " ".join(words) for name, words in error.message_dict.items()}
        first = next(iter(faults.values()))
        raise InvalidInput(f"The device cannot be saved: {first}", fields=faults) from error
    if not may_be_written(node.host):
        words = "A host name, or the address of one machine of your network."
        raise InvalidInput(f"This cannot be the host of a device: {node.host}.", fields={"host": words})


def _shown(node: Node, names: Iterable[str]) -> dict[str, Any]:
    """Fields as the audit keeps them: their values, of what they name the id."""
    found = {name: getattr(node, name) for name in names}
    return {name: getattr(value, "pk", value) for name, value in found.items()}

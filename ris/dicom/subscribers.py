"""Telling the archive of devices: by the event of each change, and by a timer for an archive that was made new."""

from __future__ import annotations

from ris.dicom.archive.devices import OrthancDevices, get_devices
from ris.dicom.archive.errors import ArchiveError, NotSupported
from ris.dicom.drift import drift_of, entry_of, is_kept
from ris.dicom.models import Node
from ris.events.errors import DeliveryError
from ris.events.models import Event


def tell_archive(event: Event) -> None:
    """What the device is by now, whatever the event was about: two that overtake each other end the same."""
    node = Node.objects.filter(pk=event.target_id).first()
    try:
        devices = get_devices()
        _forget(devices, str(event.payload.get("was", "")))
        if node is not None:
            _write(devices, node)
    except NotSupported:
        return
    except ArchiveError as error:
        raise DeliveryError(str(error), permanent=error.permanent) from error


def complete() -> None:
    """The timer's turn: a new archive knows nobody. What differs there is shown to a person, not overwritten."""
    try:
        devices = get_devices()
        book = devices.modalities()
        for node in Node.objects.filter(active=True, kind="modality"):
            if drift_of(node, book).verdict == "missing":
                _write(devices, node)
    except ArchiveError:
        return


def _write(devices: OrthancDevices, node: Node) -> None:
    if is_kept(node):
        devices.put_modality(node.ae_title, entry_of(node))
    else:
        devices.delete_modality(node.ae_title)


def _forget(devices: OrthancDevices, ae_title: str) -> None:
    """An AE title that no device of ours has any more."""
    if ae_title and not Node.objects.filter(ae_title=ae_title).exists():
        devices.delete_modality(ae_title)

"""Speaking with a device, or as one: each time it is written down who asked."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.dicom.models import Node
from ris.dicom.verification import Outcome, Peer, verify
from worklist.devices.preview import Preview, ask_as


def echo_of(node: Node, *, by: Actor) -> Outcome:
    """C-ECHO (PS3.4 A), now, and what became of it; never raises for the network."""
    found = verify(Peer(node.ae_title, node.host, node.port, node.tls, settings.DICOM_AET))
    audit.record("device.echoed", node, by=by, outcome="success" if found.good else "failure", result=found.result)
    return found


def worklist_of(node: Node, *, only_today: bool, by: Actor) -> Preview:
    """What the device would be shown at this moment: patients' names, so it is audited as a look."""
    today = timezone.localdate(timezone=node.site.zone)
    found = ask_as(node.ae_title, f"{today:%Y%m%d}" if only_today else "")
    audit.record("worklist.previewed", node, by=by, returned=len(found.answers))
    return found

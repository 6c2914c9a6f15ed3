"""All that changes what a site has for a downtime."""

from ris.downtime.actions.entering import Entry, enter_form
from ris.downtime.actions.forms import make_forms, spoil_form
from ris.downtime.actions.snapshots import make_due, make_snapshot, open_snapshot, set_passphrase

__all__ = [
    "Entry",
    "enter_form",
    "make_due",
    "make_forms",
    "make_snapshot",
    "open_snapshot",
    "set_passphrase",
    "spoil_form",
]

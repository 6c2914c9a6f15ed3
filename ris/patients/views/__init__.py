"""The pages of patients."""

from ris.patients.views.alerts import add_alert, end_alert
from ris.patients.views.declining import decline_messages
from ris.patients.views.files import detail, edit, open_confidential, patient_list
from ris.patients.views.identifiers import add_identifier, retire_identifier
from ris.patients.views.merging import merge, unmerge
from ris.patients.views.registering import identify, register, register_temporary

__all__ = [
    "add_alert",
    "add_identifier",
    "decline_messages",
    "detail",
    "edit",
    "end_alert",
    "identify",
    "merge",
    "open_confidential",
    "patient_list",
    "register",
    "register_temporary",
    "retire_identifier",
    "unmerge",
]

"""Everything that changes a patient."""

from ris.patients.actions.alerts import AlertData, add_alert, end_alert
from ris.patients.actions.data import PatientData
from ris.patients.actions.declining import decline_messages, declining_token, patient_of_token
from ris.patients.actions.looking import open_file
from ris.patients.actions.merging import merge_patients, unmerge_patient
from ris.patients.actions.numbers import add_identifier, identify, note_number, retire_identifier
from ris.patients.actions.registering import make_known_at, register_patient, update_patient
from ris.patients.actions.temporary import identify_patient, register_temporary

__all__ = [
    "AlertData",
    "PatientData",
    "add_alert",
    "add_identifier",
    "decline_messages",
    "declining_token",
    "end_alert",
    "identify",
    "identify_patient",
    "make_known_at",
    "merge_patients",
    "note_number",
    "open_file",
    "patient_of_token",
    "register_patient",
    "register_temporary",
    "retire_identifier",
    "unmerge_patient",
    "update_patient",
]

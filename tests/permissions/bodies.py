"""Addresses and bodies that several rows of the matrix share."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.reporting.dictation.sounds import WEBM


def a_paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("request.pdf", b"%PDF-1.7\n%%EOF", content_type="application/pdf")


def autotexts() -> SimpleUploadedFile:
    return SimpleUploadedFile("autotexts.json", b'[{"keyword": "taken-in", "text": "Words."}]')


def a_dictation() -> SimpleUploadedFile:
    return SimpleUploadedFile("dictation", WEBM)


PATIENT, ORDER, PROCEDURE = {"patient_id": "patient"}, {"order_id": "order"}, {"procedure_id": "procedure"}
APPOINTMENT, DRAFT, SIGNED = {"appointment_id": "appointment"}, {"report_id": "draft"}, {"report_id": "signed"}
SLOT = {"room": "{room}", "day": "{day}", "time": "10:00", "minutes": "20"}
JSON_SLOT = {"room": "{#room}", "start": "{later}", "minutes": 20}
NODE = {"node_id": "node"}
DEVICE = {"name": "CT 1", "ae_title": "CT1", "host": "127.0.0.1", "port": "104", "kind": "modality", "modality": "CT",
          "charset": "ISO_IR 192", "active": "on"}  # fmt: skip
WHY = {"reason": "Patient called"}

"""Settings of the API and of its description; ris/settings.py takes them in."""

from __future__ import annotations

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ris.accounts.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ris.accounts.api_parsing.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "ris.accounts.api_schema.StationSchema",
    "DEFAULT_PAGINATION_CLASS": "ris.accounts.api_paging.Pages",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "ris.accounts.api_errors.answer",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Isocenter RIS",
    "DESCRIPTION": "Patients, orders, appointments, studies and reports, through the same actions as the pages. "
    "Reports are signed in the reading room only, where the signer proves again who they are.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "OrderState": "ris.orders.lifecycle.ORDER.choices",
        "AppointmentState": "ris.scheduling.lifecycle.APPOINTMENT.choices",
        "StepState": "ris.scheduling.lifecycle.STEP.choices",
        "StudyState": "worklist.lifecycle.STUDY.choices",
        "ReportState": "reporting.lifecycle.REPORT.choices",
        "AmendmentKind": "reporting.amending.record.KINDS",
        "CriticalCategory": "reporting.critical.record.CATEGORIES",
        "AlertKind": "ris.patients.models.PatientAlert.KINDS",
        "SafetyKind": "ris.orders.asking_api.SAFETY_KINDS",
        "TemplateState": "reporting.lifecycle.TEMPLATE.choices",
        "ImageState": "worklist.reading.facets.IMAGES",
        "RemarkKind": "worklist.exam.record.REMARKS",
        "IncidentCategory": "worklist.exam.record.INCIDENTS",
        "MessageKind": "ris.hl7.outgoing.messages.tables.KINDS",
        "IncomingState": "ris.hl7.incoming.lifecycle.INBOUND.choices",
        "OutgoingState": "ris.hl7.outgoing.lifecycle.OUTGOING.choices",
        "CaseState": "worklist.lifecycle.READING.choices",
        "MoveKind": "worklist.rehoming.rows.KINDS",
        "MoveState": "worklist.lifecycle.REHOMING.choices",
        "OutsideState": "worklist.lifecycle.OUTSIDE.choices",
        "ExportState": "worklist.lifecycle.EXPORT.choices",
        "FormState": "ris.downtime.lifecycle.FORM.choices",
        "PrintKind": "ris.printing.models.KINDS",
        "NodeKind": "ris.dicom.models.Node.KINDS",
        "ContactKind": "ris.dicom.models.DeviceContact.KINDS",
        "AccessState": "viewer.glass.lifecycle.GLASS.choices",
        "CriticalWay": "reporting.critical.record.WAYS",
        "AssignmentWay": "worklist.reading.staff.WAYS",
        "VersionKind": "reporting.models.ReportVersion.KINDS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ris.accounts.api_schema.close_bodies",
        "ris.accounts.api_examples.add_examples",
    ],
}

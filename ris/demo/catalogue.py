"""What the demo and the tests begin with: two sites, their people, rooms, devices, procedures and templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    display_name: str
    dicom_name: str
    roles: tuple[tuple[str, str], ...]  # (site code, role)
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    site: str
    name: str
    modality: str
    ae_title: str


SITES = (
    {"code": "north", "name": "Northgate Radiology", "accession_prefix": "N", "patient_id_issuer": "NORTHGATE",
     "time_zone": "Europe/Berlin", "address": "1 Northgate Street\nExampletown"},
    {"code": "south", "name": "Southbank Imaging", "accession_prefix": "S", "patient_id_issuer": "SOUTHBANK",
     "time_zone": "Europe/London", "address": "2 Southbank Road\nSampleford"},
)  # fmt: skip

PEOPLE = (
    Person("clerk", "Clara Clerk", "Clerk^Clara", (("north", "clerk"),)),
    Person("technologist", "Theo Technologist", "Technologist^Theo", (("north", "technologist"),)),
    Person("resident", "Renee Resident", "Resident^Renee^^Dr.", (("north", "resident"),)),
    Person("radiologist", "Dr. Rita Radiologist", "Radiologist^Rita^^Dr.", (("north", "radiologist"),)),
    Person("referrer", "Dr. Frank Referrer", "Referrer^Frank^^Dr.", (("north", "referrer"),)),
    Person("typist", "Tina Typist", "Typist^Tina", (("north", "typist"),)),
    Person("siteadmin", "Sam Siteadmin", "Siteadmin^Sam", (("north", "site_admin"),)),
    Person("admin", "Ada Admin", "Admin^Ada", (), admin=True),
    Person("outsider", "Olaf Outsider", "Outsider^Olaf", (("south", "radiologist"), ("south", "clerk"))),
)

ROOMS = (
    Room("north", "CT 1", "CT", "CT1"),
    Room("north", "MR 1", "MR", "MR1"),
    Room("north", "X-ray", "DX", "DX1"),
    Room("north", "Ultrasound", "US", "US1"),
    Room("south", "CT South", "CT", "CTSOUTH"),
)

PROCEDURES: tuple[dict[str, Any], ...] = (
    {"code": "CTCHEST", "name": "CT chest", "modality": "CT", "body_part": "CHEST", "duration_minutes": 20,
     "loinc_code": "24627-2", "template_key": "ct-chest",
     "preparation": "No food for two hours if contrast is given."},
    {"code": "CTABD", "name": "CT abdomen", "modality": "CT", "body_part": "ABDOMEN", "duration_minutes": 30,
     "loinc_code": "41806-1", "contrast": True,
     "preparation": "No food for four hours. Bring a recent creatinine value."},
    {"code": "MRBRAIN", "name": "MR brain", "modality": "MR", "body_part": "BRAIN", "duration_minutes": 40,
     "loinc_code": "24590-2", "preparation": "Leave metal and cards in the locker. Tell us about implants."},
    {"code": "DXCHEST", "name": "Chest radiograph", "modality": "DX", "body_part": "CHEST", "duration_minutes": 10,
     "loinc_code": "30745-4"},
    {"code": "USABD", "name": "Ultrasound abdomen", "modality": "US", "body_part": "ABDOMEN", "duration_minutes": 30,
     "loinc_code": "24558-9", "preparation": "No food for six hours."},
)  # fmt: skip

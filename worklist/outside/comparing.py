"""The person that files from outside are about, beside a patient of ours, field by field."""

from __future__ import annotations

from dataclasses import dataclass

from ris.patients.models import Patient
from ris.patients.names import folded, readable
from worklist.outside.rows import OutsideFile, OutsideImport
from worklist.rehoming.actions import dicom_date
from worklist.rehoming.identity import Identity


@dataclass(frozen=True, slots=True)
class Difference:
    """One field as it is there and here; `name` is what has to be accepted."""

    name: str
    label: str
    there: str
    here: str

    @property
    def differs(self) -> bool:
        return bool(self.there) and folded(self.there) != folded(self.here)


@dataclass(frozen=True, slots=True)
class Brought:
    """One study of a delivery, as its files describe it."""

    uid: str
    facts: dict[str, str]
    series: int
    files: int

    @property
    def person(self) -> Identity:
        return _person(self.facts)

    @property
    def person_name(self) -> str:
        return readable(self.facts.get("patient_name", ""))


def studies_in(delivery: OutsideImport) -> list[Brought]:
    """Each study of the files, in the order in which they came."""
    found: dict[str, list[OutsideFile]] = {}
    for file in delivery.files.filter(kind="dicom").order_by("pk"):
        found.setdefault(file.study_uid, []).append(file)
    return [
        Brought(uid, files[0].facts, len({file.series_uid for file in files}), len(files))
        for uid, files in found.items()
    ]


def person_there(delivery: OutsideImport, study_uid: str) -> Identity:
    first = delivery.files.filter(kind="dicom", study_uid=study_uid).order_by("pk").first()
    return _person(first.facts if first else {})


def _person(facts: dict[str, str]) -> Identity:
    return Identity(
        facts.get("patient_id", ""),
        facts.get("issuer", ""),
        facts.get("patient_name", ""),
        facts.get("birth_date", ""),
        facts.get("sex", ""),
        facts.get("accession", ""),
    )


def compared(there: Identity, patient: Patient) -> list[Difference]:
    """Family name, given name, birth date, sex: what tells people apart. Numbers of another house say nothing."""
    family, _, rest = there.name.split("=")[0].partition("^")
    given = rest.split("^")[0]
    return [
        Difference("family_name", "Family name", family.strip(), patient.family_name),
        Difference("given_name", "Given name", given.strip(), patient.given_name),
        Difference("birth_date", "Date of birth", _day(there.birth_date), _day(dicom_date(patient.birth_date))),
        Difference("sex", "Sex", there.sex, patient.sex),
    ]


def differences(there: Identity, patient: Patient) -> list[Difference]:
    return [one for one in compared(there, patient) if one.differs]


def _day(value: str) -> str:
    return f"{value[:4]}-{value[4:6]}-{value[6:]}" if len(value) == 8 else value

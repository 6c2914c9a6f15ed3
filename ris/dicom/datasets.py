"""DICOM JSON (PS3.18 annex F) as an archive answers it, turned into frozen rows. Pure: no Django, no socket.

Everything here tolerates what archives leave out: a missing value is "", 0, None or (), never an exception.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

Json = Mapping[str, Any]

ACCESSION_NUMBER = "00080050"
MODALITIES_IN_STUDY = "00080061"
STUDY_INSTANCE_UID = "0020000D"
SERIES_INSTANCE_UID = "0020000E"
SOP_INSTANCE_UID = "00080018"
PATIENT_ID = "00100020"

STRUCTURED_REPORTS = "1.2.840.10008.5.1.4.1.1.88."
"""How the SOP classes of all structured documents begin (PS3.4 table B.5-1), key object selections among them."""
KEY_OBJECTS = f"{STRUCTURED_REPORTS}59"

STUDY_FIELDS = (
    "00080051",  # IssuerOfAccessionNumberSequence
    "00080061",  # ModalitiesInStudy
    "00080090",  # ReferringPhysicianName
    "00081030",  # StudyDescription
    "00100021",  # IssuerOfPatientID
    "00100030",  # PatientBirthDate
    "00100040",  # PatientSex
    "00200010",  # StudyID
    "00201206",  # NumberOfStudyRelatedSeries
    "00201208",  # NumberOfStudyRelatedInstances
)
SERIES_FIELDS = ("00080021", "00080031", "0008103E", "00180015", "00200011", "00200060", "00201209")
INSTANCE_FIELDS = ("00080016", "00200013", "00280008", "00280010", "00280011")


@dataclass(frozen=True, slots=True)
class Window:
    """Which values are drawn from black to white: centre and width after the modality LUT (PS3.3 §C.11.2.1.2).

    `function` is linear or sigmoid (§C.11.2.1.3), as PS3.18 §8.3.5.1.4 names them.
    """

    centre: float
    width: float
    function: str = "linear"

    def query(self) -> str:
        return f"window={self.centre!r},{self.width!r},{self.function}"


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One study as the archive describes it; `patient_name` is DICOM PN with its component groups.

    `archive_id` is the archive's own name of the study (Orthanc), `station_aet` the AE title that sent it; both are
    "" where the archive does not tell.
    """

    study_instance_uid: str
    patient_id: str = ""
    issuer_of_patient_id: str = ""
    patient_name: str = ""
    birth_date: date | None = None
    sex: str = ""
    accession_number: str = ""
    study_id: str = ""
    study_date: date | None = None
    study_time: time | None = None
    description: str = ""
    referring_physician: str = ""
    modalities: tuple[str, ...] = ()
    series_count: int = 0
    instance_count: int = 0
    archive_id: str = ""
    station_aet: str = ""
    issuer_of_accession_number: str = ""


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One series of a study; `begun` is its date and time as DICOM writes them (DA and TM together)."""

    study_instance_uid: str
    series_instance_uid: str
    modality: str = ""
    number: int | None = None
    description: str = ""
    body_part: str = ""
    instance_count: int = 0
    laterality: str = ""
    begun: str = ""


@dataclass(frozen=True, slots=True)
class InstanceRef:
    """Where an object lives: its three UIDs."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """One object of a series; rows and columns are pixels, 0 for what is no image."""

    ref: InstanceRef
    sop_class_uid: str = ""
    number: int | None = None
    rows: int = 0
    columns: int = 0
    frames: int = 0


def values(dataset: Json, tag: str) -> Sequence[Any]:
    """All values of an element; () when it is absent, empty or malformed. `tag` is eight hex digits, upper case."""
    element = dataset.get(tag)
    found = element.get("Value") if isinstance(element, Mapping) else None
    return found if isinstance(found, list) else ()


def items(dataset: Json, tag: str) -> list[Json]:
    """The items of a sequence; also accepts the single object that dcmjs writes instead of a list."""
    element = dataset.get(tag)
    found = element.get("Value") if isinstance(element, Mapping) else None
    candidates = [found] if isinstance(found, Mapping) else found if isinstance(found, list) else []
    return [item for item in candidates if isinstance(item, Mapping)]


def text(dataset: Json, tag: str) -> str:
    """The first value as trimmed text."""
    first = next(iter(values(dataset, tag)), None)
    return "" if first is None or isinstance(first, Mapping) else str(first).strip(" \0")


def texts(dataset: Json, tag: str) -> tuple[str, ...]:
    """All values as trimmed text, without the empty ones."""
    found = (str(value).strip(" \0") for value in values(dataset, tag) if value is not None)
    return tuple(value for value in found if value)


def number(dataset: Json, tag: str) -> int | None:
    """The first value as a whole number (IS and US arrive as number or as text); one beyond IS (PS3.5 6.2) is none."""
    try:
        found = int(text(dataset, tag))
    except ValueError:
        return None
    return found if -(2**31) <= found < 2**31 else None


def person_name(dataset: Json, tag: str) -> str:
    """A PN value with its alphabetic, ideographic and phonetic groups joined by "=" (PS3.5 §6.2.1)."""
    first = next(iter(values(dataset, tag)), None)
    if not isinstance(first, Mapping):
        return "" if first is None else str(first).strip()
    groups = [str(first.get(group) or "").strip() for group in ("Alphabetic", "Ideographic", "Phonetic")]
    return "=".join(groups).rstrip("=")


def day(dataset: Json, tag: str) -> date | None:
    """A DA value, also in the retired form with dots; None when it is no date."""
    digits = text(dataset, tag).replace(".", "")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) if len(digits) == 8 else None
    except ValueError:
        return None


def time_of_day(dataset: Json, tag: str) -> time | None:
    """A TM value, "HHMMSS.FFFFFF" cut short anywhere after the hours (PS3.5 §6.2); None when it is no time."""
    whole, _, fraction = text(dataset, tag).replace(":", "").partition(".")
    padded = whole.ljust(6, "0")
    if len(whole) not in {2, 4, 6} or not padded.isdecimal():
        return None
    try:
        return time(int(padded[:2]), int(padded[2:4]), int(padded[4:]), int(fraction[:6].ljust(6, "0")))
    except ValueError:
        return None


def instance_ref(dataset: Json) -> InstanceRef:
    return InstanceRef(
        text(dataset, STUDY_INSTANCE_UID), text(dataset, SERIES_INSTANCE_UID), text(dataset, SOP_INSTANCE_UID)
    )


def study_row(dataset: Json) -> StudyRow:
    return StudyRow(
        study_instance_uid=text(dataset, STUDY_INSTANCE_UID),
        patient_id=text(dataset, PATIENT_ID),
        issuer_of_patient_id=text(dataset, "00100021"),
        patient_name=person_name(dataset, "00100010"),
        birth_date=day(dataset, "00100030"),
        sex=text(dataset, "00100040"),
        accession_number=text(dataset, ACCESSION_NUMBER),
        study_id=text(dataset, "00200010"),
        study_date=day(dataset, "00080020"),
        study_time=time_of_day(dataset, "00080030"),
        description=text(dataset, "00081030"),
        referring_physician=person_name(dataset, "00080090"),
        modalities=texts(dataset, MODALITIES_IN_STUDY),
        series_count=number(dataset, "00201206") or 0,
        instance_count=number(dataset, "00201208") or 0,
        issuer_of_accession_number=_issuer(dataset),
    )


def _issuer(dataset: Json) -> str:
    """Who gives out the accession number (PS3.3 C.7.2.1): its local name, else its universal one."""
    named = next(iter(items(dataset, "00080051")), {})
    return text(named, "00400031") or text(named, "00400032")


def series_row(dataset: Json) -> SeriesRow:
    return SeriesRow(
        study_instance_uid=text(dataset, STUDY_INSTANCE_UID),
        series_instance_uid=text(dataset, SERIES_INSTANCE_UID),
        modality=text(dataset, "00080060"),
        number=number(dataset, "00200011"),
        description=text(dataset, "0008103E"),
        body_part=text(dataset, "00180015"),
        laterality=text(dataset, "00200060"),
        instance_count=number(dataset, "00201209") or 0,
        begun=text(dataset, "00080021") + text(dataset, "00080031"),
    )


def instance_row(dataset: Json) -> InstanceRow:
    return InstanceRow(
        ref=instance_ref(dataset),
        sop_class_uid=text(dataset, "00080016"),
        number=number(dataset, "00200013"),
        rows=number(dataset, "00280010") or 0,
        columns=number(dataset, "00280011") or 0,
        frames=number(dataset, "00280008") or 0,
    )

"""Patient and study of the archive's own instance, copied exactly: another spelling would split the study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import datetime, tzinfo
from typing import Any

from pydicom.charset import convert_encodings
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

UTF8 = "ISO_IR 192"
ASCII_ONLY = ("", "ISO_IR 6", "ISO 2022 IR 6")
TEXT = frozenset({"SH", "LO", "ST", "LT", "UC", "UT", "PN"})

REQUIRED = ("StudyInstanceUID", "PatientID")
# Type 2 of the Patient and General Study modules (PS3.3 C.7.1.1, C.7.2.1): empty when the archive has none.
EXPECTED = (
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
)
WHERE_PRESENT = (
    "SpecificCharacterSet",
    "TimezoneOffsetFromUTC",
    "IssuerOfPatientID",
    "IssuerOfPatientIDQualifiersSequence",
    "TypeOfPatientID",
    "OtherPatientIDsSequence",
    "PatientBirthTime",
    "IssuerOfAccessionNumberSequence",
    "StudyDescription",
    "ProcedureCodeSequence",
)


class SourceIncomplete(ValueError):
    """The archive's instance names no study or no patient."""


def copied(source: Mapping[str, Any] | Dataset) -> Dataset:
    """A new dataset with the patient and study attributes of `source`; raises SourceIncomplete."""
    found = _selected(source)
    missing = [keyword for keyword in REQUIRED if not found.get(keyword)]
    if missing:
        raise SourceIncomplete(f"The archive's instance has no {' and no '.join(missing)}.")
    for keyword in WHERE_PRESENT:
        _drop_empty_parts(found, keyword)
    for keyword in EXPECTED:
        if keyword not in found:
            setattr(found, keyword, None)
    return found


def _drop_empty_parts(found: Dataset, keyword: str) -> None:
    """Devices copy empty type 1C parts of a code, such as its scheme's version; an object of ours may not."""
    element = found.data_element(keyword) if keyword in found else None
    for item in element.value or () if element is not None and element.VR == "SQ" else ():
        for part in [one for one in item if one.is_empty]:
            del item[part.tag]


def _selected(source: Mapping[str, Any] | Dataset) -> Dataset:
    tags = [tag for keyword in (*REQUIRED, *EXPECTED, *WHERE_PRESENT) if (tag := tag_for_keyword(keyword))]
    if isinstance(source, Dataset):
        found = Dataset()
        for tag in tags:
            if tag in source:
                found[tag] = deepcopy(source[tag])
        return found
    names = [f"{tag:08X}" for tag in tags]
    found = Dataset.from_json({name: source[name] for name in names if name in source})
    settle_charset(found, _texts(found))
    return found


def settle_charset(dataset: Dataset, texts: Iterable[str]) -> None:
    """Keep the archive's character set when it can write these texts, else name UTF-8 (PS3.3 C.12.1.1.2).

    A name read from DICOM bytes is not among them: it goes out in the bytes it came in, even broken ones.
    """
    charset = dataset.get("SpecificCharacterSet") or ""
    charsets = [charset] if isinstance(charset, str) else list(charset)
    if not all(_can_write(one, charsets) for one in set("".join(texts))):
        dataset.SpecificCharacterSet = UTF8


def _texts(dataset: Dataset) -> list[str]:
    return [str(element.value or "") for element in dataset.iterall() if element.VR in TEXT]


def _can_write(character: str, charsets: list[str]) -> bool:
    return any(_encodes(character, one) for one in charsets)


def _encodes(character: str, charset: str) -> bool:
    codec = "ascii" if charset in ASCII_ONLY else convert_encodings(charset)[0]
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def zone_of(dataset: Dataset) -> tzinfo | None:
    """The zone that dates and times of the dataset are in (0008,0201); None when it does not say."""
    offset = dataset.get("TimezoneOffsetFromUTC")
    return datetime.strptime(offset, "%z").tzinfo if offset else None

"""Fields that the exam fills by itself (MRRT: merge fields): what they may ask for, and by which words others ask."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

FILLED: Final = frozenset({"text", "number", "date", "time"})
NOT_LETTERS: Final = re.compile(r"[^a-z]+")


@dataclass(frozen=True, slots=True)
class Source:
    """`names`: how files of other systems call it, in small letters without blanks or signs."""

    label: str
    names: frozenset[str]


def _source(label: str, *names: str) -> Source:
    return Source(label, frozenset({bare(label), *names}))


def bare(words: str) -> str:
    return NOT_LETTERS.sub("", words.casefold())


SOURCES: Final[dict[str, Source]] = {
    "patient-name": _source("Patient’s name", "patientname", "nameofpatient", "pname"),
    "patient-number": _source("Patient’s number", "patientid", "patientnumber", "mrn", "medicalrecordnumber"),
    "birth-date": _source("Date of birth", "birthdate", "patientbirthdate", "patientsbirthdate", "dob"),
    "age": _source("Age at the exam", "age", "patientage", "patientsage"),
    "sex": _source("Sex", "gender", "patientsex", "patientssex", "patientgender"),
    "accession": _source("Accession number", "accession", "accessionno"),
    "procedure": _source("Procedure", "procedurename", "proceduredescription", "examination", "exam",
                         "studydescription", "requestedproceduredescription"),
    "exam-date": _source("Date of the exam", "examdate", "studydate", "dateofexam", "dateofstudy", "proceduredate"),
    "exam-time": _source("Time of the exam", "examtime", "studytime", "timeofexam", "timeofstudy", "proceduretime"),
    "referrer": _source("Referring physician", "referrer", "referringphysiciansname", "referringphysicianname",
                        "orderingphysician", "orderingprovider"),
    "indication": _source("Clinical question", "indication", "reasonforexam", "reasonforstudy", "clinicalinformation",
                          "clinicalhistory", "reasonfortherequestedprocedure"),
    "site": _source("Site", "institution", "institutionname", "hospital", "facility"),
}  # fmt: skip


def source_named(*words: str) -> str:
    """The first of these that we know, as a key of SOURCES; "" for none."""
    for one in words:
        if one in SOURCES:
            return one
        if found := next((key for key, source in SOURCES.items() if bare(one) in source.names), ""):
            return found
    return ""

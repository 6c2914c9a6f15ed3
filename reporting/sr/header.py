"""The document's own attributes: identity, flags, observer, evidence (PS3.3 §A.35, §C.17)."""

from __future__ import annotations

import re
from datetime import datetime

from reporting.sr import codes, elements
from reporting.sr.codes import Code
from reporting.sr.content import Node
from reporting.sr.document import Header
from reporting.sr.item import Item
from reporting.sr.limits import MAX_SHORT

SR_CLASS = re.compile(r"1\.2\.840\.10008\.5\.1\.4\.1\.1\.88\.(?P<kind>\d+)")
TRIAL_KINDS = frozenset({"1", "2", "3", "4"})  # retired before they were a standard
TIME = re.compile(r"(\d{2})(\d{2})?(\d{2})?(\.\d{1,6})?")


def is_sr(dataset: Item) -> bool:
    """An object of one of the SR classes of PS3.4 §B.5, with a container at its root."""
    kind = SR_CLASS.fullmatch(elements.text(dataset, "SOPClassUID"))
    return bool(kind and kind["kind"] not in TRIAL_KINDS and elements.text(dataset, "ValueType") == "CONTAINER")


def header(dataset: Item) -> Header:
    template = elements.first_item(dataset, "ContentTemplateSequence")
    return Header(
        sop_instance_uid=elements.short(dataset, "SOPInstanceUID"),
        study_instance_uid=elements.short(dataset, "StudyInstanceUID"),
        series_instance_uid=elements.short(dataset, "SeriesInstanceUID"),
        sop_class=elements.short(dataset, "SOPClassUID"),
        series_description=elements.short(dataset, "SeriesDescription"),
        content_datetime=_content_datetime(dataset),
        completion=elements.short(dataset, "CompletionFlag"),
        verification=elements.short(dataset, "VerificationFlag"),
        patient_id=elements.short(dataset, "PatientID"),
        accession_number=elements.short(dataset, "AccessionNumber"),
        manufacturer=elements.short(dataset, "Manufacturer"),
        template=elements.short(template, "TemplateIdentifier") if template is not None else "",
        predecessors=tuple(_referenced(dataset, "PredecessorDocumentsSequence")),
    )


def _content_datetime(dataset: Item) -> str:
    """ISO 8601, with (0008,0201) where the object gives it; the date alone without a time; "" without a date."""
    date, clock = elements.text(dataset, "ContentDate"), TIME.match(elements.text(dataset, "ContentTime"))
    offset = elements.text(dataset, "TimezoneOffsetFromUTC")
    hour, minute, second, fraction = clock.groups() if clock else ("00", "", "", "")
    written = f"{date}{hour}{minute or '00'}{second or '00'}{fraction or '.0'}{offset or '+0000'}"
    try:
        moment = datetime.strptime(written, "%Y%m%d%H%M%S.%f%z")
    except ValueError:
        return ""
    if clock is None:
        return moment.date().isoformat()
    return (moment if offset else moment.replace(tzinfo=None)).isoformat()


def _referenced(dataset: Item, keyword: str) -> list[str]:
    return [
        elements.short(instance, "ReferencedSOPInstanceUID")
        for study in elements.items(dataset, keyword)
        for series in elements.items(study, "ReferencedSeriesSequence")
        for instance in elements.items(series, "ReferencedSOPSequence")
    ]


def series_of_evidence(dataset: Item) -> dict[str, str]:
    """SOP Instance UID -> Series Instance UID of everything the document names as its evidence (PS3.3 §C.17.2.3)."""
    return {
        elements.short(instance, "ReferencedSOPInstanceUID"): elements.short(series, "SeriesInstanceUID")
        for keyword in ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence")
        for study in elements.items(dataset, keyword)
        for series in elements.items(study, "ReferencedSeriesSequence")
        for instance in elements.items(series, "ReferencedSOPSequence")
    }


def observer(root: Node, name: Code = codes.PERSON_OBSERVER) -> str:
    """The observer as the object writes it, "unknown^unknown" included; some writers use TEXT instead of PNAME."""
    found = root.find(name)
    return found.text[:MAX_SHORT] if found else ""

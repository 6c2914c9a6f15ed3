"""The final form of a preliminary SR: a new object that names the one before it and says the same to the last item.

Pure, and run in the sandbox. Completion, verification and preliminary flags are those of PS3.3 C.17.2; who verified is
the signer of the report that the measurements stand in.
"""

from __future__ import annotations

import json
from base64 import b64encode
from io import BytesIO
from typing import Any

from pydicom import Dataset, FileDataset
from pydicom.uid import UID

from ris.dicom.datasets import KEY_OBJECTS, STRUCTURED_REPORTS
from ris.dicom.sandbox.content import read
from viewer.finals.marks import final


def finalize(part10: bytes, facts: str) -> dict[str, str]:
    """The new file in base64 under "part10", or {} when the object is not a preliminary SR.

    `facts` is JSON: sop_uid, series_uid (of the new object), signer (PN), organization, signed_at (DICOM DT),
    date, time. Equal arguments give equal bytes.
    """
    found = read(part10)
    if not is_preliminary(found):
        return {}
    said: dict[str, str] = json.loads(facts)
    predecessor = _predecessor(found)
    found.PredecessorDocumentsSequence = [predecessor]
    found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = UID(said["sop_uid"])
    found.SeriesInstanceUID = said["series_uid"]
    found.SeriesDescription = final(str(found.get("SeriesDescription") or ""))
    found.CompletionFlag, found.VerificationFlag, found.PreliminaryFlag = "COMPLETE", "VERIFIED", "FINAL"
    found.VerifyingObserverSequence = [_verifier(said)]
    found.ContentDate = found.InstanceCreationDate = said["date"]
    found.ContentTime = found.InstanceCreationTime = said["time"]
    out = BytesIO()
    found.save_as(out, enforce_file_format=True)
    return {"part10": b64encode(out.getvalue()).decode("ascii")}


def is_preliminary(found: Dataset) -> bool:
    sop_class = str(found.get("SOPClassUID", ""))
    return (
        sop_class.startswith(STRUCTURED_REPORTS)
        and sop_class != KEY_OBJECTS
        and found.get("PreliminaryFlag") == "PRELIMINARY"
    )


def _predecessor(found: FileDataset) -> Dataset:
    """The object that this one follows (PS3.3 Table C.17-3)."""
    instance, series, study = Dataset(), Dataset(), Dataset()
    instance.ReferencedSOPClassUID = found.SOPClassUID
    instance.ReferencedSOPInstanceUID = str(found.SOPInstanceUID)
    series.SeriesInstanceUID, series.ReferencedSOPSequence = found.SeriesInstanceUID, [instance]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = found.StudyInstanceUID, [series]
    return study


def _verifier(said: dict[str, Any]) -> Dataset:
    item = Dataset()
    item.VerifyingObserverName = said["signer"]
    item.VerifyingOrganization = said["organization"]
    item.VerificationDateTime = said["signed_at"]
    item.VerifyingObserverIdentificationCodeSequence = []
    return item

"""Orthanc: DICOMweb for what it does well, its own REST API where that is exact or much faster."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from urllib.parse import quote_plus

from ris.dicom.archive import keys
from ris.dicom.archive.dicomweb import DicomwebArchive, guarded, readable, the_only
from ris.dicom.archive.errors import InvalidKey, NotInArchive
from ris.dicom.archive.protocol import ArchiveStatus, Change, ChangePage, StudyQuery
from ris.dicom.datasets import InstanceRef, StudyRow

ARCHIVE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{8}){4}")


class OrthancArchive(DicomwebArchive):
    """The Archive protocol at an Orthanc (1.10 or newer) with its DICOMweb plugin."""

    def find_studies(self, query: StudyQuery) -> list[StudyRow]:
        # Orthanc's QIDO compares the value as it stands in the URL, without decoding it.
        if all(quote_plus(value) == value for value in query.filters().values()):
            rows = super().find_studies(query)
        else:
            rows = self._find_natively(query)
        return [self._named(row) for row in rows]

    def _find_natively(self, query: StudyQuery) -> list[StudyRow]:
        """Search by values that cannot stand in a URL, then read each study by its UID."""
        body = {"Level": "Study", "Query": query.filters(), "Limit": query.limit, "CaseSensitive": True, "Expand": True}
        with readable():
            found = self.client.native("POST", "/tools/find", json=body)
            uids = sorted({str(study["MainDicomTags"]["StudyInstanceUID"]) for study in found})
        search = super().find_studies
        candidates = (row for uid in uids for row in search(StudyQuery(study_instance_uid=uid)))
        return [row for row in candidates if query.matches(row)][: query.limit]

    def study(self, study_uid: str) -> StudyRow | None:
        row = super().study(study_uid)
        return self._with_sender(row) if row else None

    def study_by_archive_id(self, archive_id: str) -> StudyRow | None:
        """Exactly this study, even where another patient's shares its UID (`study` refuses that)."""
        _archive_id(archive_id)
        try:
            with readable():
                found = self.client.native("GET", f"/studies/{archive_id}")
                uid = str(found["MainDicomTags"]["StudyInstanceUID"])
                patient_id = str(found["PatientMainDicomTags"].get("PatientID", "")).strip()
        except NotInArchive:
            return None
        rows = self.find_studies(StudyQuery(study_instance_uid=uid, limit=20))
        mine = next((row for row in rows if row.patient_id == patient_id), None)
        return self._with_sender(replace(mine, archive_id=archive_id)) if mine else None

    def retrieve(self, ref: InstanceRef) -> bytes:
        guarded(ref)
        with readable():
            for archive_id in self._lookup("Instance", ref.sop_instance_uid):
                if self._place(archive_id, ref.sop_instance_uid) == ref:
                    return self.client.native_bytes(f"/instances/{archive_id}/file")
        raise NotInArchive

    def locate(self, sop_uid: str) -> InstanceRef | None:
        keys.uid_key(sop_uid)
        try:
            with readable():
                return the_only([self._place(found, sop_uid) for found in self._lookup("Instance", sop_uid)])
        except NotInArchive:  # deleted between the two questions
            return None

    def changes(self, since: int, limit: int = 100) -> ChangePage:
        if since < 0 or not 1 <= limit <= 1000:
            raise InvalidKey("The change feed is read from 0 upwards, 1 to 1000 entries at a time.")
        with readable():
            page = self.client.native("GET", f"/changes?since={since}&limit={limit}")
            found = tuple(
                Change(int(one["Seq"]), str(one["ChangeType"]), str(one["ResourceType"]), str(one["ID"]))
                for one in page["Changes"]
            )
            last = int(page["Last"])
            if not found and since:
                last = min(since, int(self.client.native("GET", "/changes?last")["Last"]))
            return ChangePage(found, last, bool(page["Done"]))

    def ping(self) -> ArchiveStatus:
        with readable():
            system = self.client.native("GET", "/system")
            return ArchiveStatus(f"Orthanc {system.get('Name') or ''}".strip(), str(system["Version"]))

    def _named(self, row: StudyRow) -> StudyRow:
        return replace(row, archive_id=_study_id(row) or self._study_id_asked(row))

    def _study_id_asked(self, row: StudyRow) -> str:
        found = self._lookup("Study", row.study_instance_uid)
        return found[0] if len(found) == 1 else ""

    def _lookup(self, level: str, uid: str) -> list[str]:
        """Orthanc's names of everything of a level with this UID."""
        found = self.client.native("POST", "/tools/lookup", data=uid)
        return [_archive_id(str(one["ID"])) for one in found if one["Type"] == level]

    def _place(self, archive_id: str, sop_uid: str) -> InstanceRef:
        study = self.client.native("GET", f"/instances/{archive_id}/study")["MainDicomTags"]["StudyInstanceUID"]
        series = self.client.native("GET", f"/instances/{archive_id}/series")["MainDicomTags"]["SeriesInstanceUID"]
        return InstanceRef(str(study), str(series), sop_uid)

    def _with_sender(self, row: StudyRow) -> StudyRow:
        """Add the issuer of its number, and the AE title that sent the first object; "" when it came otherwise."""
        try:
            with readable():
                series = self.client.native("GET", f"/studies/{_archive_id(row.archive_id)}")["Series"][0]
                first = self.client.native("GET", f"/series/{_archive_id(series)}")["Instances"][0]
                row = self._with_issuer(row, f"/instances/{_archive_id(first)}")
                path = f"/instances/{first}/metadata/RemoteAET"
                return replace(row, station_aet=self.client.native_bytes(path).decode("ascii", "replace").strip())
        except NotInArchive:
            return row

    def _with_issuer(self, row: StudyRow, instance: str) -> StudyRow:
        """Add who gave out the accession number: its QIDO leaves sequences out."""
        if not row.accession_number or row.issuer_of_accession_number:
            return row
        for element in ("0040-0031", "0040-0032"):
            try:
                found = self.client.native_bytes(f"{instance}/content/0008-0051/0/{element}")
            except NotInArchive:
                continue
            return replace(row, issuer_of_accession_number=found.decode("utf-8", "replace").strip(" \0"))
        return row


def _archive_id(value: str) -> str:
    if not ARCHIVE_ID.fullmatch(value):
        raise InvalidKey("This is not a name that Orthanc gives.")
    return value


def _study_id(row: StudyRow) -> str:
    """Orthanc's name of a study: SHA-1 of "PatientID|StudyInstanceUID"; only sure of for ASCII."""
    seed = f"{row.patient_id}|{row.study_instance_uid}"
    if not seed.isascii():
        return ""
    digest = hashlib.sha1(seed.encode(), usedforsecurity=False).hexdigest()
    return "-".join(digest[at : at + 8] for at in range(0, 40, 8))

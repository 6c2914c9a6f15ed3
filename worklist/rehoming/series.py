"""Single series on their way from the study of one patient to that of another, and back.

As a whole study moves (`carrying`, `moving`), but into another StudyInstanceUID: that is exchanged wherever the objects
name their own study, so that what moves together still finds each other. What the first patient's request and
wristband had put into the objects goes; the Original Attributes Sequence keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ris.dicom.archive import get_archive
from ris.dicom.archive.objects import OrthancObjects
from ris.dicom.datasets import StudyRow
from ris.dicom.rewriting import Element, Head, head, renamed
from worklist.rehoming.actions import told_of
from worklist.rehoming.carrying import Carrier
from worklist.rehoming.identity import WANTED, Identity, Occasion, element_of, replacements, style_of, taken_back
from worklist.rehoming.moving import Differs, Job
from worklist.rehoming.references import look
from worklist.rehoming.rows import RehomedObject, Rehoming

STUDY_UID: Final = 0x0020000D
REFERENCED_SOP: Final = 0x00081155
# What belongs to a study as a whole, with Orthanc's name of it: taken over from the study that they come into.
OF_STUDY: Final = {
    0x00080020: ("DA", "StudyDate"),
    0x00080030: ("TM", "StudyTime"),
    0x00080090: ("PN", "ReferringPhysicianName"),
    0x00081030: ("LO", "StudyDescription"),
    0x00200010: ("SH", "StudyID"),
}
# Of the other patient's request and performed step, and of that patient's body and history: not true of this one.
OF_REQUEST: Final = (0x00081032, 0x00081080, 0x00081084, 0x00081110, 0x00081111, 0x00321032, 0x00321060, 0x00321064,
                     0x00400275, 0x00401001, 0x00402016, 0x00402017)  # fmt: skip
OF_PERSON: Final = (0x00101010, 0x00101020, 0x00101021, 0x00101030, 0x00102000, 0x00102110, 0x00102160, 0x00102180,
                    0x001021A0, 0x001021B0, 0x001021C0, 0x001021D0, 0x00104000, 0x00380010, 0x00380050,
                    0x00380500)  # fmt: skip
# Sequences that name the study of what they refer to (PS3.3 C.17.2, C.12.2, C.8.8.5).
REFERENCES: Final = (0x00081200, 0x0040A375, 0x0040A385, 0x0040A525, 0x30060010)
LENGTHS: Final = (0x00200000, 0x00320000, 0x00380000, 0x00400000, 0x30060000)
TAGS: Final = (*WANTED, STUDY_UID, *OF_STUDY, *OF_REQUEST, *OF_PERSON, *REFERENCES, *LENGTHS)


@dataclass(frozen=True, slots=True)
class SeriesJob(Job):
    """`study_uid` is where they go, `source_uid` where they stand; `is_back` when a move is taken back.

    `exact`: to whom they go back has the same number still, so that every byte comes back.
    """

    source_uid: str = ""
    is_back: bool = False
    exact: bool = False

    def _changes(self, one: RehomedObject, old: Path) -> dict[int, bytes | None]:
        """Taken back byte by byte where the object is as a move of this study left it; else to what is wanted."""
        if self.exact:
            rows = RehomedObject.objects.filter(rehoming__study=self.row.study_id, sop_uid=one.sop_uid)
            made = rows.exclude(rehoming=self.row.pk).filter(after_sha256=one.before_sha256).order_by("-pk").first()
            if made is not None:
                return taken_back(made.before)
        found = head(old, TAGS)
        changes = replacements(self.wanted, found, Occasion(at=self.row.asked_at), self._of_study(found))
        return changes | {tag: None for tag in LENGTHS if tag in found.elements}

    def _of_study(self, found: Head) -> dict[int, bytes | None]:
        """What makes an object one of the study that it comes into."""
        wanted: dict[int, bytes | None] = {
            STUDY_UID: Element(STUDY_UID, b"UI", self.study_uid.encode()).encoded(found.syntax)
        }
        style = style_of(found)
        for tag, (vr, name) in OF_STUDY.items():
            if name in self.row.found["study"]:
                wanted[tag] = element_of(tag, vr, self.row.found["study"][name], found, style)
        if not self.is_back:
            wanted |= dict.fromkeys((*OF_REQUEST, *OF_PERSON))
        uids = dict.fromkeys((STUDY_UID, REFERENCED_SOP), (self.source_uid, self.study_uid))
        for tag in REFERENCES:
            if tag in found.elements:
                wanted[tag] = renamed(found.elements[tag], found.syntax, uids)
        return wanted


class SeriesCarrier(Carrier):
    """One slice of a move of series."""

    def __init__(self, row: Rehoming, objects: OrthancObjects) -> None:
        super().__init__(row, objects)
        back = _is_back(row)
        self.source, self.target = (row.into, self.uid) if back else (self.uid, row.into)
        self.series = frozenset(row.series)
        asked, whose = self.job.wanted, self._whose(self.job.wanted, back=back)
        exact = back and whose is asked
        self.job: SeriesJob = SeriesJob(row, whose, self.target, objects, TAGS, self.source, back, exact)

    def _whose(self, wanted: Identity, *, back: bool) -> Identity:
        """As asked; or, where they go back to a study whose patient got another number since, as that says now."""
        there = self.objects.studies(self.target) if back else []
        if not there or there[0].patient_id == wanted.patient_id:
            return wanted
        return told_of(there[0])

    @property
    def to_look_at(self) -> list[str]:
        """Those of the two studies that the archive has now."""
        return [uid for uid in (self.source, self.target) if self.objects.studies(uid)]

    def _list(self) -> int:
        studies = self.objects.studies(self.source)
        if len(studies) > 1:
            raise Differs("The archive holds the study under two patients: put that right first.")
        if not studies:
            if not self.job.is_back and not self.row.objects_moved.exists():
                raise Differs("The archive has no such study any more.")
            return self._write_down([])
        self._remember(studies)
        held = [one for study in studies for one in self.objects.held(study.archive_id)]
        if "review" not in self.row.found:
            self._look(held)
        known = set(self.row.objects_moved.values_list("sop_uid", flat=True))
        return self._write_down([one for one in held if one.series_uid in self.series and one.sop_uid not in known])

    def _look(self, held: list[Any]) -> None:
        """Before the first object is touched: who speaks of whom, and what the study says that they come into."""
        seen = look(get_archive(), self.source, self.series, held)
        if seen.away and not self.job.is_back:
            raise Differs(f"{seen.away[0]} speaks of images that stay: those go too, or it stays.")
        there = self.objects.studies(self.target)
        if there and not self.job.is_back and there[0].patient_id != self.job.wanted.patient_id:
            raise Differs("The exam's own study stands under another patient number in the archive.")
        of_study = self.objects.tags(there[0].archive_id) if there else self.row.found.get("study", {})
        facts = {name: of_study[name] for _vr, name in OF_STUDY.values() if name in of_study}
        self.row.found = {"study": facts, "review": [dict(one) for one in seen.left]}
        Rehoming.objects.filter(pk=self.row.pk).update(found=self.row.found)

    def _proven(self) -> StudyRow | None:
        """None of these series in the first study; every moved object in the second, under its one patient."""
        left = self.objects.studies(self.source)
        if any(one.series_uid in self.series for study in left for one in self.objects.held(study.archive_id)):
            raise Differs("The first study still holds objects of these series.")
        moved = set(self.row.objects_moved.values_list("sop_uid", flat=True))
        there = self.objects.studies(self.target)
        if not moved:
            return there[0] if there else None
        if len(there) != 1 or there[0].patient_id != self.job.wanted.patient_id:
            raise Differs("The archive holds the second study under another patient.")
        if not moved.issubset(one.sop_uid for one in self.objects.held(there[0].archive_id)):
            raise Differs("The archive does not hold every object that was moved.")
        for study in (*left, *there):
            self.objects.reconstruct(study.archive_id)
        return there[0]


def _is_back(row: Rehoming) -> bool:
    """What takes back what was taken back goes forward again."""
    return row.undoes is not None and not _is_back(row.undoes)

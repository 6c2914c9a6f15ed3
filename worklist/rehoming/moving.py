"""One object from its old place to its new one: fetched, rewritten, stored, read back, and only then gone from the old.

Every step can be done again: what a step makes is the same bytes each time, and each looks first at what is there.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ris.dicom.archive.errors import NotInArchive
from ris.dicom.archive.objects import OrthancObjects, instance_id
from ris.dicom.rewriting import head, splice, untouched
from worklist.lifecycle import MOVED_OBJECT
from worklist.rehoming.folder import folder_of, settle
from worklist.rehoming.identity import WANTED, Identity, Occasion, recorded, replacements, taken_back
from worklist.rehoming.rows import RehomedObject, Rehoming

BLOCK: Final = 1024 * 1024


class Differs(Exception):
    """The archive holds something that nobody expected: a person must look."""


@dataclass(frozen=True, slots=True)
class Job:
    """What the objects of one move have in common; `tags` are the elements that it may change."""

    row: Rehoming
    wanted: Identity
    study_uid: str
    objects: OrthancObjects
    tags: tuple[int, ...] = WANTED

    def store(self, one: RehomedObject) -> None:
        """Until the archive provably holds the object as it shall be."""
        one.new_id = instance_id(self.wanted.patient_id, self.study_uid, one.series_uid, one.sop_uid)
        if one.new_id == one.old_id:
            self._exchange(one)
        else:
            self._copy(one)

    def _copy(self, one: RehomedObject) -> None:
        """The object stands at both places until `clear`."""
        old, new = self._file(one, "old"), self._file(one, "new")
        one.before_sha256 = self.objects.download(one.old_id, old)
        self._rewrite(one, old, new)
        stored = self.objects.upload(new)
        if stored != one.new_id:
            raise Differs("The archive named an object differently than expected.")
        self._prove(one, self._file(one, "back"))
        MOVED_OBJECT.advance(one, "store", **_facts(one))
        for path in (old, new, self._file(one, "back")):
            path.unlink(missing_ok=True)

    def _exchange(self, one: RehomedObject) -> None:
        """The archive can hold only one of the two: the old one is kept here, on the disk, until the end."""
        old, new = self._file(one, "old"), self._file(one, "new")
        if not MOVED_OBJECT.within(one, "kept"):
            staging = self._file(one, "part")
            one.before_sha256 = self.objects.download(one.old_id, staging)
            settle(staging, old)
        self._rewrite(one, old, new)
        if not MOVED_OBJECT.within(one, "kept"):
            MOVED_OBJECT.advance(one, "keep", **_facts(one))
        held = self._held(one)
        if held not in {one.before_sha256, one.after_sha256, ""}:
            raise Differs("An object was changed at the archive meanwhile.")
        if held != one.after_sha256:
            self.objects.delete(one.old_id)
            self.objects.upload(new)
        self._prove(one, self._file(one, "back"))
        MOVED_OBJECT.advance(one, "store", **_facts(one))

    def _rewrite(self, one: RehomedObject, old: Path, new: Path) -> None:
        """`new` is `old` with the wanted elements; that nothing else differs is found by reading both again."""
        changes = self._changes(one, old)
        one.before = recorded(changes, head(old, self.tags))
        one.after_sha256 = splice(old, new, changes)
        if untouched(old, changes) != untouched(new, changes):
            raise Differs("More than the patient would change in an object: nothing was stored.")

    def _changes(self, one: RehomedObject, old: Path) -> dict[int, bytes | None]:
        """Taken back byte by byte where the object is as the move before left it; else to what is wanted."""
        if self.row.undoes_id is not None:
            made = RehomedObject.objects.filter(rehoming=self.row.undoes_id, sop_uid=one.sop_uid).first()
            if made is not None and made.after_sha256 == one.before_sha256:
                return taken_back(made.before)
        occasion = Occasion(at=self.row.asked_at)
        return replacements(self.wanted, head(old, self.tags), occasion)

    def _prove(self, one: RehomedObject, back: Path) -> None:
        if self.objects.download(one.new_id, back) != one.after_sha256:
            raise Differs("The archive holds something else under an object's UID for this patient.")

    def _held(self, one: RehomedObject) -> str:
        """The hash of what the archive has at the place now; "" when nothing."""
        try:
            return self.objects.download(one.old_id, self._file(one, "back"))
        except NotInArchive:
            return ""

    def _file(self, one: RehomedObject, kind: str) -> Path:
        return folder_of(self.row.pk) / f"{one.pk}.{kind}"

    def clear(self, one: RehomedObject) -> None:
        """The new one was read back: the old one goes, unless it changed since it was copied."""
        if one.old_id != one.new_id:
            back = self._file(one, "back")
            try:
                unchanged = self.objects.download(one.old_id, back) == one.before_sha256
            except NotInArchive:
                unchanged = True
            back.unlink(missing_ok=True)
            if not unchanged:
                raise Differs("An object was changed at the archive meanwhile.")
            self.objects.delete(one.old_id)
        MOVED_OBJECT.advance(one, "clear")


def _facts(one: RehomedObject) -> dict[str, object]:
    names = ("new_id", "before_sha256", "after_sha256", "before")
    return {name: getattr(one, name) for name in names}


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

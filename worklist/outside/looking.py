"""What was brought: ZIPs unpacked, each file told by its bytes, each object's header read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from django.db import transaction
from django.db.models import Sum

from ris.dicom import sandbox
from ris.dicom.rewriting import CannotRewrite
from ris.dicom.sandbox import SandboxRefused
from ris.events.models import Event
from worklist.lifecycle import OUTSIDE
from worklist.outside.facts import NotAnObject, facts_of, is_directory
from worklist.outside.folder import clear, path_of
from worklist.outside.limits import DELIVERY, DIRECTORY_MAX, NAMED, PDF_MAX
from worklist.outside.rows import OutsideFile, OutsideImport
from worklist.outside.working import hold, still
from worklist.outside.zips import ZipRefused, entries, is_link, opened, unpack

ZIP, PDF, DICOM = b"PK\x03\x04", b"%PDF-", b"DICM"
EMPTY_ZIP: Final = b"PK\x05\x06"
NOTHING: Final = "No DICOM object was found in these files. Nothing can be brought from them."


def look(event: Event) -> None:
    """`outside.closed`: safe to run twice; what was unpacked before is unpacked over."""
    row = OutsideImport.objects.get(pk=event.target_id)
    if not OUTSIDE.within(row, "looking"):
        return
    hold(row)
    try:
        notes = _Look(row).run()
    except ZipRefused as error:
        _fail(row, str(error))
        return
    if not row.files.filter(kind="dicom").exists():
        _fail(row, NOTHING)
        return
    OUTSIDE.advance(row, "show", notes=notes, working_until=None)


@transaction.atomic
def _fail(row: OutsideImport, problem: str) -> None:
    OUTSIDE.advance(row, "fail", problem=problem[:255], working_until=None)
    transaction.on_commit(lambda: clear(row), robust=True)


class _Look:
    """One look at one delivery, and what it found odd."""

    def __init__(self, row: OutsideImport) -> None:
        self.row = row
        self.left_out: dict[str, list[str]] = {}
        self.named: set[str] = set()

    def run(self) -> list[str]:
        for file in list(self.row.files.filter(kind__in=["new", "zip"])):
            if _begins(path_of(file)) in {ZIP, EMPTY_ZIP}:
                self._open(file)
        for file in list(self.row.files.filter(kind="new")):
            self._tell(file)
            still(self.row)
        self._drop_doubles()
        return [*self._missing(), *self._doubtful(), *(_sentence(why, names) for why, names in self.left_out.items())]

    def _open(self, file: OutsideFile) -> None:
        room = DELIVERY.bytes
        with opened(path_of(file)) as archive:
            for entry in entries(archive, DELIVERY):
                name = f"{file.name}/{entry.filename}"
                if is_link(entry):
                    self._leave("Links, not followed", name)
                    continue
                inner, _ = OutsideFile.objects.get_or_create(delivery=self.row, name=_printable(name))
                size = unpack(archive, entry, path_of(inner), most=room)
                room -= size
                OutsideFile.objects.filter(pk=inner.pk).update(size=size, kind="new")
                still(self.row)
        OutsideFile.objects.filter(pk=file.pk).update(kind="zip")
        path_of(file).unlink(missing_ok=True)

    def _tell(self, file: OutsideFile) -> None:
        """What a file is, by its bytes; whatever it is called."""
        path = path_of(file)
        begin = _begins(path)
        if begin in {ZIP, EMPTY_ZIP}:
            self._out(file, "ZIPs inside a ZIP, not opened")
        elif begin == PDF[:4]:
            kind = "pdf" if file.size <= PDF_MAX else "other"
            OutsideFile.objects.filter(pk=file.pk).update(kind=kind)
        elif not _is_dicom(path):
            self._out(file, "No DICOM, left out")
        elif is_directory(path):
            self._read_directory(file)
        else:
            self._read_object(file)

    def _read_object(self, file: OutsideFile) -> None:
        try:
            facts = facts_of(path_of(file))
        except (CannotRewrite, NotAnObject):
            self._out(file, "Damaged DICOM, left out")
            return
        uids = {name: facts[name] for name in ("study_uid", "series_uid", "sop_uid")}
        OutsideFile.objects.filter(pk=file.pk).update(kind="dicom", facts=facts, **uids)

    def _read_directory(self, file: OutsideFile) -> None:
        """A DICOMDIR is a list that others made: it only tells what is missing."""
        OutsideFile.objects.filter(pk=file.pk).update(kind="other")
        if file.size > DIRECTORY_MAX:
            return
        try:
            named = sandbox.call("worklist.outside.directory.referenced", path_of(file).read_bytes())
        except SandboxRefused:
            self._leave("A DICOMDIR that cannot be read, its files were read one by one", file.name)
            return
        self.named.update(named)
        path_of(file).unlink(missing_ok=True)

    def _out(self, file: OutsideFile, why: str) -> None:
        self._leave(why, file.name)
        OutsideFile.objects.filter(pk=file.pk).update(kind="other")
        path_of(file).unlink(missing_ok=True)

    def _leave(self, why: str, name: str) -> None:
        self.left_out.setdefault(why, []).append(name)

    def _drop_doubles(self) -> None:
        seen: set[str] = set()
        for file in self.row.files.filter(kind="dicom").order_by("pk"):
            if file.sop_uid in seen:
                self._out(file, "The same object twice, left out")
            seen.add(file.sop_uid)
        total = self.row.files.aggregate(n=Sum("size"))["n"] or 0
        OutsideImport.objects.filter(pk=self.row.pk).update(bytes=total)

    def _missing(self) -> list[str]:
        missing = self.named - set(self.row.files.filter(kind="dicom").values_list("sop_uid", flat=True))
        if not missing:
            return []
        return [f"The DICOMDIR names {len(self.named)} objects, of which {len(missing)} are missing: look at the disc."]

    def _doubtful(self) -> list[str]:
        if not self.row.files.filter(kind="dicom", facts__charset_doubt="yes").exists():
            return []
        return ["Some letters could not be read: the files name a wrong character set, or none. Compare the name."]


def _begins(path: Path) -> bytes:
    if not path.exists():
        return b""
    with path.open("rb") as file:
        return file.read(4)


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[128:] == DICOM


def _printable(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[-255:]


def _sentence(why: str, names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"{why} ({len(found)}): {', '.join(found[:NAMED])}{more}."

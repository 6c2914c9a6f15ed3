"""What the archive holds of a study besides its images, one object after the other; the headers are remembered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core.cache import cache

from ris.dicom.archive import Archive, ArchiveError
from ris.dicom.archive.errors import NotInArchive
from ris.dicom.datasets import InstanceRef, SeriesRow, person_name, text, values

KINDS = {"SR": "Measurements", "SEG": "Segmentation", "KO": "Key images", "PR": "Presentation", "DOC": "Document",
         "OT": "Capture", "SC": "Capture", "RTSTRUCT": "Contours"}  # fmt: skip
REMEMBERED_SECONDS = 3600
AWAY_SECONDS = 20
SERIES_MAX, OBJECTS_MAX = 40, 60
DERIVED_IMAGES = frozenset({"OT", "SC"})
# Secondary Capture (PS3.4 annex B.5): a scanner's dose page is one, in a small series of the scanner's own modality.
CAPTURE_CLASS = "1.2.840.10008.5.1.4.1.1.7"
SMALL_SERIES = 8
EVIDENCE = ("0040A375", "00081115")
OBSERVER_NAME = "121008"


@dataclass(frozen=True, slots=True)
class Header:
    """What is shown of one object. `points_at` is (series, image) of the first image that it speaks of, or empty."""

    series: str
    sop: str
    modality: str
    description: str
    author: str
    written: str
    points_at: tuple[str, str] = ("", "")
    rows: int = 0
    columns: int = 0

    @property
    def kind(self) -> str:
        return KINDS.get(self.modality, self.modality)


@dataclass(frozen=True, slots=True)
class Objects:
    """Those of one study that are listed, and how many more there are that are not."""

    headers: list[Header]
    left_out: int = 0


def objects_of(archive: Archive, study_uid: str, *, ours: Collection[str] = (), latest: str = "") -> Objects:
    """Those of one study; raises ArchiveError.

    Where there are too many: the series of `latest`, an object that was stored a moment ago, then `ours`, series that
    came through the viewer, then the newest. Those that hold no images by their modality before the small ones.
    """
    series = archive.series(study_uid)
    derived = [row for row in series if row.modality in KINDS]
    small = [row for row in series if row.modality not in KINDS and 0 < row.instance_count <= SMALL_SERIES]
    there_are = sum(row.instance_count or 1 for row in derived)
    first = ""
    if latest and (len(derived) > SERIES_MAX or there_are > OBJECTS_MAX):
        where = archive.locate(latest)
        first = where.series_instance_uid if where else ""

    def rank(row: SeriesRow) -> tuple[bool, bool, str, int]:
        uid = row.series_instance_uid
        return uid == first, uid in ours, row.begun, row.number or 0

    ordered = sorted(derived, key=rank, reverse=True) + sorted(small, key=rank, reverse=True)
    headers = _headers(archive, study_uid, ordered[:SERIES_MAX])
    listed = {row.series_instance_uid for row in derived}
    return Objects(headers, max(0, there_are - sum(header.series in listed for header in headers)))


def _headers(archive: Archive, study_uid: str, series: list[SeriesRow]) -> list[Header]:
    found: list[Header] = []
    for row in series:
        for one in archive.instances(study_uid, row.series_instance_uid):
            modality = row.modality if row.modality in KINDS else _capture(one.sop_class_uid)
            if modality:
                found.append(header_of(archive, one.ref, modality))
            if len(found) == OBJECTS_MAX:
                return found
    return found


def _capture(sop_class: str) -> str:
    return "SC" if sop_class == CAPTURE_CLASS or sop_class.startswith(f"{CAPTURE_CLASS}.") else ""


@dataclass(slots=True)
class Held:
    """What the archive has of one study, asked once for each `mark` that the caller gives the study's state.

    `images` are those that its objects speak of, by UID; None for one that is not there.
    """

    archive: Archive
    study_uid: str
    mark: str
    headers: list[Header] = field(default_factory=list)
    images: dict[str, Header | None] = field(default_factory=dict)
    left_out: int = 0
    _changed: bool = False

    @classmethod
    def of(cls, archive: Archive, study_uid: str, mark: str, *, ours: Collection[str] = (), latest: str = "") -> Held:
        """Raises ArchiveError when the archive must be asked and cannot be; asked again only after a while."""
        held = cls(archive, study_uid, mark)
        known = cache.get(held._key)
        if known is None:
            held._ask(ours, latest)
        else:
            held.left_out = known["left_out"]
            held.headers = [Header(**one) for one in known["headers"]]
            held.images = {uid: Header(**one) if one else None for uid, one in known["images"].items()}
        return held

    def _ask(self, ours: Collection[str], latest: str) -> None:
        away = f"{self._key}.away"
        if cache.get(away):
            raise ArchiveError("The archive did not answer a moment ago.", permanent=False)
        try:
            found = objects_of(self.archive, self.study_uid, ours=ours, latest=latest)
        except ArchiveError:
            cache.set(away, 1, AWAY_SECONDS)  # a page that polls must not hold one of our threads each time
            raise
        self.headers, self.left_out, self._changed = found.headers, found.left_out, True

    @property
    def _key(self) -> str:
        return f"viewer.beside.objects.{self.study_uid}.{self.mark}"

    def image(self, series: str, sop: str) -> Header | None:
        """An image that an object speaks of; None when it is not there, or cannot be asked for now."""
        if sop not in self.images:
            try:
                self.images[sop] = header_of(self.archive, InstanceRef(self.study_uid, series, sop))
            except NotInArchive:
                self.images[sop] = None
            except ArchiveError:
                return None
            self._changed = True
        return self.images[sop]

    def keep(self) -> None:
        """Until the study's state changes, or for an hour."""
        if self._changed:
            images = {uid: asdict(one) if one else None for uid, one in self.images.items()}
            headers = [asdict(one) for one in self.headers]
            known = {"headers": headers, "images": images, "left_out": self.left_out}
            cache.set(self._key, known, REMEMBERED_SECONDS)


def header_of(archive: Archive, ref: InstanceRef, modality: str = "") -> Header:
    """Of one object; asked once an hour, since an object never changes what it says of itself."""
    key = f"viewer.beside.{ref.sop_instance_uid}"
    known = cache.get(key)
    if known is None:
        known = asdict(_read(archive.instance_metadata(ref), ref, modality))
        cache.set(key, known, REMEMBERED_SECONDS)
    return replace(Header(**known), modality=modality or known["modality"])


def _read(header: dict[str, Any], ref: InstanceRef, modality: str) -> Header:
    return Header(
        series=ref.series_instance_uid,
        sop=ref.sop_instance_uid,
        modality=modality or text(header, "00080060"),
        description=text(header, "00420010") or text(header, "00700081") or text(header, "0008103E"),
        author=_observer(header) or person_name(header, "00700084") or person_name(header, "00081070"),
        written=_written(header),
        points_at=next(_references(header), ("", "")),
        rows=int(text(header, "00280010") or 0),
        columns=int(text(header, "00280011") or 0),
    )


def _written(header: dict[str, Any]) -> str:
    """The content's date and time as ISO without a zone, or ""."""
    for date, time in (("00080023", "00080033"), ("00080012", "00080013"), ("00080021", "00080031")):
        stamp = (text(header, date) + text(header, time)[:6]).ljust(14, "0")
        try:
            return datetime.strptime(stamp, "%Y%m%d%H%M%S").isoformat()  # noqa: DTZ007  the zone is the caller's
        except ValueError:
            continue
    return ""


def _observer(header: dict[str, Any]) -> str:
    """The Person Observer Name (DCM 121008) of the content tree's top."""
    for item in values(header, "0040A730"):
        codes = [text(code, "00080100") for code in values(item, "0040A043")]
        if OBSERVER_NAME in codes:
            return person_name(item, "0040A123")
    return ""


def _references(header: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(series, image) of what the object speaks of (PS3.3 C.17.2.1, C.11.11, C.12.1.1)."""
    for tag in EVIDENCE:
        for outer in values(header, tag):
            for series in values(outer, "00081115") or (outer,):
                yield from _of_series(series)


def _of_series(series: Any) -> Iterator[tuple[str, str]]:
    items: Sequence[Any] = [*values(series, "00081199"), *values(series, "0008114A"), *values(series, "00081140")]
    for item in items:
        if text(series, "0020000E") and text(item, "00081155"):
            yield text(series, "0020000E"), text(item, "00081155")

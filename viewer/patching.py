"""What is changed of a segmentation as it enters the study: elements at its top, the rest stays byte for byte.

Pure, and run in the sandbox; it tells the edits, and the caller makes them. A segmentation may be as large as its
images and hold thousands of items, which pydicom would build and write again.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from ris.dicom.rewriting.elements import IMPLICIT
from ris.dicom.sandbox.errors import Refusal
from viewer.dicom_meta import file_meta
from viewer.dicom_scan import tops
from viewer.dressing import IDENTITY, NOBODY, NOT_CLINICAL, UTF8

READ = (*IDENTITY, "SpecificCharacterSet", "ContentCreatorName", "ContentQualification", "ImageComments")
PLAIN = frozenset({"", "ISO_IR 6"})  # every text in it is text in UTF-8 too
Edit = tuple[int, int, str]


def edits(part10: bytes, identity: str, observer: str, is_person: bool) -> dict[str, list[Edit]]:  # noqa: FBT001  JSON
    """(start, end, bytes in base64) of each piece to be put in place of another, in order, under "edits".

    The arguments are those of `viewer.dressing.dress`. A name that the character set of the object cannot say is left.
    """
    try:
        return {"edits": _edits(part10, json.loads(identity), observer, is_person=is_person)}
    except (AttributeError, KeyError, TypeError) as error:
        raise Refusal("A part of it has another type than DICOM gives it.") from error


def _edits(part10: bytes, identity: dict[str, Any], observer: str, *, is_person: bool) -> list[Edit]:
    meta, end = file_meta(part10)
    implicit = meta.get(0x0010) == IMPLICIT
    there = tops(part10, end, meta.get(0x0010, ""))
    wanted = {tag_for_keyword(keyword) for keyword in READ}
    spans = pairwise([*there, (0, len(part10))])
    found = b"".join(part10[start:until] for (tag, start), (_next, until) in spans if tag in wanted)
    known = read_dataset(BytesIO(found), implicit, True)  # noqa: FBT003  little endian
    told, dropped = _changed(known, Dataset.from_json(identity))
    if observer and (is_person or str(known.get("ContentCreatorName") or "").lower() in NOBODY):
        told.ContentCreatorName = observer
    fresh = {int(one.tag): _written(one, implicit=implicit) for one in _sayable(told, known)}
    return _placed(part10, there, fresh, dropped)


def applied(part10: bytes, edits: Iterable[Sequence[Any]]) -> bytes:
    """The object with its edits made."""
    pieces, at = [], 0
    for start, end, text in edits:
        pieces += [part10[at:start], b64decode(text)]
        at = end
    return b"".join([*pieces, part10[at:]])


def _changed(known: Dataset, archived: Dataset) -> tuple[Dataset, set[int]]:
    """Elements with their new values, and tags of those that go."""
    told = Dataset()
    gone: set[int] = set()
    for keyword in IDENTITY if archived else ():
        if keyword in archived:
            told[keyword] = archived[keyword]
        elif keyword in known:
            gone.add(int(known[keyword].tag))
    if known.get("ContentQualification") == "RESEARCH":
        told.ContentQualification = "PRODUCT"
    if NOT_CLINICAL in str(known.get("ImageComments", "")).upper():
        gone.add(int(known["ImageComments"].tag))
    return told, gone


def _sayable(told: Dataset, known: Dataset) -> Dataset:
    """What can be said in the object's character set, or in UTF-8 when that takes nothing from its other texts."""
    charset = str(known.get("SpecificCharacterSet") or "")
    foreign = [one.tag for one in told if not str(one.value).isascii()]
    if foreign and charset in PLAIN:
        told.SpecificCharacterSet = UTF8
    elif charset != UTF8:
        for tag in foreign:
            del told[tag]
    return told


def _written(one: Any, *, implicit: bool) -> bytes:
    alone, out = Dataset(), DicomBytesIO()
    alone.add(one)
    out.is_little_endian, out.is_implicit_VR = True, implicit
    write_dataset(out, alone, UTF8)
    return out.getvalue()


def _placed(part10: bytes, there: list[tuple[int, int]], fresh: Mapping[int, bytes], dropped: set[int]) -> list[Edit]:
    """Each fresh element in place of its old one, or before the first with a greater tag."""
    waiting = dict(sorted(fresh.items()))
    found: list[tuple[int, int, bytes]] = []
    for (tag, start), (_next, end) in pairwise([*there, (0, len(part10))]):
        found += [(start, start, waiting.pop(smaller)) for smaller in list(waiting) if smaller < tag]
        if tag in waiting:
            found.append((start, end, waiting.pop(tag)))
        elif tag in dropped:
            found.append((start, end, b""))
    found += [(len(part10), len(part10), body) for body in waiting.values()]
    return [(start, end, b64encode(body).decode("ascii")) for start, end, body in found if part10[start:end] != body]

"""From the bytes of a foreign SR to what it says. Pure: callable in a child process with nothing around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reporting.sr import codes
from reporting.sr.as_json import document_json
from reporting.sr.content import tree
from reporting.sr.document import SrDocument
from reporting.sr.errors import MALFORMED, SrRefused
from reporting.sr.header import header, is_sr, observer, series_of_evidence
from reporting.sr.images import ImageGeometry
from reporting.sr.item import Item
from reporting.sr.part10 import parse
from reporting.sr.plausible import doubted
from reporting.sr.readers.dose import DoseReader
from reporting.sr.registry import choose
from reporting.sr.source import Problems, Source


def read(part10: bytes, images: Mapping[str, ImageGeometry] | None = None) -> SrDocument:
    """Understand one SR file.

    `images` maps SOP Instance UIDs to the geometry of referenced images; without it 2D measurements are read but
    cannot be recomputed. Raises SrRefused, and nothing else, whatever the bytes are.
    """
    dataset = parse(part10)
    try:
        return _understand(dataset, images or {})
    except MALFORMED as error:
        raise SrRefused("The object breaks the rules of DICOM in a way that cannot be read past.") from error


def read_json(part10: bytes, images_json: Iterable[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """As `read`, in and out as plain JSON values.

    `images_json` are datasets of DICOM JSON as a WADO-RS metadata answer lists them. Raises SrRefused.
    """
    listed = (metadata for metadata in images_json or () if isinstance(metadata, Mapping))
    images = {image.sop_instance_uid: image for image in map(ImageGeometry.from_json, listed)}
    return document_json(read(part10, images), images)


def _understand(dataset: Item, images: Mapping[str, ImageGeometry]) -> SrDocument:
    if not is_sr(dataset):
        raise SrRefused("This object is not a structured report of a kind that is still in use.")
    problems = Problems()
    source = Source(header(dataset), tree(dataset, problems.note), images, problems)
    reader = choose(source)
    understood = reader.read(source)
    of_bodies = reader.name != DoseReader.name
    groups = tuple(doubted(group, images, of_bodies=of_bodies) for group in understood.groups)
    for problem in (problem for group in groups for value in group.values for problem in value.checked.problems):
        problems.note(problem)
    return SrDocument(
        header=source.header,
        title=source.root.name,
        reader=reader.name,
        observer=observer(source.root),
        device=observer(source.root, codes.DEVICE_OBSERVER),
        groups=groups,
        lines=understood.lines,
        problems=problems.listed(),
        series=tuple(series_of_evidence(dataset).items()),
    )

"""The tiny study that the viewer shows itself, unseen, while nobody has chosen a case yet (ohif.md B4).

OHIF's start costs two seconds, and its first study another few hundred milliseconds. Both are paid on a study that the
RIS answers for: it is nobody's, it lies in no archive, and every signed-in person may see it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from PIL import Image

from viewer.grammar import Dicomweb, Endpoint
from viewer.refusals import guarded, refusal

STUDY = "2.25.204868373190371904838474017261409285417"
SERIES, FRAME_OF_REFERENCE = f"{STUDY[:-3]}418", f"{STUDY[:-3]}419"
IMAGES = tuple(f"{STUDY[:-3]}42{at}" for at in range(3))
PATIENT = "VIEWER-START"
SIDE = 64
CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
BOUNDARY = "ISOCENTER-START"
Row = dict[str, Any]


def is_for(asked: Dicomweb) -> bool:
    """Whether this request means the study of the start and nothing beside it."""
    return STUDY in asked.studies or (not asked.studies and asked.query.patient_id == PATIENT)


def answer(asked: Dicomweb) -> HttpResponse:
    """What an archive would say; 404 for what the study does not hold."""
    if asked.endpoint in _ROWS and (asked.series or SERIES) == SERIES:
        body = json.dumps(_ROWS[asked.endpoint](), separators=(",", ":"))
        return guarded(HttpResponse(body, content_type="application/dicom+json"))
    if asked.instance not in IMAGES or asked.series != SERIES:
        return refusal(404)
    if asked.endpoint is Endpoint.FRAMES and asked.detail == "1":
        kind = f'multipart/related; type="application/octet-stream"; transfer-syntax={EXPLICIT}; boundary={BOUNDARY}'
        return guarded(HttpResponse(_frame(), content_type=kind))
    if asked.endpoint is Endpoint.INSTANCE_RENDERED:
        return guarded(HttpResponse(_picture(), content_type="image/jpeg"))
    return refusal(404)


def _element(vr: str, *values: object) -> Row:
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}


def _study() -> Row:
    return {
        "00080005": _element("CS", "ISO_IR 192"),
        "00080020": _element("DA", "20200101"),
        "00080030": _element("TM", "000000"),
        "00080050": _element("SH"),
        "00080061": _element("CS", "CT"),
        "00100010": _element("PN"),
        "00100020": _element("LO", PATIENT),
        "0020000D": _element("UI", STUDY),
        "00200010": _element("SH"),
        "00201206": _element("IS", 1),
        "00201208": _element("IS", len(IMAGES)),
    }


def _series() -> Row:
    return {
        "00080060": _element("CS", "CT"),
        "0008103E": _element("LO"),
        "0020000D": _element("UI", STUDY),
        "0020000E": _element("UI", SERIES),
        "00200011": _element("IS", 1),
        "00201209": _element("IS", len(IMAGES)),
    }


def _image(at: int) -> Row:
    plane = {
        "00180050": _element("DS", 1),
        "00200032": _element("DS", 0, 0, at),
        "00200037": _element("DS", 1, 0, 0, 0, 1, 0),
        "00200052": _element("UI", FRAME_OF_REFERENCE),
        "00280030": _element("DS", 1, 1),
    }
    pixels = {"00280002": 1, "00280010": SIDE, "00280011": SIDE, "00280100": 16, "00280101": 12, "00280102": 11}
    return {
        **_study(),
        **_series(),
        **plane,
        **{tag: _element("US", number) for tag, number in {**pixels, "00280103": 0}.items()},
        "00080016": _element("UI", CT),
        "00080018": _element("UI", IMAGES[at]),
        "00083002": _element("UI", EXPLICIT),
        "00200013": _element("IS", at + 1),
        "00280004": _element("CS", "MONOCHROME2"),
        "00281050": _element("DS", 40),
        "00281051": _element("DS", 400),
        "00281052": _element("DS", -1024),
        "00281053": _element("DS", 1),
    }


def _images() -> list[Row]:
    return [_image(at) for at in range(len(IMAGES))]


_ROWS = {
    Endpoint.STUDIES: lambda: [_study()],
    Endpoint.STUDY_SERIES: lambda: [_series()],
    Endpoint.STUDY_METADATA: _images,
    Endpoint.SERIES_METADATA: _images,
}


@lru_cache(maxsize=1)
def _frame() -> bytes:
    """Black: whoever should ever see it sees nothing."""
    pixels = bytes(SIDE * SIDE * 2)
    head = f"--{BOUNDARY}\r\nContent-Type: application/octet-stream; transfer-syntax={EXPLICIT}\r\n"
    return f"{head}Content-Length: {len(pixels)}\r\n\r\n".encode() + pixels + f"\r\n--{BOUNDARY}--".encode()


@lru_cache(maxsize=1)
def _picture() -> bytes:
    stream = BytesIO()
    Image.new("L", (SIDE, SIDE)).save(stream, "JPEG")
    return stream.getvalue()

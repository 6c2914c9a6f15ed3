"""The picture of a key image: asked of the archive as it was looked at, drawn anew in the sandbox, kept."""

from __future__ import annotations

import base64

from reporting.actions.key_images import keep_picture, note_no_picture
from reporting.models import KeyImage
from reporting.publish.grid import grid_of
from reporting.publish.looked import look_of
from ris.core.actors import Actor
from ris.dicom import sandbox
from ris.dicom.archive import get_archive
from ris.dicom.archive.errors import ArchiveError, NotInArchive
from ris.dicom.datasets import text
from ris.dicom.sandbox.errors import SandboxRefused

SOP_CLASS, SERIES_NUMBER, IMAGE_NUMBER, FRAMES = "00080016", "00200011", "00200013", "00280008"


def picture(key_image: KeyImage, *, by: Actor) -> None:
    """Make the picture; what can never have one says why. Raises ArchiveError when the archive may answer later."""
    archive = get_archive()
    where = archive.locate(key_image.sop_instance_uid)
    if where is None or where.study_instance_uid != key_image.study_instance_uid:
        note_no_picture(key_image, "The archive has no such image in this study.", by=by)
        return
    try:
        header = archive.instance_metadata(where)
        look = look_of(key_image.presentation, header)
        body = archive.rendered(where, key_image.frame or 1, look.window)
        drawn = sandbox.call("reporting.publish.pictures.plain", body, look.turned)
    except NotInArchive:
        note_no_picture(key_image, "The archive has no such image in this study.", by=by)
    except ArchiveError as error:
        if not error.permanent:
            raise
        note_no_picture(key_image, "The archive cannot draw this image.", by=by)
    except SandboxRefused as refused:
        note_no_picture(key_image, refused.reason, by=by)
    else:
        frame = key_image.frame if int(text(header, FRAMES) or 1) > 1 else 0
        about = {"frame": str(frame), "series_uid": where.series_instance_uid, "sop_class": text(header, SOP_CLASS)}
        place = place_words(text(header, SERIES_NUMBER), text(header, IMAGE_NUMBER), frame)
        jpeg, grid = base64.b64decode(drawn), grid_of(header)
        keep_picture(key_image, jpeg, about=about | {"place": place}, grid=grid, by=by)


def place_words(series: str, image: str, frame: int) -> str:
    """ "series 3, image 61": the numbers that people know an image by."""
    parts = (("series", series), ("image", image), ("frame", str(frame) if frame else ""))
    return ", ".join(f"{name} {number}" for name, number in parts if number)[:80]

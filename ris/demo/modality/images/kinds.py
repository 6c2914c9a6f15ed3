"""Which study this device makes for which modality (0008,0060)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pydicom import Dataset

from ris.demo.modality.acquisition import Acquisition
from ris.demo.modality.errors import UnsupportedModalityError
from ris.demo.modality.images import ct, dx, mr, us


@dataclass(frozen=True, slots=True)
class Kind:
    """A study kind: its one SOP class, and what makes the images (second argument: how many, None for the usual)."""

    sop_class: str
    images: Callable[[Acquisition, int | None], Iterator[Dataset]]


KINDS: Mapping[str, Kind] = {
    "CT": Kind(ct.SERIES.sop_class, ct.chest_images),
    "DX": Kind(dx.SERIES.sop_class, dx.chest_radiograph),
    "MR": Kind(mr.SOP_CLASS, mr.head_images),
    "US": Kind(us.SERIES.sop_class, us.abdomen_clip),
}


def kind_of(modality: str) -> Kind:
    """Raises UnsupportedModalityError for a modality that nobody simulates."""
    try:
        return KINDS[modality]
    except KeyError:
        raise UnsupportedModalityError(f"no simulated study for modality {modality}") from None

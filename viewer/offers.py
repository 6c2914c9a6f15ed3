"""Which forms of answer the proxy offers. Pure."""

from __future__ import annotations

from functools import lru_cache

OFFERED = (
    "*/*",
    "application/*",
    "multipart/*",
    "multipart/related",
    "application/dicom",
    "application/dicom+json",
    "application/json",
    "application/octet-stream",
    "application/pdf",
    "image/*",
    "image/jpeg",
)


@lru_cache(maxsize=256)
def is_acceptable(accept: str) -> bool:
    """Whether the client takes anything that is offered here. What it writes is read for this alone."""
    kinds = [item.split(";")[0].strip().lower() for item in accept.split(",")]
    return not accept.strip() or any(kind in OFFERED for kind in kinds)

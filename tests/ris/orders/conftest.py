"""Procedures that ask something, and a paper."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from ris.orders.models import Procedure

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


@pytest.fixture
def knee(db: None) -> Procedure:
    return Procedure.objects.create(code="DXKNEE", name="Knee radiograph", modality="DX", paired=True)


@pytest.fixture
def protocolled(db: None) -> Procedure:
    return Procedure.objects.create(
        code="MRCARD", name="MR heart", modality="MR", contrast=True, needs_protocol=True, default_protocol="Function"
    )


@pytest.fixture
def jpeg() -> bytes:
    held = BytesIO()
    Image.effect_noise((64, 64), 40).save(held, "JPEG")
    return held.getvalue()

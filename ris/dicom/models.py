"""DICOM nodes: the devices and archives that we speak with."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from ris.accounts.models import Site

MODALITIES = [
    ("CR", "Computed radiography"), ("CT", "Computed tomography"), ("DX", "Digital radiography"),
    ("MG", "Mammography"), ("MR", "Magnetic resonance"), ("NM", "Nuclear medicine"), ("OT", "Other"),
    ("PT", "Positron emission"), ("RF", "Fluoroscopy"), ("US", "Ultrasound"), ("XA", "Angiography"),
]  # fmt: skip


class Node(models.Model):
    """A device: its AE title (PS3.8; at most 16 characters), where it listens, and what it can read."""

    KINDS = [("modality", "Modality"), ("archive", "Archive")]

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="nodes")
    name = models.CharField(max_length=64)
    ae_title = models.CharField(
        "AE title", max_length=16, unique=True,
        validators=[RegexValidator(r"^[A-Z0-9_\-]{1,16}$", "Capitals, digits, _ and -, at most 16.")],
    )  # fmt: skip
    host = models.CharField(max_length=255, default="127.0.0.1")
    port = models.PositiveIntegerField(default=104, validators=[MinValueValidator(1), MaxValueValidator(65535)])
    kind = models.CharField(max_length=8, choices=KINDS, default="modality")
    modality = models.CharField(max_length=2, choices=MODALITIES, blank=True)
    charset = models.CharField(
        "character set", max_length=40, default="ISO_IR 192", help_text="What the device can read, (0008,0005)."
    )
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["ae_title"]

    def __str__(self) -> str:
        return f"{self.ae_title} ({self.name})"

"""The catalogue: what can be ordered, in how many parts, what it is worth, and what a patient reads of it."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models

from ris.dicom.models import MODALITIES
from ris.notifications.languages import check_language

TOLD = [
    ("site", "As the site says"),
    ("name", "Name the exam"),
    ("discreet", "Neither exam nor preparation nor room"),
]


class Procedure(models.Model):
    """A row of the catalogue: what can be ordered, how long it takes, which report it gets."""

    code = models.CharField(max_length=16, unique=True)
    scheme = models.CharField(max_length=16, default="99ISO", help_text="Coding scheme designator: LN, RADLEX, 99…")
    name = models.CharField(max_length=64)
    modality = models.CharField(max_length=2, choices=MODALITIES)
    body_part = models.CharField(max_length=32, blank=True)
    paired = models.BooleanField(default=False, help_text="Has a right and a left: an order must name the side.")
    duration_minutes = models.PositiveSmallIntegerField(default=20)
    preparation = models.TextField(blank=True, help_text="Read to the patient when booking.")
    contrast = models.BooleanField(default=False)
    expected_images = models.PositiveIntegerField(
        null=True, blank=True, help_text="Fewest images of a whole exam, for devices that do not tell. Empty: unknown."
    )
    required_capability = models.SlugField(
        max_length=40, blank=True, help_text="What a room must be able to do, such as injector or cone-beam."
    )
    needs_protocol = models.BooleanField(default=False, help_text="A radiologist decides how it is done, before.")
    default_protocol = models.TextField(blank=True, help_text="What the radiologist finds filled in.")
    loinc_code = models.CharField("LOINC", max_length=16, blank=True)
    radlex_code = models.CharField("RadLex", max_length=16, blank=True)
    template_key = models.SlugField(blank=True, help_text="Report template; empty: chosen by modality.")
    told = models.CharField(
        "messages to the patient", max_length=8, choices=TOLD, default="site", db_default="site",
        help_text="What mail and SMS say of this exam. The preparation or the room may tell as much as the name.",
    )  # fmt: skip
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["modality", "name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(told__in=[name for name, _ in TOLD]), name="procedure_told_known")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class ProcedureText(models.Model):
    """What a patient of another language reads: on the slip, and in messages as far as they tell it."""

    procedure = models.ForeignKey(Procedure, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10, validators=[check_language], help_text="Its code, such as de or tr.")
    name = models.CharField(max_length=64, blank=True, help_text="Empty: as in the catalogue.")
    preparation = models.TextField(blank=True, help_text="Empty: as in the catalogue.")

    class Meta:
        ordering = ["procedure", "language"]
        verbose_name = "text in another language"
        verbose_name_plural = "texts in other languages"
        constraints = [
            models.UniqueConstraint(fields=["procedure", "language"], name="procedure_text_once_per_language")
        ]

    def __str__(self) -> str:
        return f"{self.language} of {self.procedure_id}"


class ProcedurePart(models.Model):
    """One of the parts of a procedure that takes several: a time of its own, or another resource beside it.

    A bone scan is an injection and, hours later, a scan; an angiography may need its room and an anaesthesia team.
    """

    procedure = models.ForeignKey(Procedure, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField(help_text="1, 2, 3: in this order.")
    name = models.CharField(max_length=24, help_text="As it stands on the worklist: Injection, Scan.")
    beside = models.BooleanField(
        default=False, help_text="At the same time as the part before: takes another resource, no worklist entry."
    )
    modality = models.CharField(max_length=2, choices=MODALITIES, help_text="Other: a team or a room without a device.")
    required_capability = models.SlugField(max_length=40, blank=True, help_text="Such as hot-lab or anaesthesia.")
    duration_minutes = models.PositiveSmallIntegerField(default=20, validators=[MinValueValidator(1)])
    gap_min_minutes = models.PositiveSmallIntegerField(
        "wait at least", default=0, help_text="Minutes after the part before."
    )
    gap_max_minutes = models.PositiveSmallIntegerField(
        "wait at most", null=True, blank=True, help_text="Empty: no limit."
    )

    class Meta:
        ordering = ["procedure", "position"]
        constraints = [
            models.UniqueConstraint(fields=["procedure", "position"], name="part_position_once"),
            models.CheckConstraint(
                condition=models.Q(gap_max_minutes__isnull=True)
                | models.Q(gap_max_minutes__gte=models.F("gap_min_minutes")),
                name="part_gap_forward",
            ),
            models.CheckConstraint(condition=models.Q(duration_minutes__gte=1), name="part_takes_time"),
            models.CheckConstraint(
                condition=models.Q(beside=False) | models.Q(position__gt=1), name="first_part_is_beside_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.name}"


class BillingCode(models.Model):
    """What one procedure is worth in one billing scheme. A procedure may have several."""

    procedure = models.ForeignKey(Procedure, on_delete=models.CASCADE, related_name="billing_codes")
    scheme = models.CharField(max_length=16, help_text="CPT, EBM, GOÄ, NHS …")
    code = models.CharField(max_length=32)
    quantity = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["procedure", "scheme", "code"]
        constraints = [
            models.UniqueConstraint(fields=["procedure", "scheme", "code"], name="billing_code_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="billing_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.code} × {self.quantity}"

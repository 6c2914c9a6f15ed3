"""What was printed, when and by whom; and on which paper a site prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from ris.accounts.models import Site
from ris.orders.models import Order
from ris.patients.models import Patient

if TYPE_CHECKING:
    from ris.accounts.models import User

KINDS = [("slip", "Appointment slip"), ("label", "Label"), ("wristband", "Wristband")]
SLIP_SIZES = [("A4", "A4"), ("A5", "A5"), ("LETTER", "Letter")]
LABEL_MEDIA = [("roll", "Label printer, one label per page"), ("sheet", "A4 sheets of 24 labels")]


class Stationery(models.Model):
    """The paper of a site. A site without a row: A4 slips, labels of 62 × 29 mm from a roll."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, primary_key=True, related_name="stationery")
    slip_size = models.CharField(max_length=6, choices=SLIP_SIZES, default="A4")
    slip_note = models.TextField(
        blank=True, help_text="Stands at the foot of every appointment slip: what to bring, whom to ring."
    )
    label_medium = models.CharField(max_length=5, choices=LABEL_MEDIA, default="roll")
    label_width_mm = models.PositiveSmallIntegerField(
        "label width in mm", default=62, validators=[MinValueValidator(40), MaxValueValidator(110)]
    )
    label_height_mm = models.PositiveSmallIntegerField(
        "label height in mm", default=29, validators=[MinValueValidator(25), MaxValueValidator(80)]
    )

    class Meta:
        verbose_name_plural = "stationery"

    def __str__(self) -> str:
        return f"paper of {self.site}"


class PrintQuerySet(models.QuerySet["Print"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("paper.print"))


class Print(models.Model):
    """One paper that left the printer. The same paper again is a copy; one whose content changed is not."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, choices=KINDS)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="prints")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what stands on it, without the mark of a copy.")
    copy = models.PositiveSmallIntegerField(default=0, help_text="0: the first one.")
    printed_at = models.DateTimeField()
    printed_by_id = models.CharField(max_length=64)
    printed_by_name = models.CharField(max_length=160)

    objects = PrintQuerySet.as_manager()

    class Meta:
        ordering = ["-printed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["fingerprint", "copy"], name="print_copy_counted_once"),
            models.CheckConstraint(condition=models.Q(kind__in=[name for name, _ in KINDS]), name="print_kind_known"),
        ]

    def __str__(self) -> str:
        return f"print {self.pk}"

    @property
    def words(self) -> str:
        return f"{self.get_kind_display()}, copy {self.copy}" if self.copy else self.get_kind_display()

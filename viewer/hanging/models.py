"""Hanging protocols and window presets: chosen by procedure, modality and user."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from ris.accounts.models import User
from ris.dicom.models import MODALITIES
from ris.orders.models import Procedure
from viewer.hanging.protocols import Layout, Window, read_panes

MOST_PANES = 4
ARRANGEMENTS = [("series", "The series of the exam"), ("mpr", "Three planes of one volume")]


def check_panes(text: str) -> None:
    try:
        read_panes(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class Chosen(models.Model):
    """For whom and what a row is: what names more wins, the user before the procedure before the modality."""

    modality = models.CharField(max_length=2, choices=MODALITIES, blank=True, help_text="Empty: every modality.")
    procedure = models.ForeignKey(
        Procedure, null=True, blank=True, on_delete=models.CASCADE, help_text="Empty: every procedure."
    )
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, help_text="Empty: everybody.")
    active = models.BooleanField(default=True)

    class Meta:
        abstract = True

    @property
    def weight(self) -> tuple[bool, bool, bool]:
        return (self.user_id is not None, self.procedure_id is not None, bool(self.modality))


class Hanging(Chosen):
    """How the images of an exam are hung when it is opened."""

    name = models.CharField(max_length=60)
    arrangement = models.CharField(max_length=8, choices=ARRANGEMENTS, default="series")
    rows = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_PANES)])
    columns = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_PANES)]
    )
    panes = models.TextField(
        blank=True, validators=[check_panes],
        help_text="Side and view of each pane, one a line: “R CC”, “L MLO”. Empty: the series in their order.",
    )  # fmt: skip
    window_center = models.FloatField(null=True, blank=True, help_text="Empty: as the images say.")
    window_width = models.FloatField(null=True, blank=True, validators=[MinValueValidator(1)])
    invert = models.BooleanField(default=False, help_text="Black for white.")

    class Meta:
        app_label = "viewer"
        ordering = ["modality", "name"]
        verbose_name = "hanging protocol"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if (self.window_center is None) != (self.window_width is None):
            raise ValidationError("A window has a centre and a width: give both or neither.")

    @property
    def layout(self) -> Layout:
        """The same as plain values."""
        given = self.window_center is not None and self.window_width is not None
        window = Window(float(self.window_center or 0), float(self.window_width or 0)) if given else None
        return Layout(
            f"isocenter-{self.pk}", self.name, self.rows, self.columns, read_panes(self.panes), window, self.invert
        )


class WindowPreset(Chosen):
    """A window that the viewer offers for a modality."""

    name = models.CharField(max_length=40)
    center = models.FloatField()
    width = models.FloatField(validators=[MinValueValidator(1)])
    position = models.PositiveSmallIntegerField(default=0, help_text="Smaller stands higher.")

    class Meta:
        app_label = "viewer"
        ordering = ["modality", "position", "name"]

    def __str__(self) -> str:
        return f"{self.modality} {self.name}"

"""What the event log says of exams and visits, and one row for each day: a dashboard reads days, never exams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from ris.accounts.models import Site
from ris.orders.models import RequestedProcedure
from ris.scheduling.models import Appointment, Resource

if TYPE_CHECKING:
    from ris.accounts.models import User

MOMENTS = ("ordered_at", "booked_at", "arrived_at", "begun_at", "done_at", "images_at", "claimed_at",
           "preliminary_at", "signed_at")  # fmt: skip


class ExamTimes(models.Model):
    """When an exam passed each station. `day` is when it was done, in the site's time."""

    requested_procedure = models.OneToOneField(RequestedProcedure, on_delete=models.CASCADE, related_name="times")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    modality = models.CharField(max_length=2)
    ordered_day = models.DateField(null=True)
    day = models.DateField(null=True)
    ordered_at = models.DateTimeField(null=True)
    booked_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    images_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    preliminary_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "exam times"
        indexes = [
            models.Index(fields=["site", "day", "modality"], name="exam_times_day"),
            models.Index(fields=["site", "ordered_day", "modality"], name="exam_times_ordered"),
        ]

    def __str__(self) -> str:
        return f"times of {self.requested_procedure_id}"


class ExamDayQuerySet(models.QuerySet["ExamDay"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("figures.view"))


class ExamDay(models.Model):
    """All exams of a site, a day and a modality. `stages` holds a histogram for each (ris.dashboards.histogram)."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    modality = models.CharField(max_length=2)
    ordered = models.PositiveIntegerField(default=0)
    performed = models.PositiveIntegerField(default=0)
    signed = models.PositiveIntegerField(default=0)
    stages = models.JSONField(default=dict)

    objects = ExamDayQuerySet.as_manager()

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["site", "day", "modality"], name="one_row_for_a_day")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.day} {self.modality}"


class RoomDayQuerySet(models.QuerySet["RoomDay"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("figures.view"))


class RoomDay(models.Model):
    """What a room did on a day: minutes that it was open, booked and used; visits, and those to whom nobody came."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    room = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    modality = models.CharField(max_length=2)
    open_minutes = models.PositiveIntegerField(default=0)
    booked_minutes = models.PositiveIntegerField(default=0)
    used_minutes = models.PositiveIntegerField(default=0)
    visits = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)

    objects = RoomDayQuerySet.as_manager()

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["room", "day"], name="one_row_for_a_room_and_day")]
        indexes = [models.Index(fields=["site", "day"], name="room_day_site")]

    def __str__(self) -> str:
        return f"{self.room_id} {self.day}"


class VisitPlace(models.Model):
    """Where an appointment stood when it was counted last: a moved one leaves a day that must be counted anew."""

    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, primary_key=True, related_name="+")
    room = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.appointment_id} in {self.room_id} on {self.day}"


class EventCursor(models.Model):
    """How far the event log was read. What is younger than a few minutes is read again: it may not have been all."""

    position = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.position)

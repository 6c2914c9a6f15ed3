"""Rooms, their hours, appointments, and the scheduled procedure steps that devices fetch."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

from ris.accounts.models import Site
from ris.dicom.models import MODALITIES, Node
from ris.orders.models import ProcedurePart, RequestedProcedure
from ris.patients.models import Patient
from ris.scheduling.lifecycle import APPOINTMENT, STEP

if TYPE_CHECKING:
    from ris.accounts.models import User

PURPOSES = [("emergency", "Emergencies"), ("inpatient", "Inpatients"), ("other", "Another purpose")]
WEEKDAYS = [(n, name) for n, name in enumerate(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])]


class ResourceQuerySet(models.QuerySet["Resource"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("schedule.view"))


class Resource(models.Model):
    """A room with its device: what an appointment takes."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="resources")
    name = models.CharField(max_length=40)
    modality = models.CharField(max_length=2, choices=MODALITIES)
    capabilities = models.CharField(
        max_length=200, blank=True, help_text="What its exams may need, in words divided by spaces: injector cone-beam."
    )
    node = models.ForeignKey(Node, null=True, blank=True, on_delete=models.PROTECT, related_name="resources")
    active = models.BooleanField(default=True)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        ordering = ["site", "name"]
        verbose_name = "room"
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="resource_name_once_per_site")]

    def __str__(self) -> str:
        return self.name


class Opening(models.Model):
    """Weekly hours of a room, in site time. A room without any is always open."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="openings")
    weekday = models.PositiveSmallIntegerField(choices=WEEKDAYS)
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["resource", "weekday", "opens"]
        constraints = [models.CheckConstraint(condition=models.Q(closes__gt=models.F("opens")), name="opening_forward")]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M} to {self.closes:%H:%M}"


class Closure(models.Model):
    """A time at which a room cannot be booked: maintenance, holiday."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="closures")
    start = models.DateTimeField()
    end = models.DateTimeField()
    reason = models.CharField(max_length=120)

    class Meta:
        ordering = ["start"]
        constraints = [models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="closure_forward")]

    def __str__(self) -> str:
        return f"{self.resource}: {self.reason}"


class Holiday(models.Model):
    """A day on which every room of a site is closed."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="holidays")
    day = models.DateField()
    name = models.CharField(max_length=60)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["site", "day"], name="holiday_once_per_day")]

    def __str__(self) -> str:
        return self.name


class Block(models.Model):
    """Time of a room that is kept free for a purpose. Urgent exams may take what is kept for emergencies."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="blocks")
    start = models.DateTimeField()
    end = models.DateTimeField()
    purpose = models.CharField(max_length=12, choices=PURPOSES, default="emergency")
    note = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["start"]
        constraints = [models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="block_forward")]

    def __str__(self) -> str:
        return f"kept for {self.get_purpose_display().lower()}" + (f" ({self.note})" if self.note else "")


class Lane(models.Model):
    """A named lane beside a room's own (number 0), in which overbooked patients stand."""

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="lanes")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ["resource", "number"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "number"], name="lane_number_once_per_room"),
            models.UniqueConstraint(fields=["resource", "name"], name="lane_name_once_per_room"),
            models.CheckConstraint(condition=models.Q(number__gt=0), name="lane_beside_the_rooms_own"),
        ]

    def __str__(self) -> str:
        return self.name


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("schedule.view"))

    def for_day_board(self, site: Site, start: datetime, end: datetime) -> Self:
        """All of one day with what the board shows, in two queries."""
        rows = self.filter(site=site, start__gte=start, start__lt=end, state__in=APPOINTMENT.groups["shown"])
        steps = ScheduledProcedureStep.objects.select_related(
            "requested_procedure__procedure", "requested_procedure__order__patient__merged_into", "part"
        )
        return rows.select_related("patient__merged_into", "resource").prefetch_related(
            models.Prefetch("steps", steps), models.Prefetch("reservations", Reservation.objects.order_by("pk"))
        )


class Appointment(models.Model):
    """A patient's time in a room."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="appointments")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="appointments")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="appointments")
    start = models.DateTimeField(db_index=True)
    end = models.DateTimeField()
    state = models.CharField(max_length=16, choices=APPOINTMENT.choices, default="booked")
    arrived_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=255, blank=True)
    overbook_reason = models.CharField(max_length=255, blank=True)
    sequence = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Rises with each change that a calendar must learn (RFC 5545 §3.8.7.4)."
    )
    placed_at = models.DateTimeField(null=True, help_text="When this time was given to the patient.")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["start", "pk"]
        indexes = [models.Index(fields=["site", "start"])]
        constraints = [
            APPOINTMENT.constraint("appointment_state_known"),
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="appointment_forward"),
        ]

    def __str__(self) -> str:
        return f"appointment {self.pk}"

    @property
    def reservation(self) -> Reservation:
        """The claim on its own room."""
        return next(row for row in self.reservations.all() if row.main)

    @property
    def is_of_one_person(self) -> bool:
        """Whether all its exams are its patient's: a merge that was taken back may have parted them."""
        orders = Patient.objects.filter(orders__procedures__steps__appointment=self).select_related("merged_into")
        return {person.current.pk for person in orders} <= {self.patient.current.pk}

    @property
    def beside(self) -> list[int]:
        """The other resources that it takes, by id."""
        return [row.resource_id for row in self.reservations.all() if not row.main]


class Reservation(models.Model):
    """The claim of an appointment on a lane of a room, and on its patient's time.

    The database refuses an overlap on either (DESIGN.md §5.5). An exam that needs another resource beside its room
    has a row for each; only the `main` one claims the patient, who is in one place all the same.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="reservations")
    main = models.BooleanField(default=True, db_default=True)
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="reservations")
    patient = models.ForeignKey(Patient, null=True, on_delete=models.PROTECT, related_name="+")
    lane = models.PositiveSmallIntegerField(default=0)
    start = models.DateTimeField()
    end = models.DateTimeField()
    active = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(fields=["resource", "lane", "start"]),
            models.Index(fields=["patient", "start"], name="reservation_patient_start"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="reservation_forward"),
            models.UniqueConstraint(
                fields=["appointment"], condition=models.Q(main=True), name="one_main_reservation_of_an_appointment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id}/{self.lane} {self.start:%H:%M}"


class CallBack(models.Model):
    """A patient to be rung: their appointment was given to somebody else, or is one of two at the same time."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="call_backs")
    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="call_back")
    procedures = models.ManyToManyField(RequestedProcedure, related_name="call_backs")
    reason = models.CharField(max_length=255)
    overlap = models.BooleanField(
        default=False, db_default=False, help_text="It still stands, and the person has another at the same time."
    )
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by_name = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering = ["made_at", "pk"]
        indexes = [models.Index(fields=["site", "done_at"], name="call_back_open")]

    def __str__(self) -> str:
        return f"call back {self.pk}"


class StepQuerySet(models.QuerySet["ScheduledProcedureStep"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("schedule.view"))

    def to_be_scheduled(self, site: Site) -> Self:
        """Steps of open orders that have no place yet, or whose patient did not come."""
        return self.filter(site=site).unplaced()

    def first_of_each(self) -> Self:
        """Of steps of one requested procedure the first only."""
        return self.filter(
            pk__in=self.order_by().values("requested_procedure").annotate(first=models.Min("pk")).values("first")
        )

    def other_parts(self, appointment: Appointment) -> Self:
        """The steps of the same exams that stand in other appointments, in order."""
        mine = ScheduledProcedureStep.objects.filter(appointment=appointment, part__isnull=False)
        theirs = self.filter(requested_procedure__in=mine.values("requested_procedure"), appointment__isnull=False)
        return theirs.exclude(appointment=appointment).order_by("pk")

    def walked_in(self, site: Site, start: datetime, end: datetime) -> Self:
        """What was sent to a room without an appointment, and is not finished."""
        sent = self.filter(site=site, appointment__isnull=True, start__gte=start, start__lt=end)
        return sent.filter(state__in=STEP.groups["live"])

    def unplaced(self) -> Self:
        free = models.Q(appointment__isnull=True, start__isnull=True) | models.Q(
            appointment__state__in=APPOINTMENT.groups["missed"]
        )
        return self.filter(free, state__in=STEP.groups["waiting"])


class ScheduledProcedureStep(models.Model):
    """What a device is to do and when (PS3.3 C.4.10). It may exist without an appointment."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="steps")
    requested_procedure = models.ForeignKey(RequestedProcedure, on_delete=models.PROTECT, related_name="steps")
    appointment = models.ForeignKey(Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="steps")
    part = models.ForeignKey(ProcedurePart, null=True, blank=True, on_delete=models.PROTECT, related_name="steps")
    node = models.ForeignKey(Node, null=True, blank=True, on_delete=models.PROTECT, related_name="steps")
    sps_id = models.CharField(max_length=16, unique=True)
    state = models.CharField(max_length=12, choices=STEP.choices, default="SCHEDULED")
    modality = models.CharField(max_length=2, choices=MODALITIES)
    description = models.CharField(max_length=64)
    start = models.DateTimeField(null=True, db_index=True)
    location = models.CharField(max_length=16, blank=True)
    portable = models.BooleanField(default=False, help_text="Done at the bedside, by any device of a pool.")
    ward = models.CharField(max_length=40, blank=True)
    bed = models.CharField(max_length=16, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    started_from = models.CharField(max_length=12, blank=True, help_text="The state before: where a put-back returns.")
    changed_at = models.DateTimeField(auto_now=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ["start", "pk"]
        constraints = [STEP.constraint("step_state_known")]
        indexes = [models.Index(fields=["node", "state", "start"])]

    def __str__(self) -> str:
        return self.sps_id

    @property
    def minutes(self) -> int:
        """How long it usually takes."""
        return (self.part or self.requested_procedure.procedure).duration_minutes

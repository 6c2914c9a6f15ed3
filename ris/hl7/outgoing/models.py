"""Who is told what over HL7, and each message that was written for them: kept with its bytes and with its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from ris.hl7.er7 import CHARSETS
from ris.hl7.outgoing.lifecycle import OUTGOING
from ris.hl7.outgoing.messages.tables import KINDS, ORDER_FORMS
from ris.patients.models import Patient

if TYPE_CHECKING:
    from ris.accounts.models import User
    from ris.core.actors import Actor

MANAGE = "delivery.manage"
# The patient of a message about somebody who is not known here; it waits for no other.
NOBODY = 0
# A name in MSH-3 to MSH-6 (HD): namespace^universal ID^type, written as it goes out.
NAME = RegexValidator(r"^[^|~\\&\r\n]*$", "The characters | ~ \\ and & cannot stand here.")


class DestinationQuerySet(models.QuerySet["Destination"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where(MANAGE))


class Destination(models.Model):
    """A system that is told what happens at a site, over MLLP."""

    site = models.ForeignKey("accounts.Site", on_delete=models.PROTECT, related_name="hl7_destinations")
    name = models.CharField(max_length=40, unique=True)
    host = models.CharField(max_length=120)
    port = models.PositiveIntegerField(default=2575, validators=[MinValueValidator(1), MaxValueValidator(65535)])
    tls = models.BooleanField("TLS", default=False, help_text="With the files of the DICOM_TLS settings.")
    sending_application = models.CharField(max_length=80, default="ISOCENTER", validators=[NAME], help_text="MSH-3")
    sending_facility = models.CharField(max_length=80, blank=True, validators=[NAME], help_text="MSH-4")
    receiving_application = models.CharField(max_length=80, blank=True, validators=[NAME], help_text="MSH-5")
    receiving_facility = models.CharField(max_length=80, blank=True, validators=[NAME], help_text="MSH-6")
    charset = models.CharField(
        "character set", max_length=20, choices=[(name, name) for name in CHARSETS], default="UNICODE UTF-8",
        help_text="MSH-18. What it cannot write is never sent as something else: the message waits for you.",
    )  # fmt: skip
    processing = models.CharField(
        "processing ID", max_length=1, default="P", help_text="MSH-11",
        choices=[("P", "Production"), ("T", "Training"), ("D", "Debugging")],
    )  # fmt: skip
    reports = models.BooleanField(default=True, help_text="ORU^R01 for every version of a report.")
    preliminary = models.BooleanField("preliminary reports too", default=True)
    pdf = models.BooleanField("PDF in the message", default=False, help_text="The signed PDF, in OBX as ED (Base64).")
    orders = models.BooleanField("status of orders", default=False, help_text="Booked, begun, done, cancelled.")
    department_orders = models.BooleanField(
        "orders placed here", default=False,
        help_text="New orders that no placer numbered are sent too (ORC-1 SN); a number that is answered (NA) is kept.",
    )  # fmt: skip
    order_form = models.CharField(max_length=7, choices=ORDER_FORMS, default="ORM^O01")
    appointments = models.BooleanField(default=False, help_text="SIU: booked, moved, cancelled, missed.")
    answer_seconds = models.PositiveSmallIntegerField(
        "time for an answer", default=30, validators=[MinValueValidator(1), MaxValueValidator(60)], help_text="Seconds."
    )
    active = models.BooleanField(
        default=True, help_text="Switched off, nothing is sent: messages are written and wait, and go in order later."
    )
    closed = models.BooleanField(
        "closed for good", default=False, db_default=False,
        help_text="The system is gone: nothing is written for it any more, and what waits is set aside.",
    )  # fmt: skip
    failures = models.PositiveIntegerField(default=0, editable=False)
    retry_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    last_answer_at = models.DateTimeField(null=True, editable=False)

    objects = DestinationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = "HL7 destination"

    def __str__(self) -> str:
        return self.name

    def wants(self, kind: str) -> bool:
        """Whether messages of a kind (`report`, `order`, `appointment`) go there."""
        return {"report": self.reports, "order": self.orders, "appointment": self.appointments}[kind]


class OutgoingQuerySet(models.QuerySet["OutgoingMessage"]):
    def visible_to(self, user: User) -> Self:
        """Messages to the destinations of sites whose deliveries one looks after."""
        return self.filter(destination__site__in=user.sites_where(MANAGE))

    def in_turn(self) -> Self:
        """Those for which nothing earlier is still on its way, or parked: for the same person, of the same subject.

        A message keeps the record for which it was written; one that was merged since is that of the one who stayed.
        """
        earlier = OutgoingMessage.objects.filter(
            models.Q(event_id__lt=models.OuterRef("event_id"))
            | models.Q(event_id=models.OuterRef("event_id"), pk__lt=models.OuterRef("pk")),
            destination=models.OuterRef("destination"),
            state__in=OUTGOING.groups["ahead"],
        )
        merged = Patient.objects.filter(merged_into=models.OuterRef(models.OuterRef("patient_id")))
        subject = models.OuterRef("subject")
        return self.exclude(
            models.Exists(earlier.filter(patient_id=models.OuterRef("patient_id")).exclude(patient_id=NOBODY))
            | models.Exists(earlier.filter(patient_id__in=merged.values("pk")))
            | models.Exists(earlier.filter(kind=models.OuterRef("kind"), subject=subject).exclude(subject=""))
        ).order_by("event_id", "pk")


class OutgoingMessage(models.Model):
    """One message for one destination. Its bytes and its MSH-10 are made once and sent as they are, however often."""

    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="messages")
    event = models.ForeignKey("events.Event", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=KINDS)
    trigger = models.CharField(max_length=7, help_text="MSH-9: ORU^R01.")
    subject = models.CharField(max_length=40, blank=True, help_text="Accession or filler number; appointment.")
    patient_id = models.BigIntegerField()
    person = models.JSONField(default=dict, help_text="Identity as it was sent.")
    control_id = models.CharField("MSH-10", max_length=20, unique=True)
    body = models.BinaryField(default=b"")
    charset = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=OUTGOING.choices, default="queued")
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    answer_code = models.CharField("MSA-1", max_length=2, blank=True)
    answer = models.TextField(blank=True, help_text="The acknowledgement as it came.")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["destination", "state", "next_at"], name="hl7_out_due"),
            models.Index(fields=["destination", "patient_id", "state", "event"], name="hl7_out_in_turn"),
            models.Index(fields=["destination", "kind", "subject"], name="hl7_out_subject"),
        ]
        constraints = [OUTGOING.constraint("hl7_outgoing_state_known")]

    def __str__(self) -> str:
        return f"{self.trigger} {self.control_id}"

    def is_managed_by(self, actor: Actor) -> bool:
        return actor.may(MANAGE, self.destination.site_id)

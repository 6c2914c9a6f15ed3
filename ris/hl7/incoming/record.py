"""What is kept of HL7 coming in: who may send and how they write, each message as it came, numbers of appointments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from django.core.exceptions import ValidationError
from django.db import models

from ris.accounts.models import Site
from ris.hl7.er7 import CHARSETS
from ris.hl7.incoming.fieldmap import TARGETS, BadPath, paths_of
from ris.hl7.incoming.lifecycle import INBOUND
from ris.scheduling.models import Appointment

if TYPE_CHECKING:
    from ris.accounts.models import User

# Why a row of a translation exists: whose code becomes which of ours
TRANSLATED = [
    ("authority", "Assigning authority of a patient number"),
    ("identifier", "Type of a patient number (to a code of table 0203: MR is a person's, AN is not)"),
    ("procedure", "Procedure (to a code of our catalogue)"),
    ("room", "Room (to the name of ours)"),
    ("priority", "Priority (to STAT, HIGH, ROUTINE, MEDIUM, LOW)"),
    ("sex", "Sex (to F, M, O)"),
    ("side", "Side (to R, L, B)"),
    ("class", "Patient class (to E, I, O, P, R, B, C, N, U)"),
    ("unit", "Unit of a length (to s, min, h)"),
    ("observed", "Observation of OBX-3 (to egfr, pregnancy, metformin, implant, contrast_reaction)"),
    ("answer", "Value of such an observation (to our answer: yes, no, possible …)"),
]


class Sender(models.Model):
    """A system that sends us messages, known by MSH-3 and MSH-4. What it sends is the site's."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="hl7_senders")
    name = models.CharField(max_length=60, unique=True)
    application = models.CharField("sending application (MSH-3)", max_length=60)
    facility = models.CharField(
        "sending facility (MSH-4)", max_length=60, blank=True, help_text="Empty: any facility of this application."
    )
    active = models.BooleanField(default=True)
    addresses = models.CharField(
        max_length=200, blank=True, help_text="IP addresses that may send as this system, with commas. Empty: any."
    )
    charset = models.CharField(
        "character set", max_length=20, default="ASCII", choices=[(name, name) for name in CHARSETS],
        help_text="Where MSH-18 is empty.",
    )  # fmt: skip
    issuer = models.CharField(
        "assigning authority",
        max_length=64,
        blank=True,
        help_text="Of patient numbers that name none in PID-3.4. Empty: the site's.",
    )
    placer_issuer = models.CharField(
        "namespace of order numbers",
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="Of placer numbers that name none in ORC-2.2. Give the same to all senders that speak of the same "
        "orders. Empty: the sending application.",
    )
    registers_from_orders = models.BooleanField(
        "orders may register patients",
        default=False,
        help_text="Off: an order for somebody unknown waits until ADT has brought the patient.",
    )
    plain_answers = models.BooleanField(
        "plain acknowledgements",
        default=False,
        help_text="ACK for orders too, as IHE has it, instead of ORR, ORI and ORG with our numbers.",
    )

    class Meta:
        ordering = ["name"]
        verbose_name = "HL7 sender"
        constraints = [models.UniqueConstraint(fields=["application", "facility"], name="hl7_sender_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def default_issuer(self) -> str:
        return self.issuer or self.site.patient_id_issuer

    @property
    def default_placer_issuer(self) -> str:
        return self.placer_issuer or self.application


class FieldRule(models.Model):
    """That a sender writes something elsewhere than the map says (ris.hl7.incoming.fieldmap)."""

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, related_name="rules")
    target = models.CharField("what", max_length=40, choices=TARGETS)
    paths = models.CharField(
        max_length=120, help_text="Where it stands, the first that is filled counts: OBR-18, ZDS-1.2"
    )

    class Meta:
        ordering = ["target"]
        verbose_name = "field that stands elsewhere"
        verbose_name_plural = "fields that stand elsewhere"
        constraints = [models.UniqueConstraint(fields=["sender", "target"], name="hl7_field_rule_once")]

    def __str__(self) -> str:
        return f"{self.target}: {self.paths}"

    def clean(self) -> None:
        try:
            paths_of(self.paths)
        except BadPath as fault:
            raise ValidationError({"paths": str(fault)}) from fault


class Translation(models.Model):
    """A code of a sender, and which of ours it is."""

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, related_name="translations")
    table = models.CharField("of", max_length=10, choices=TRANSLATED)
    theirs = models.CharField(max_length=120)
    ours = models.CharField(max_length=64)

    class Meta:
        ordering = ["table", "theirs"]
        constraints = [models.UniqueConstraint(fields=["sender", "table", "theirs"], name="hl7_translation_once")]

    def __str__(self) -> str:
        return f"{self.theirs} is {self.ours}"


class InboundQuerySet(models.QuerySet["InboundMessage"]):
    def visible_to(self, user: User) -> Self:
        """Messages of the sites where the user looks after interfaces; those of nobody for who does so everywhere."""
        mine = models.Q(site__in=user.sites_where("interface.view"))
        if user.is_superuser and user.is_active:
            mine |= models.Q(site__isnull=True)
        return self.filter(mine)


class InboundMessage(models.Model):
    """One message, byte for byte, kept before anything was done, and what came of it.

    `sender_key` with `control_id` tells messages apart (HL7 v2.5.1 chapter 2.9.2): the same bytes again get the stored
    answer, other bytes are refused and kept under no number. A message of nobody who is entered (`sender` is empty)
    takes no number from anybody.
    """

    sender = models.ForeignKey(Sender, null=True, on_delete=models.PROTECT, related_name="messages")
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="hl7_messages")
    sender_key = models.CharField(max_length=250, blank=True)
    control_id = models.CharField(max_length=199, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    digest = models.CharField(max_length=64)
    raw = models.BinaryField()
    peer = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField(db_index=True)
    written_at = models.DateTimeField(null=True, help_text="EVN-2 or MSH-7: when it happened at the sender.")
    state = models.CharField(max_length=10, choices=INBOUND.choices, default="received")
    attempts = models.PositiveIntegerField(default=0)
    waits_for = models.CharField(max_length=250, blank=True, db_index=True)
    next_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=400, blank=True, help_text="In words, without names.")
    patient_id_known = models.BigIntegerField("patient", null=True, db_index=True)
    order_ids = models.JSONField(default=list)
    settled_at = models.DateTimeField(null=True)
    answer_code = models.CharField(max_length=2, blank=True)
    answer = models.BinaryField(default=b"")

    objects = InboundQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "HL7 message"
        indexes = [models.Index(fields=["state", "next_at"], name="hl7_inbound_due")]
        constraints = [
            INBOUND.constraint("hl7_inbound_state_known"),
            models.UniqueConstraint(
                fields=["sender_key", "control_id"],
                condition=~models.Q(control_id="") & models.Q(sender__isnull=False),
                name="hl7_inbound_once",
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class AwaitedKey(models.Model):
    """One of several things for which a message waits, beside `waits_for`: whichever comes first will do."""

    message = models.ForeignKey(InboundMessage, on_delete=models.CASCADE, related_name="also_waits_for")
    key = models.CharField(max_length=250, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "key"], name="hl7_awaited_key_once")]

    def __str__(self) -> str:
        return f"key of message {self.message_id}"


class Told(models.Model):
    """Of what a message that is done spoke: what was written earlier and comes later leaves that as it is (newer.py).

    `target_id` is a record (`patient`, or `merge` where the message ended it), an `order` or an appointment (`visit`);
    `names` are fields, never values.
    """

    ABOUT: Final = [(name, name.capitalize()) for name in ("patient", "merge", "order", "visit")]

    message = models.ForeignKey(InboundMessage, on_delete=models.CASCADE, related_name="told")
    about = models.CharField(max_length=8, choices=ABOUT)
    target_id = models.BigIntegerField()
    names = models.JSONField(default=list)

    class Meta:
        verbose_name = "what a message told"
        verbose_name_plural = "what messages told"
        indexes = [models.Index(fields=["about", "target_id"], name="hl7_told_of")]

    def __str__(self) -> str:
        return f"{self.about} {self.target_id}"


class AppointmentNumber(models.Model):
    """The number by which a sender knows an appointment (SCH-1, SCH-2)."""

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, related_name="appointment_numbers")
    value = models.CharField(max_length=80)
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="hl7_numbers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "value"], name="hl7_appointment_number_once")]

    def __str__(self) -> str:
        return f"appointment {self.appointment_id}"


class OwnDoing(models.Model):
    """That an event came of a message of this sender, who knows of it and is not told (ris.hl7.outgoing.visits)."""

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, related_name="doings")
    event = models.ForeignKey("events.Event", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "event"], name="hl7_own_doing_once")]

    def __str__(self) -> str:
        return f"event {self.event_id}"

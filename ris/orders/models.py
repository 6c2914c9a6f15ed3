"""What is asked for: orders, their requested procedures, and what goes with them; the catalogue is beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from ris.accounts.models import Site
from ris.orders.catalogue import BillingCode, Procedure, ProcedurePart, ProcedureText
from ris.orders.lifecycle import ORDER, PROTOCOL
from ris.orders.safety import EFFECTS, KINDS
from ris.patients.models import Patient
from ris.patients.names import folded

if TYPE_CHECKING:
    from ris.accounts.models import User

__all__ = [
    "ACCESSION_LENGTH", "PATIENT_CLASSES", "PRIORITIES", "PRIORITY_RANK", "SIDES", "SIDE_WORDS", "AccessionRule",
    "AccessionSequence", "Attachment", "BillingCode", "IssuedAccession", "Order", "OrderQuerySet", "Procedure",
    "ProcedurePart", "ProcedureText", "Protocol", "ProtocolQuerySet", "Referrer", "RequestedProcedure",
    "RequestedProcedureQuerySet", "SafetyAnswer", "SafetyAnswerQuerySet",
]  # fmt: skip

# (0040,1003); the rank orders lists
PRIORITIES = [("STAT", "STAT"), ("HIGH", "High"), ("ROUTINE", "Routine"), ("MEDIUM", "Medium"), ("LOW", "Low")]
PRIORITY_RANK = {name: rank for rank, (name, _label) in enumerate(PRIORITIES)}
# (0020,0060) and its code in SNOMED CT, as DICOM CID 244 has it
SIDES = [("R", "Right"), ("L", "Left"), ("B", "Both sides")]
SIDE_WORDS = {"R": "RIGHT", "L": "LEFT", "B": "BILATERAL"}
ACCESSION_LENGTH = 16
# HL7 table 0004 (PV1-2)
PATIENT_CLASSES = [
    ("E", "Emergency"), ("I", "Inpatient"), ("O", "Outpatient"), ("P", "Pre-admission"), ("R", "Recurring patient"),
    ("B", "Obstetrics"), ("C", "Commercial account"), ("N", "Not applicable"), ("U", "Unknown"),
]  # fmt: skip


class Referrer(models.Model):
    """A physician who sends patients. `label` is what the search offers and what the clerk picks."""

    family_name = models.CharField(max_length=64)
    given_name = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=20, blank=True)
    organisation = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    active = models.BooleanField(default=True)
    search_key = models.CharField(max_length=240, editable=False, default="")

    class Meta:
        ordering = ["family_name", "given_name", "organisation"]
        constraints = [
            models.UniqueConstraint(
                fields=["family_name", "given_name", "title", "organisation"], name="referrer_told_apart"
            )
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the folded words beside the name: both databases then find accents and cases alike."""
        self.search_key = folded(f"{self.family_name} {self.given_name} {self.title} {self.organisation}")[:240]
        super().save(*args, **kwargs)

    @property
    def label(self) -> str:
        name = ", ".join(part for part in (self.family_name, self.given_name) if part)
        titled = f"{name}, {self.title}" if self.title else name
        return f"{titled} ({self.organisation})" if self.organisation else titled

    @property
    def person_name(self) -> str:
        """VR PN: FAMILY^Given^^Title, at most 64 characters."""
        return f"{self.family_name}^{self.given_name}^^{self.title}".rstrip("^")[:64]


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("order.view"))


class Order(models.Model):
    """A request for one or more procedures on one patient at one site."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="orders")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(max_length=12, choices=ORDER.choices, default="active")
    revision = models.PositiveIntegerField(default=0, help_text="Counts changes, so that nobody overwrites unseen.")
    placer_number = models.CharField(max_length=64, blank=True)
    placer_issuer = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="Whose number that is (EI); empty: not known."
    )
    filler_number = models.CharField(max_length=64, unique=True)
    priority = models.CharField(max_length=8, choices=PRIORITIES, default="ROUTINE")
    reason = models.CharField(max_length=255, blank=True)
    clinical_question = models.TextField(blank=True)
    referrer = models.ForeignKey(Referrer, null=True, blank=True, on_delete=models.PROTECT, related_name="orders")
    referrer_name = models.CharField("referring physician", max_length=64, blank=True)
    patient_class = models.CharField(max_length=1, choices=PATIENT_CLASSES, blank=True, default="", db_default="")
    visit_number = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="Of the stay or visit that this is asked in."
    )
    visit_issuer = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="Whose number that is; empty: not known."
    )
    wanted_from = models.DateTimeField(null=True, blank=True, help_text="Not before; empty: at any time.")
    cancel_reason = models.CharField(max_length=255, blank=True)
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    placed_at = models.DateTimeField(db_index=True)
    placed_by_id = models.CharField(max_length=64)
    placed_by_name = models.CharField(max_length=160)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at", "-pk"]
        constraints = [ORDER.constraint("order_state_known")]

    def __str__(self) -> str:
        return f"order {self.filler_number}"

    @property
    def is_urgent(self) -> bool:
        return PRIORITY_RANK[self.priority] < PRIORITY_RANK["ROUTINE"]


class RequestedProcedureQuerySet(models.QuerySet["RequestedProcedure"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(order__site__in=user.sites_where("order.view"))


class RequestedProcedure(models.Model):
    """One procedure of an order, with the identifiers that the images will carry (PS3.3 C.4.11)."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="procedures")
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="+")
    laterality = models.CharField(max_length=1, choices=SIDES, blank=True)
    accession_number = models.CharField(max_length=ACCESSION_LENGTH, db_index=True)
    accession_issuer = models.CharField(max_length=64)
    requested_procedure_id = models.CharField(max_length=16)
    study_instance_uid = models.CharField(max_length=64, unique=True)

    objects = RequestedProcedureQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["accession_issuer", "accession_number"])]
        constraints = [
            models.CheckConstraint(condition=models.Q(laterality__in=["", *SIDE_WORDS]), name="laterality_known")
        ]

    def __str__(self) -> str:
        return f"{self.accession_number} {self.description}"

    @property
    def site(self) -> Site:
        return self.order.site

    @property
    def description(self) -> str:
        """What is done, the side first: RIGHT Knee radiograph. At most 64 characters (LO)."""
        return f"{SIDE_WORDS.get(self.laterality, '')} {self.procedure.name}".strip()[:64]


class ProtocolQuerySet(models.QuerySet["Protocol"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(requested_procedure__order__site__in=user.sites_where("order.view"))

    def of_open_orders(self) -> Self:
        return self.filter(requested_procedure__order__state__in=ORDER.groups["open"])


class Protocol(models.Model):
    """How an exam is to be done. It exists where the catalogue asks for it (`Procedure.needs_protocol`)."""

    requested_procedure = models.OneToOneField(RequestedProcedure, on_delete=models.PROTECT, related_name="protocol")
    state = models.CharField(max_length=10, choices=PROTOCOL.choices, default="open")
    text = models.TextField(blank=True)
    reason = models.CharField("why it was sent back", max_length=255, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_name = models.CharField(max_length=160, blank=True)

    objects = ProtocolQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [PROTOCOL.constraint("protocol_state_known")]

    def __str__(self) -> str:
        return f"protocol of {self.requested_procedure_id}"


class SafetyAnswerQuerySet(models.QuerySet["SafetyAnswer"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(order__site__in=user.sites_where("order.view"))

    def open_stops(self) -> Self:
        """What forbids to begin: a hard stop that is the newest answer and that no physician took upon themselves."""
        return self.filter(current=True, effect="hard-stop", overridden_at__isnull=True)


class SafetyAnswer(models.Model):
    """What was answered to a question that an exam asks. Rows are added; the newest of a kind is `current`."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="safety_answers")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="safety_answers")
    kind = models.CharField(max_length=20, choices=[(key, kind.label) for key, kind in KINDS.items()])
    value = models.CharField(max_length=40)
    unit = models.CharField(max_length=20, blank=True)
    measured_on = models.DateField("date of the value")
    source = models.CharField(max_length=80, help_text="Who or what says so: patient, laboratory, implant card.")
    effect = models.CharField(max_length=10, choices=EFFECTS, default="none")
    current = models.BooleanField(default=True)
    answered_at = models.DateTimeField()
    answered_by_name = models.CharField(max_length=160)
    overridden_at = models.DateTimeField(null=True)
    overridden_by_id = models.CharField(max_length=64, blank=True)
    overridden_by_name = models.CharField(max_length=160, blank=True)
    override_reason = models.CharField(max_length=255, blank=True)

    objects = SafetyAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "kind"], condition=models.Q(current=True), name="one_current_answer_per_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(effect__in=[name for name, _ in EFFECTS]), name="safety_effect_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of order {self.order_id}"

    @property
    def stops(self) -> bool:
        return self.current and self.effect == "hard-stop" and self.overridden_at is None

    @property
    def words(self) -> str:
        """The answer as people say it: eGFR 28 mL/min/1.73 m²."""
        return KINDS[self.kind].told(self.value)


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(order__site__in=user.sites_where("order.view"))


class Attachment(models.Model):
    """A paper that came with an order. The file lies under DATA_DIR/attachments, named by its SHA-256.

    One that was attached by mistake is withdrawn: it stays on record, marked.
    """

    TYPES = [("application/pdf", "PDF"), ("image/jpeg", "JPEG")]

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=120, help_text="As it was called where it came from; only shown.")
    content_type = models.CharField(max_length=20, choices=TYPES)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64, db_index=True)
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=160)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by_name = models.CharField(max_length=160, blank=True, db_default="")
    withdraw_reason = models.CharField("why it was withdrawn", max_length=255, blank=True, db_default="")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"attachment {self.pk}"


class AccessionRule(models.Model):
    """How a site's accession numbers look. A site without a rule: its prefix, two digits of the year, seven more."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, primary_key=True, related_name="accession_rule")
    prefix = models.CharField(
        max_length=6, blank=True, validators=[RegexValidator(r"^[A-Z0-9]*$", "Capitals and digits only.")]
    )
    with_year = models.BooleanField("year in the number", default=True)
    digits = models.PositiveSmallIntegerField(default=7, validators=[MinValueValidator(4), MaxValueValidator(12)])
    shared_in_order = models.BooleanField(
        "one number for all procedures of an order", default=False, help_text="For exams done in one acquisition."
    )

    def __str__(self) -> str:
        return f"{self.prefix}{'YY' if self.with_year else ''}{'#' * self.digits}"

    def clean(self) -> None:
        if len(str(self)) > ACCESSION_LENGTH:
            raise ValidationError(f"Prefix, year and digits are {len(str(self))} characters; 16 at most.")
        others = AccessionRule.objects.exclude(pk=self.pk).filter(site__patient_id_issuer=self.site.patient_id_issuer)
        if any(other.prefix == self.prefix for other in others):
            raise ValidationError("Another site with the same issuer has this prefix.")


class AccessionSequence(models.Model):
    """Where a site's next accession number comes from."""

    site = models.OneToOneField(Site, on_delete=models.PROTECT, primary_key=True)
    next_number = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.site}: {self.next_number}"


class IssuedAccession(models.Model):
    """Every accession number ever given out: unique per issuer, never reused."""

    issuer = models.CharField(max_length=64)
    value = models.CharField(max_length=16)
    issued_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "value"], name="accession_once_per_issuer")]

    def __str__(self) -> str:
        return self.value

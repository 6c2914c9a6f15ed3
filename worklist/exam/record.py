"""What was done in an exam, as the technologist writes it down: rows are added, and taken back with a reason.

Part of the worklist's models; kept apart because it is one thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.core.validators import MinValueValidator
from django.db import models

from ris.accounts.models import Site
from ris.orders.models import SIDES, RequestedProcedure
from ris.patients.models import PatientAlert
from ris.scheduling.models import ScheduledProcedureStep

if TYPE_CHECKING:
    from ris.accounts.models import User

CONTRAST_KINDS = [
    ("iodinated", "Iodinated"),
    ("gadolinium", "Gadolinium"),
    ("ultrasound", "Ultrasound"),
    ("barium", "Barium"),
    ("other", "Other"),
]
ROUTES = [
    ("intravenous", "Intravenous"),
    ("oral", "Oral"),
    ("rectal", "Rectal"),
    ("intra-arterial", "Intra-arterial"),
    ("intra-articular", "Intra-articular"),
    ("intrathecal", "Intrathecal"),
    ("other", "Other"),
]
REACTIONS = [("none", "None"), ("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe")]
# Quantity: (words, unit). As IEC 60601 and PS3.16 TID 10000 name them.
QUANTITIES = {
    "ctdi-vol": ("CTDIvol", "mGy"),
    "dlp": ("DLP", "mGy·cm"),
    "dap": ("dose area product", "Gy·cm²"),
    "entrance-dose": ("entrance dose", "mGy"),
    "glandular-dose": ("average glandular dose", "mGy"),
    "fluoroscopy": ("fluoroscopy time", "s"),
    "exposures": ("exposures", ""),
    "activity": ("activity given", "MBq"),
}
QUANTITY_CHOICES = [(key, f"{words} ({unit})" if unit else words) for key, (words, unit) in QUANTITIES.items()]
IDENTIFIERS = [
    ("name", "Full name, said by the patient"),
    ("birth-date", "Date of birth, said by the patient"),
    ("number", "Patient number"),
    ("wristband", "Wristband"),
    ("companion", "A companion or nurse"),
]
REMARKS = [("comment", "Comment"), ("incident", "Incident"), ("note", "Note to the radiologist")]
INCIDENTS = [
    ("extravasation", "Extravasation"),
    ("reaction", "Reaction to contrast"),
    ("fall", "Fall"),
    ("wrong-patient", "Wrong patient"),
    ("wrong-side", "Wrong side or part"),
    ("device", "Fault of a device"),
    ("exposure", "Unintended exposure"),
    ("other", "Other"),
]
# The category of the comment that says why an exam was broken off.
BROKEN_OFF = "broken-off"
ANSWERS = [("label", "The images are of the ordered side; their label is wrong"),
           ("order", "The examined side is right; the order named the wrong one"),
           ("both", "Both sides were examined on purpose"),
           ("text", "The text names something else than the examined side")]  # fmt: skip


class ContrastAgent(models.Model):
    """What may be given. The name carries the strength, as it stands on the bottle."""

    name = models.CharField(max_length=64, unique=True, help_text="With its strength: Iohexol 300 mg I/mL.")
    kind = models.CharField(max_length=12, choices=CONTRAST_KINDS)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name


class RejectReason(models.Model):
    """Why an image was thrown away and made again."""

    name = models.CharField(max_length=64, unique=True)
    in_report = models.BooleanField(
        "for the report", default=False, help_text="It tells the reader something of the patient or of the images."
    )
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ExamRule(models.Model):
    """What a site asks before an exam may begin. A site without a rule asks nothing."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, primary_key=True, related_name="exam_rule")
    time_out = models.BooleanField(
        "time-out before the start", default=False, help_text="Two identifiers and the side, confirmed by name."
    )

    def __str__(self) -> str:
        return f"rule of {self.site}"


class Entry(models.Model):
    """A line of the record: by whom, when; taken back it stays, with the reason."""

    step = models.ForeignKey(ScheduledProcedureStep, on_delete=models.PROTECT, related_name="%(class)s_entries")
    at = models.DateTimeField()
    by_name = models.CharField(max_length=160)
    struck_at = models.DateTimeField(null=True)
    struck_by_name = models.CharField(max_length=160, blank=True)
    struck_reason = models.CharField(max_length=255, blank=True)

    class Meta:
        abstract = True
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class TimeOut(Entry):
    """Patient and side confirmed before the start; or, for a STAT exam, why that was left out."""

    identifiers = models.JSONField(default=list, help_text="Which identifiers the patient or the wristband gave.")
    side = models.CharField(max_length=1, choices=SIDES, blank=True)
    skipped_because = models.CharField(max_length=255, blank=True)

    @property
    def words(self) -> str:
        """What was confirmed: full name, date of birth; left side."""
        named = ", ".join(words for name, words in IDENTIFIERS if name in self.identifiers)
        return f"{named}; {self.get_side_display().lower()}" if self.side else named


class ContrastGiven(Entry):
    """An agent that the patient received, and what it did to them."""

    agent = models.ForeignKey(ContrastAgent, on_delete=models.PROTECT, related_name="+")
    volume_ml = models.DecimalField(max_digits=6, decimal_places=1, validators=[MinValueValidator(0)])
    lot = models.CharField(max_length=40, blank=True)
    route = models.CharField(max_length=16, choices=ROUTES, default="intravenous")
    reaction = models.CharField(max_length=10, choices=REACTIONS, default="none")
    reaction_text = models.CharField("what happened", max_length=120, blank=True)
    alert = models.ForeignKey(PatientAlert, null=True, on_delete=models.PROTECT, related_name="+")


class Repeat(Entry):
    """Images that were made again."""

    reason = models.ForeignKey(RejectReason, on_delete=models.PROTECT, related_name="+")
    images = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    view = models.CharField("which view", max_length=64, blank=True)


class DoseEntry(Entry):
    """A dose that a person read off the device."""

    quantity = models.CharField(max_length=16, choices=QUANTITY_CHOICES)
    value = models.DecimalField(max_digits=10, decimal_places=3, validators=[MinValueValidator(0)])

    @property
    def words(self) -> str:
        name, unit = QUANTITIES[self.quantity]
        return f"{name} {self.value.normalize():f} {unit}".strip()


class Remark(Entry):
    """A comment, an incident with its category, or a note to whoever reads the exam."""

    kind = models.CharField(max_length=10, choices=REMARKS)
    category = models.CharField(max_length=16, choices=INCIDENTS, blank=True)
    text = models.CharField(max_length=2000)


class ReceivedSeries(models.Model):
    """A series that the archive holds, as it described it when we last looked."""

    study = models.ForeignKey("worklist.Study", on_delete=models.CASCADE, related_name="received_series")
    series_instance_uid = models.CharField(max_length=64)
    number = models.IntegerField(null=True)
    modality = models.CharField(max_length=16, blank=True)
    description = models.CharField(max_length=64, blank=True)
    body_part = models.CharField(max_length=32, blank=True)
    sides = models.CharField(max_length=3, blank=True, help_text="Coded sides of the series and of its images.")
    images = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "series_instance_uid"], name="received_series_once_per_study")
        ]

    def __str__(self) -> str:
        return self.series_instance_uid


class SideCheckQuerySet(models.QuerySet["SideCheck"]):
    def visible_to(self, user: User) -> Self:
        """Of the sites where the user examines or reads."""
        sites = user.sites_where("step.perform") | user.sites_where("report.write")
        return self.filter(requested_procedure__order__site__in=sites)

    def open(self) -> Self:
        """Images that name another side than the order, which nobody has answered for."""
        linked = models.Q(requested_procedure__study_links__study=models.F("study"))
        linked &= models.Q(requested_procedure__study_links__active=True)
        return self.filter(linked, verdict="differs", answered_at__isnull=True).distinct()


class SideCheck(models.Model):
    """The ordered side held against what the images of a study name. New evidence asks again."""

    VERDICTS = [(word, word.capitalize()) for word in ("silent", "agrees", "partial", "differs")]

    study = models.ForeignKey("worklist.Study", on_delete=models.CASCADE, related_name="side_checks")
    requested_procedure = models.ForeignKey(RequestedProcedure, on_delete=models.CASCADE, related_name="side_checks")
    ordered = models.CharField(max_length=1, choices=SIDES)
    verdict = models.CharField(max_length=8, choices=VERDICTS, default="silent")
    evidence = models.JSONField(default=list, help_text="What speaks against the order: side, where, text, series.")
    checked_at = models.DateTimeField()
    answer = models.CharField(max_length=8, choices=ANSWERS, blank=True)
    reason = models.CharField(max_length=255, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=160, blank=True)

    objects = SideCheckQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "requested_procedure"], name="side_check_once"),
            models.CheckConstraint(
                condition=models.Q(verdict__in=["silent", "agrees", "partial", "differs"]), name="side_verdict_known"
            ),
        ]

    def __str__(self) -> str:
        return f"side check {self.pk}"

    @property
    def stops(self) -> bool:
        return self.verdict == "differs" and self.answered_at is None

"""From the modality to the reading list: performed steps, studies in the archive, and who reads what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from ris.accounts.models import Site
from ris.dicom.models import Node
from ris.orders.models import PRIORITIES, PRIORITY_RANK, RequestedProcedure
from ris.patients.models import Patient
from ris.scheduling.models import ScheduledProcedureStep
from worklist.lifecycle import MESSAGE, PERFORMED, READING, STUDY
from worklist.reading.facets import IMAGES
from worklist.reading.words import CaseWords

if TYPE_CHECKING:
    from ris.accounts.models import User


class StudyQuerySet(models.QuerySet["Study"]):
    def visible_to(self, user: User) -> Self:
        """Matched studies of the user's sites; unmatched ones for those who reconcile. A blocked one for nobody."""
        matched = models.Q(state__in=STUDY.groups["readable"], site__in=user.sites_where("study.view"))
        return self.filter(matched | _to_reconcile(user))

    def listed_for(self, user: User) -> Self:
        """Studies whose existence (not pixels) the user may see in lists; a closed one is in its own queue only."""
        rows = self.filter(models.Q(site__in=user.sites_where("study.list")) | _to_reconcile(user))
        return rows.exclude(state__in=STUDY.groups["closed"])

    def to_reconcile(self, user: User) -> Self:
        return self.filter(_to_reconcile(user))

    def decidable_by(self, user: User) -> Self:
        """Studies that the user may link, unlink and split: those of their sites, and those of nobody's."""
        sites = user.sites_where("study.reconcile")
        nobodys = models.Q(site__isnull=True) if sites else models.Q(pk__in=[])
        return self.filter(models.Q(site__in=sites) | nobodys).exclude(state__in=STUDY.groups["closed"])


def _to_reconcile(user: User) -> models.Q:
    """Unmatched studies of one's sites; those of an unknown sender are of everybody who reconciles (DESIGN.md §6)."""
    sites = user.sites_where("study.reconcile")
    nobodys = models.Q(site__isnull=True) if sites else models.Q(pk__in=[])
    return models.Q(state__in=STUDY.groups["reconcilable"]) & (models.Q(site__in=sites) | nobodys)


DOUBTS = [
    ("mismatch", "Contradicts its order"),
    ("ambiguous", "Several orders fit"),
    ("nothing", "No order fits"),
    ("person", "Left by a person"),
]


class Study(models.Model):
    """A study in the archive, as the archive describes it, and what we made of it."""

    study_instance_uid = models.CharField(max_length=64, unique=True)
    archive_id = models.CharField(max_length=64, blank=True, db_index=True)
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="studies")
    state = models.CharField(max_length=10, choices=STUDY.choices, default="new")
    patient_id_text = models.CharField(max_length=64, blank=True)
    issuer_of_patient_id = models.CharField(max_length=64, blank=True)
    patient_name = models.CharField(max_length=200, blank=True)
    birth_date = models.DateField(null=True)
    accession_number = models.CharField(max_length=16, blank=True, db_index=True)
    modalities = models.JSONField(default=list)
    study_date = models.CharField(max_length=8, blank=True)
    study_time = models.CharField(max_length=16, blank=True)
    description = models.CharField(max_length=64, blank=True)
    station_aet = models.CharField(max_length=16, blank=True)
    series_count = models.PositiveIntegerField(default=0)
    instance_count = models.PositiveIntegerField(default=0)
    grew_at = models.DateTimeField(null=True, db_index=True, help_text="When its number of images last changed.")
    images_added_at = models.DateTimeField(null=True, help_text="When images came to it that were not there before.")
    findings = models.JSONField(default=list, help_text="Why it matched, or why it did not, in words.")
    doubt = models.CharField(
        max_length=10, choices=DOUBTS, blank=True, db_default="", default="", help_text="Why a person is needed."
    )
    decided = models.BooleanField(
        db_default=False, default=False, help_text="A person said whose it is: nothing links it by itself any more."
    )
    first_seen_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = StudyQuerySet.as_manager()

    class Meta:
        ordering = ["-first_seen_at"]
        verbose_name_plural = "studies"
        constraints = [STUDY.constraint("study_state_known")]
        indexes = [
            models.Index(fields=["site", "state"]),
            models.Index(fields=["changed_at", "id"], name="study_by_change"),
        ]

    def __str__(self) -> str:
        return self.study_instance_uid


class StudyLink(models.Model):
    """A study belongs to a requested procedure: on which evidence, by whom, since when.

    Of a split study `series` names those that belong to it; empty: all. `accepted` are the differences that the person
    who linked it saw, in the words of the matching.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="links")
    requested_procedure = models.ForeignKey(RequestedProcedure, on_delete=models.PROTECT, related_name="study_links")
    evidence = models.CharField(max_length=40)
    active = models.BooleanField(default=True)
    linked_at = models.DateTimeField(auto_now_add=True)
    linked_by = models.CharField(max_length=160)
    by_person = models.BooleanField(db_default=False, default=False)
    reason = models.CharField(max_length=255, blank=True, db_default="", default="")
    accepted = models.JSONField(default=list)
    series = models.JSONField(default=list)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=160, blank=True, db_default="", default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "requested_procedure"], condition=models.Q(active=True), name="link_once_while_active"
            )
        ]

    def __str__(self) -> str:
        return f"{self.study_id} to {self.requested_procedure_id} ({self.evidence})"


class PerformedProcedureStep(models.Model):
    """What a device says it did (MPPS, PS3.3 C.4.13 to C.4.15); its messages are kept as they came (`messages`).

    `wrong_patient`: the operator had picked the wrong line of the worklist; no step of ours counts on it.
    """

    sop_instance_uid = models.CharField(max_length=64, unique=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="performed_steps")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="performed_steps")
    state = models.CharField(max_length=12, choices=PERFORMED.choices, default="IN PROGRESS")
    steps = models.ManyToManyField(ScheduledProcedureStep, related_name="performed")
    unscheduled = models.BooleanField(default=False)
    study_instance_uid = models.CharField(max_length=64, blank=True, db_index=True)
    performed_id = models.CharField(max_length=16, blank=True)
    modality = models.CharField(max_length=16, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    description = models.CharField(max_length=64, blank=True)
    discontinuation_code = models.CharField(max_length=16, blank=True)
    discontinuation_meaning = models.CharField(max_length=64, blank=True)
    wrong_patient = models.BooleanField(default=False)
    created_message = models.JSONField(default=dict)
    final_message = models.JSONField(default=dict)

    class Meta:
        ordering = ["-started_at"]
        constraints = [PERFORMED.constraint("performed_state_known")]

    def __str__(self) -> str:
        return self.sop_instance_uid


class PerformedSeries(models.Model):
    """One series that a device says it made, in its order (PS3.3 C.4.15, (0040,0340))."""

    performed = models.ForeignKey(PerformedProcedureStep, on_delete=models.CASCADE, related_name="series")
    place = models.PositiveSmallIntegerField()
    series_instance_uid = models.CharField(max_length=64, db_index=True)
    protocol = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=64, blank=True)
    operators = models.CharField(max_length=200, blank=True)
    physicians = models.CharField(max_length=200, blank=True)
    retrieve_aet = models.CharField(max_length=16, blank=True)
    images = models.PositiveIntegerField(default=0, help_text="Images that the device names: so many are expected.")
    other_objects = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["performed", "place"]
        verbose_name_plural = "performed series"
        constraints = [
            models.UniqueConstraint(fields=["performed", "series_instance_uid"], name="series_once_per_performed_step")
        ]

    def __str__(self) -> str:
        return self.series_instance_uid


class PerformedDose(models.Model):
    """The radiation that a device says it applied (PS3.3 C.4.16 Radiation Dose Module). Units are in the names."""

    performed = models.OneToOneField(PerformedProcedureStep, on_delete=models.CASCADE, related_name="dose")
    area_dose_product_dgy_cm2 = models.FloatField(null=True)
    entrance_dose_mgy = models.FloatField(null=True)
    fluoroscopy_seconds = models.FloatField(null=True)
    exposures = models.PositiveIntegerField(null=True)
    source_to_detector_mm = models.FloatField(null=True)
    source_to_entrance_mm = models.FloatField(null=True)
    exposed_area_cm = models.CharField(max_length=40, blank=True)
    comments = models.CharField(max_length=200, blank=True)
    events = models.JSONField(default=list, help_text="One row per exposure: mode, kvp, current_ma, time_ms, filters.")

    def __str__(self) -> str:
        return f"dose of {self.performed_id}"


class MppsMessage(models.Model):
    """One N-CREATE or N-SET as it came, and what was answered. `body` is in `transfer_syntax`, without group 2.

    A parked one came before its N-CREATE and is carried out after it; whoever sends it again gets Success.
    """

    KINDS = [("N-CREATE", "N-CREATE"), ("N-SET", "N-SET")]

    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="mpps_messages")
    performed = models.ForeignKey(PerformedProcedureStep, null=True, on_delete=models.PROTECT, related_name="messages")
    sop_instance_uid = models.CharField(max_length=64, db_index=True)
    operation = models.CharField(max_length=8, choices=KINDS)
    state = models.CharField(max_length=8, choices=MESSAGE.choices, default="received")
    status = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    sha256 = models.CharField(max_length=64, blank=True)
    transfer_syntax = models.CharField(max_length=64, blank=True)
    body = models.BinaryField(default=bytes)

    class Meta:
        ordering = ["pk"]
        constraints = [MESSAGE.constraint("mpps_message_state_known")]

    def __str__(self) -> str:
        return f"{self.operation} {self.sop_instance_uid}"


class WrongPatientQuerySet(models.QuerySet["WrongPatient"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("study.reconcile"))

    def waiting(self) -> Self:
        return self.filter(settled_at__isnull=True)


class WrongPatient(models.Model):
    """Images that stand under the wrong patient's name, by report of the device or of a technologist.

    Their study is closed to everybody until a person has settled whose they are (workflow.md rule 3).
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="wrong_patients")
    study_instance_uid = models.CharField(max_length=64, db_index=True)
    study = models.ForeignKey(Study, null=True, on_delete=models.PROTECT, related_name="wrong_patients")
    step = models.ForeignKey(ScheduledProcedureStep, null=True, on_delete=models.PROTECT, related_name="wrong_patients")
    performed = models.ForeignKey(
        PerformedProcedureStep, null=True, on_delete=models.PROTECT, related_name="wrong_patients"
    )
    reason = models.CharField(max_length=255)
    said_by = models.CharField(max_length=160)
    said_at = models.DateTimeField()
    settled_by = models.CharField(max_length=160, blank=True)
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=255, blank=True)

    objects = WrongPatientQuerySet.as_manager()

    class Meta:
        ordering = ["-said_at", "-pk"]
        verbose_name = "study of a wrong patient"
        verbose_name_plural = "studies of a wrong patient"
        indexes = [models.Index(fields=["site", "settled_at"], name="wrong_patient_open")]

    def __str__(self) -> str:
        return f"wrong patient {self.pk}"


class ReadingTaskQuerySet(models.QuerySet["ReadingTask"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("reading.list"))

    def for_reading_list(self, user: User) -> Self:
        """Open cases, most urgent and longest waiting first, with what the list shows; constant queries."""
        procedures = RequestedProcedure.objects.select_related("procedure", "order")
        rows = self.visible_to(user).filter(state__in=READING.groups["open"], held=False)
        rows = rows.select_related("patient", "site", "claimed_by", "assigned_to", "assigned_group")
        return rows.prefetch_related(models.Prefetch("requested_procedures", procedures)).order_by(
            "rank", "created_at", "pk"
        )


class ReadingTask(CaseWords, models.Model):
    """A case to be read: the procedures that one report answers."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="reading_tasks")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="reading_tasks")
    state = models.CharField(max_length=12, choices=READING.choices, default="waiting")
    priority = models.CharField(max_length=8, choices=PRIORITIES, default="ROUTINE")
    rank = models.PositiveSmallIntegerField(default=PRIORITY_RANK["ROUTINE"])
    requested_procedures = models.ManyToManyField(RequestedProcedure, related_name="reading_tasks")
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="claimed_tasks"
    )
    claimed_at = models.DateTimeField(null=True)
    report_state = models.CharField(max_length=20, blank=True)
    image_count = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, help_text="When its report is due by the site's rules.")
    held = models.BooleanField(default=False, help_text="Its images are the wrong patient's: on no list.")
    images_closed_at = models.DateTimeField(null=True)
    images_added_at = models.DateTimeField(null=True, help_text="When images came after it was taken or read.")
    image_state = models.CharField(max_length=8, choices=IMAGES, default="unknown", db_default="unknown")
    modalities = models.CharField(max_length=40, blank=True, default="", db_default="", help_text="|CT|PT|")
    body_parts = models.CharField(max_length=160, blank=True, default="", db_default="", help_text="|CHEST|")
    exam_at = models.DateTimeField(null=True, help_text="When the patient was examined.")
    lease_until = models.DateTimeField(null=True, help_text="Until when its reader keeps it without a sign of life.")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="assigned_tasks"
    )
    assigned_group = models.ForeignKey(
        "worklist.ReadingGroup", null=True, blank=True, on_delete=models.PROTECT, related_name="tasks"
    )
    assigned_at = models.DateTimeField(null=True)
    assigned_why = models.CharField(max_length=255, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ReadingTaskQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "created_at", "pk"]
        constraints = [READING.constraint("reading_state_known")]
        indexes = [
            models.Index(fields=["site", "state", "held", "rank", "created_at"], name="reading_list"),
            models.Index(fields=["state", "due_at"], name="reading_due"),
            models.Index(fields=["state", "lease_until"], name="reading_lease"),
            models.Index(fields=["assigned_to", "state"], name="reading_assigned"),
            models.Index(fields=["claimed_by", "state"], name="reading_claimed"),
        ]

    def __str__(self) -> str:
        return f"reading task {self.pk}"

    def studies(self) -> StudyQuerySet:
        """The archive's studies of this case, linked and open to viewing."""
        links = StudyLink.objects.filter(requested_procedure__in=self.requested_procedures.all(), active=True)
        return Study.objects.filter(pk__in=links.values("study_id"), state__in=STUDY.groups["readable"])


class ChangeCursor(models.Model):
    """How far the archive's change feed was read."""

    name = models.CharField(max_length=40, unique=True)
    position = models.BigIntegerField(default=0)
    polled_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.position}"


class WorklistChange(models.Model):
    """That a row changed of which worklists are made; written by the database alone (worklist.mwl.triggers).

    On PostgreSQL the table also has `xact`, the transaction that wrote the row (worklist.mwl.changes).
    """

    kind = models.CharField(max_length=12)
    key = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now(), db_index=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


# The exam's record is part of this app's models; its own module names Study by a string, and so may come last.
from worklist.exam import record  # noqa: E402, F401
from worklist.outside import rows as outside_rows  # noqa: E402, F401
from worklist.reading import saved, staff, turns, wet  # noqa: E402, F401
from worklist.reconcile import decisions  # noqa: E402, F401
from worklist.rehoming import rows as rehoming_rows  # noqa: E402, F401

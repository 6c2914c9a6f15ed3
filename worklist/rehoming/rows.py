"""Moves of studies to another patient or accession number at the archive, as rows: what was, what shall be, how far.

Part of the worklist's models; kept apart because it is one thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from ris.accounts.models import Site
from ris.patients.models import PatientMerge
from worklist.lifecycle import MOVED_OBJECT, REHOMING

if TYPE_CHECKING:
    from ris.accounts.models import User

KINDS = [
    ("link", "Linked to another exam"),
    ("merge", "Patients merged"),
    ("parted", "Merge taken back"),
    ("restore", "Link taken back"),
    ("late", "Late images"),
    ("series", "Series of another patient"),
]


class RehomingQuerySet(models.QuerySet["Rehoming"]):
    def visible_to(self, user: User) -> Self:
        """Of one's sites; those of no site are of everybody who reconciles."""
        sites = user.sites_where("study.reconcile")
        nobodys = models.Q(site__isnull=True) if sites else models.Q(pk__in=[])
        return self.filter(models.Q(site__in=sites) | nobodys)

    def most_urgent_first(self) -> Self:
        """What waits for a person first, then what is under way, then the newest."""
        first = models.Case(
            models.When(state__in=REHOMING.groups["failed"], then=models.Value(0)),
            models.When(state__in=REHOMING.groups["open"], then=models.Value(1)),
            default=models.Value(2),
            output_field=models.IntegerField(),
        )
        return self.order_by(first, "-pk")

    def of_series(self) -> Self:
        """Moves of single series out of a study that stand: neither taken back nor given up."""
        rows = self.exclude(into="").filter(undoes__isnull=True, undone_by__isnull=True)
        return rows.exclude(state__in=REHOMING.groups["dropped"])

    def touching(self, *study_uids: str) -> Self:
        """What takes objects out of one of these studies, or puts some into it."""
        uids = [uid for uid in study_uids if uid]
        return self.filter(models.Q(study__study_instance_uid__in=uids) | models.Q(into__in=uids))


class Rehoming(models.Model):
    """One study's objects on their way: `wanted` and `was` are identities (worklist.rehoming.identity.Identity).

    Of a move of single series `series` are their UIDs and `into` is the StudyInstanceUID that they get; `found` is what
    was seen before the first object was touched (worklist.rehoming.series).
    """

    study = models.ForeignKey("worklist.Study", on_delete=models.PROTECT, related_name="rehomings")
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="rehomings")
    kind = models.CharField(max_length=8, choices=KINDS)
    state = models.CharField(max_length=8, choices=REHOMING.choices, default="waiting")
    reason = models.CharField(max_length=255)
    wanted = models.JSONField(default=dict)
    was = models.JSONField(default=dict)
    series = models.JSONField(default=list)
    into = models.CharField(max_length=64, blank=True, db_index=True, db_default="", default="")
    found = models.JSONField(default=dict)
    merge = models.ForeignKey(PatientMerge, null=True, on_delete=models.PROTECT, related_name="rehomings")
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    asked_by = models.CharField(max_length=160)
    asked_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=255, blank=True)
    working_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = RehomingQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [REHOMING.constraint("rehoming_state_known")]
        indexes = [models.Index(fields=["state", "study"], name="rehoming_open")]

    def __str__(self) -> str:
        return f"rehoming {self.pk}"

    @property
    def is_over(self) -> bool:
        return REHOMING.within(self, "over")

    @property
    def has_failed(self) -> bool:
        return REHOMING.within(self, "failed")


class RehomedObject(models.Model):
    """One object of a move. `before` holds the elements as they stood, so that it can be taken back byte by byte."""

    rehoming = models.ForeignKey(Rehoming, on_delete=models.CASCADE, related_name="objects_moved")
    series_uid = models.CharField(max_length=64)
    sop_uid = models.CharField(max_length=64, db_index=True)
    old_id = models.CharField(max_length=44)
    new_id = models.CharField(max_length=44, blank=True)
    state = models.CharField(max_length=8, choices=MOVED_OBJECT.choices, default="listed")
    before_sha256 = models.CharField(max_length=64, blank=True)
    after_sha256 = models.CharField(max_length=64, blank=True)
    before = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["rehoming", "sop_uid"], name="rehomed_object_once"),
            MOVED_OBJECT.constraint("rehomed_object_state_known"),
        ]

    def __str__(self) -> str:
        return self.sop_uid

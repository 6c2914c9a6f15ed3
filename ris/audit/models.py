"""The audit trail: rows that are only ever added, and the seals that chain them (DESIGN.md §5.9)."""

from __future__ import annotations

from django.db import models

OUTCOMES = [("success", "Success"), ("refused", "Refused"), ("failure", "Failure")]


class AuditEvent(models.Model):
    """Who did what to which thing, and when. Plain columns: no foreign key upward, nothing cascades."""

    at = models.DateTimeField(db_index=True)
    action = models.CharField(max_length=64, db_index=True)
    event_code = models.CharField(max_length=16)
    outcome = models.CharField(max_length=8, choices=OUTCOMES, default="success")
    actor_kind = models.CharField(max_length=8)
    actor_id = models.CharField(max_length=64)
    actor_display = models.CharField(max_length=160)
    site_id = models.BigIntegerField(null=True, db_index=True)
    target_kind = models.CharField(max_length=64)
    target_id = models.CharField(max_length=128)
    patient_id = models.BigIntegerField(null=True, db_index=True)
    study_uid = models.CharField(max_length=64, blank=True, db_index=True)
    request_id = models.CharField(max_length=32, blank=True)
    source = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["target_kind", "target_id"]),
            # What somebody looked at lately is asked before each signature (reporting.reread.others).
            models.Index(fields=["actor_id", "at"], name="audit_by_actor"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=[name for name, _ in OUTCOMES]), name="audit_outcome_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_kind} {self.target_id}"


class AuditSeal(models.Model):
    """A link of the chain: which rows it covers, their hash, and the hash of the link before."""

    at = models.DateTimeField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    ranges = models.TextField()
    rows = models.PositiveIntegerField()
    # Two sealers that saw the same end of the chain: the second is refused, so that it never forks.
    previous = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)
    fingerprints = models.TextField(blank=True, help_text="Eight hex digits per row, to name the one that was changed.")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"seal {self.pk}: rows {self.ranges}"

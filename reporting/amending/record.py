"""An addendum, a correction or a withdrawal while it is written; what is signed becomes a version of the report."""

from __future__ import annotations

from typing import Final

from django.db import models

from reporting.lifecycle import AMENDMENT

KINDS: Final = [("addendum", "Addendum"), ("correction", "Correction"), ("withdrawal", "Withdrawal")]
LONGEST_REASON: Final = 400
LONGEST_CALLER: Final = 120


class Amendment(models.Model):
    """One reader's draft. `texts`: [{"key", "title", "text"}]; of an addendum one without "key", of a correction each
    section, of a withdrawal none: its words are the `reason`.

    `base`: number of the version that the writer saw. `left_out`: keys of what the correction takes out (`dropping`);
    `fields`: what it fills anew, by key (`refilling`); `key_images`: keys of the images that it adds (`picturing`).
    `caller` and `called_at`: who called about the report, and when, where that is why it is added to.
    """

    report = models.ForeignKey("reporting.Report", on_delete=models.PROTECT, related_name="amendments")
    kind = models.CharField(max_length=10, choices=KINDS)
    texts = models.JSONField(default=list)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    left_out = models.JSONField(default=list)
    fields = models.JSONField(default=dict, db_default={})
    key_images = models.JSONField(default=list, db_default=[])
    caller = models.CharField(max_length=LONGEST_CALLER, blank=True, db_default="", default="")
    called_at = models.DateTimeField(null=True)
    base = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=AMENDMENT.choices, default="draft")
    author_id = models.CharField(max_length=64)
    author_name = models.CharField(max_length=160)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            AMENDMENT.constraint("amendment_state_known"),
            models.UniqueConstraint(
                fields=["report", "kind", "author_id"], condition=models.Q(state="draft"), name="amendment_draft_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of report {self.report_id}"

"""What a person decided about a study: kept for good, with what was before it, so that it can be undone.

Part of the worklist's models; kept apart because it is one thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from ris.orders.models import RequestedProcedure

if TYPE_CHECKING:
    from ris.accounts.models import User

VERBS = [
    ("link", "Linked"),
    ("unlink", "Unlinked"),
    ("split", "Series given to another exam"),
    ("order", "Order made for it, linked"),
    ("series", "Series moved to another patient"),
]


class StudyDecisionQuerySet(models.QuerySet["StudyDecision"]):
    def visible_to(self, user: User) -> Self:
        sites = user.sites_where("study.reconcile")
        nobodys = models.Q(study__site__isnull=True) if sites else models.Q(pk__in=[])
        return self.filter(models.Q(study__site__in=sites) | nobodys)

    def standing(self) -> Self:
        return self.filter(undone_at__isnull=True)


class StudyDecision(models.Model):
    """`before` and `after` are the study's links then: of each the procedure, and what its row said."""

    study = models.ForeignKey("worklist.Study", on_delete=models.PROTECT, related_name="decisions")
    verb = models.CharField(max_length=8, choices=VERBS)
    requested_procedure = models.ForeignKey(
        RequestedProcedure, null=True, on_delete=models.PROTECT, related_name="study_decisions"
    )
    reason = models.CharField(max_length=255)
    by_name = models.CharField(max_length=160)
    at = models.DateTimeField()
    before = models.JSONField(default=list)
    after = models.JSONField(default=list)
    was_decided = models.BooleanField(default=False)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=160, blank=True, default="")
    undone_why = models.CharField(max_length=255, blank=True, default="")

    objects = StudyDecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "decision about a study"
        verbose_name_plural = "decisions about studies"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verb__in=[verb for verb, _words in VERBS]), name="study_decision_verb_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.study_id}"

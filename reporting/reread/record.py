"""How strictly a site takes a rule."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from reporting.proofreading.rules import LEVELS, RULES

FIXED = frozenset(rule.key for rule in RULES if rule.fixed)


class RuleLevel(models.Model):
    """A site's own level of a rule; without a row the rule's default holds. None can be silenced, some not softened."""

    site = models.ForeignKey("accounts.Site", on_delete=models.CASCADE, related_name="rule_levels")
    rule = models.CharField(max_length=16, choices=[(rule.key, rule.title) for rule in RULES if not rule.fixed])
    level = models.CharField(max_length=4, choices=[(level, level.capitalize()) for level in LEVELS])

    class Meta:
        ordering = ["site", "rule"]
        constraints = [
            models.UniqueConstraint(fields=["site", "rule"], name="rule_level_once"),
            models.CheckConstraint(condition=models.Q(level__in=LEVELS), name="rule_level_known"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.level}"

    def clean(self) -> None:
        if self.rule in FIXED:
            raise ValidationError({"rule": "This rule always stops a signature."})

"""The library of report templates: versions, rules for choosing, and readings to try a template's mapping on."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Max, Q

from reporting.lifecycle import TEMPLATE
from reporting.render.content import LANGUAGE_TAG
from ris.accounts.models import Site
from ris.dicom.models import MODALITIES
from ris.orders.models import Procedure


class TemplateQuerySet(models.QuerySet["ReportTemplate"]):
    def published(self) -> Self:
        """What new reports may begin with: at most one version of each key."""
        return self.filter(state__in=TEMPLATE.groups["offered"])

    def next_version(self, key: str) -> int:
        newest = self.filter(key=key).aggregate(newest=Max("version"))["newest"]
        return int(newest or 0) + 1


class ReportTemplate(models.Model):
    """One version of a template. A published one never changes: an edit is a new version, and a report keeps its own.

    `sections`: [{"key", "title", "text"}]. `fields`: as reporting.templates.checks has them. `about`: what MRRT tells
    of a template's origin (publisher, rights, language …).
    """

    key = models.SlugField(help_text="Short and lasting. A procedure names its template by it.")
    version = models.PositiveIntegerField(default=1, db_default=1)
    title = models.CharField(max_length=80)
    modality = models.CharField(max_length=2, choices=MODALITIES, blank=True)
    body_part = models.CharField(max_length=32, blank=True, default="", db_default="")
    sections = models.JSONField(default=list)
    fields = models.JSONField(default=list)
    about = models.JSONField(default=dict, db_default={}, blank=True)
    state = models.CharField(max_length=10, choices=TEMPLATE.choices, default="draft", db_default="draft")
    revision = models.PositiveIntegerField(default=0, db_default=0)
    changed_by_name = models.CharField(max_length=160, blank=True, default="", db_default="")
    changed_at = models.DateTimeField(auto_now=True, null=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        ordering = ["title", "key", "-version"]
        constraints = [
            TEMPLATE.constraint("template_state_known"),
            models.UniqueConstraint(fields=["key", "version"], name="template_version_once"),
            models.UniqueConstraint(fields=["key"], condition=Q(state="published"), name="one_published_template"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    @property
    def language(self) -> str:
        """A BCP 47 tag, in which its reports are labelled; English where it says none."""
        said = str(self.about.get("language") or "")
        return said if LANGUAGE_TAG.fullmatch(said) else "en"

    @property
    def offered(self) -> bool:
        return TEMPLATE.within(self, "offered")

    @property
    def open(self) -> bool:
        """Whether this version may still be edited."""
        return TEMPLATE.within(self, "open")


class TemplateRule(models.Model):
    """Which template whom and what gets; what is left empty matches everything. The most specific rule wins."""

    template_key = models.SlugField("template", help_text="The key of a template that has a published version.")
    procedure = models.ForeignKey(Procedure, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    modality = models.CharField(max_length=2, choices=MODALITIES, blank=True)
    body_part = models.CharField(max_length=32, blank=True)
    radiologist = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["template_key", "pk"]

    def __str__(self) -> str:
        return f"rule for {self.template_key}"


class SampleReading(models.Model):
    """What was understood of an SR that an administrator uploaded: its numbers, without the person they are of."""

    name = models.CharField(max_length=120)
    reading = models.JSONField(default=dict)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by_name = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering = ["-added_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def groups(self) -> list[dict[str, Any]]:
        return list(self.reading.get("groups", []))

"""Reports: drafts that move, versions that never do (DESIGN.md §5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from reporting.lifecycle import ARCHIVING, OBJECT, REPORT
from ris.accounts.models import Site
from ris.dicom.models import MODALITIES
from worklist.models import ReadingTask

if TYPE_CHECKING:
    from ris.accounts.models import User


class ReportTemplate(models.Model):
    """Sections of text, and fields that measurements fill.

    `sections`: [{"key", "title", "text"}]. `fields`: [{"key", "label", "section", "scheme", "code", "units": [...],
    "tools": [...], "pick": "largest"|"latest"}]: which SR concept may fill it, and in which units only.
    """

    key = models.SlugField(unique=True)
    title = models.CharField(max_length=80)
    modality = models.CharField(max_length=2, choices=MODALITIES, blank=True)
    sections = models.JSONField(default=list)
    fields = models.JSONField(default=list)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> Self:
        """Reports of sites where the user may view reports; writers see drafts, others signed ones only."""
        writers = models.Q(site__in=user.sites_where("report.write"))
        readers = models.Q(site__in=user.sites_where("report.view"), state__in=REPORT.groups["signed"])
        return self.filter(writers | readers)


class Report(models.Model):
    """The working copy of one reading. `content`: {"sections": {key: text}, "fields": {key: {...} | null}}."""

    task = models.ForeignKey(ReadingTask, on_delete=models.PROTECT, related_name="reports")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="reports")
    template = models.ForeignKey(ReportTemplate, on_delete=models.PROTECT, related_name="reports")
    state = models.CharField(max_length=20, choices=REPORT.choices, default="draft")
    revision = models.PositiveIntegerField(default=0)
    content = models.JSONField(default=dict)
    author_id = models.CharField(max_length=64)
    author_name = models.CharField(max_length=160)
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [REPORT.constraint("report_state_known")]

    def __str__(self) -> str:
        return f"report {self.pk}"

    @property
    def sections(self) -> list[dict[str, str]]:
        """The template's, and those that left it after something was written in them: no word is ever lost."""
        known = {section["key"] for section in self.template.sections}
        texts: dict[str, str] = self.content["sections"]
        left = [key for key, text in texts.items() if text.strip() and key not in known]
        return [*self.template.sections, *({"key": key, "title": key.capitalize()} for key in left)]

    @property
    def latest_version(self) -> ReportVersion | None:
        return self.versions.order_by("-number").first()


class ReportVersion(models.Model):
    """What was signed, as it was signed. Rows are only ever added; the database refuses a change."""

    KINDS = [("preliminary", "Preliminary"), ("final", "Final"), ("addendum", "Addendum"),
             ("correction", "Correction"), ("withdrawal", "Withdrawal")]  # fmt: skip

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=KINDS)
    content = models.JSONField()
    content_sha256 = models.CharField(max_length=64)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    accession_numbers = models.JSONField(default=list)
    study_instance_uid = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["report", "number"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="version_number_once")]

    def __str__(self) -> str:
        return f"version {self.number} of report {self.report_id}"


class Signature(models.Model):
    """Who answers for a version: binds the person, the instant, the meaning and the content."""

    version = models.OneToOneField(ReportVersion, on_delete=models.PROTECT, related_name="signature")
    signer_id = models.CharField(max_length=64)
    signer_name = models.CharField(max_length=160)
    meaning = models.CharField(max_length=120)
    signed_at = models.DateTimeField()
    content_sha256 = models.CharField(max_length=64)
    certificate_sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.meaning}: {self.signer_id}"


class Artifact(models.Model):
    """A file derived from a version: made once, kept, never remade."""

    KINDS = [("pdf", "Signed PDF"), ("encapsulated-pdf", "Encapsulated PDF")]

    version = models.ForeignKey(ReportVersion, on_delete=models.PROTECT, related_name="artifacts")
    kind = models.CharField(max_length=20, choices=KINDS)
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "kind"], name="artifact_once_per_version")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.version_id}"


class Publication(models.Model):
    """A version's way into the archive: its SOP instance, and whether a re-read proved it stands there."""

    version = models.OneToOneField(ReportVersion, on_delete=models.PROTECT, related_name="publication")
    sop_instance_uid = models.CharField(max_length=64, unique=True)
    series_instance_uid = models.CharField(max_length=64)
    archive_state = models.CharField(max_length=10, choices=ARCHIVING.choices, default="pending")
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [ARCHIVING.constraint("archive_state_known")]

    def __str__(self) -> str:
        return f"{self.sop_instance_uid}: {self.archive_state}"


class StoredObject(models.Model):
    """An SR, SEG or other object that came through the viewer, with what we understood of it."""

    task = models.ForeignKey(ReadingTask, on_delete=models.PROTECT, related_name="stored_objects")
    sop_instance_uid = models.CharField(max_length=64, unique=True)
    series_instance_uid = models.CharField(max_length=64, blank=True)
    study_instance_uid = models.CharField(max_length=64, db_index=True)
    sop_class_uid = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=80, blank=True)
    observer = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=12, choices=OBJECT.choices, default="received")
    reading = models.JSONField(default=dict, help_text="What read_sr says of it.")
    problem = models.TextField(blank=True)
    stored_at = models.DateTimeField()

    class Meta:
        ordering = ["-stored_at"]
        constraints = [OBJECT.constraint("object_state_known")]

    def __str__(self) -> str:
        return self.sop_instance_uid


class Measurement(models.Model):
    """One number of an SR, with its unit, where it came from, and every doubt about it."""

    source = models.ForeignKey(StoredObject, on_delete=models.CASCADE, related_name="measurements")
    tracking_uid = models.CharField(max_length=64, blank=True)
    tracking_identifier = models.CharField(max_length=200, blank=True)
    tool = models.CharField(max_length=64, blank=True)
    label = models.CharField(max_length=200, blank=True)
    finding = models.CharField(max_length=120, blank=True)
    finding_site = models.CharField(max_length=120, blank=True)
    scheme = models.CharField(max_length=16)
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    value = models.FloatField()
    unit = models.CharField(max_length=32)
    recomputed = models.FloatField(null=True)
    flags = models.JSONField(default=list)
    referenced_sop_uid = models.CharField(max_length=64, blank=True)
    referenced_frame = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.name} {self.value} {self.unit}"

    def as_field(self) -> dict[str, Any]:
        """The form in which a report field holds it: the number with its whole provenance."""
        return {
            "value": self.value,
            "unit": self.unit,
            "name": self.name,
            "tool": self.tool,
            "label": self.label,
            "flags": self.flags,
            "recomputed": self.recomputed,
            "observer": self.source.observer,
            "measured_at": self.source.stored_at.isoformat(),
            "sr_sop_uid": self.source.sop_instance_uid,
            "tracking_uid": self.tracking_uid,
            "image_sop_uid": self.referenced_sop_uid,
            "frame": self.referenced_frame,
        }

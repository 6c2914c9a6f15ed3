"""Reports: drafts that move, versions that never do (DESIGN.md §5.3)."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from reporting.library import ReportTemplate, SampleReading, TemplateRule
from reporting.lifecycle import ARCHIVING, OBJECT, REPORT
from ris.accounts.models import Site
from worklist.models import ReadingTask

if TYPE_CHECKING:
    from ris.accounts.models import User

__all__ = [
    "Artifact", "Measurement", "Publication", "Report", "ReportTemplate", "ReportVersion", "SampleReading", "Signature",
    "StoredObject", "TemplateRule",
]  # fmt: skip


def outside(group: str) -> models.Q:
    """Reports that are of this group for those outside: see `Report.held_from`."""
    states = REPORT.groups[group]
    return models.Q(state__in=states, held_until=None, held_from="") | models.Q(held_from__in=states)


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> Self:
        """Reports of sites where the user may view reports; writers see drafts, others what has left."""
        writers = models.Q(site__in=user.sites_where("report.write"))
        readers = models.Q(site__in=user.sites_where("report.view"))
        return self.filter(writers | readers & outside("shown"))

    def told(self) -> Self:
        """With `told_as`: their `outward_state`, for the database to compare."""
        changed = models.When(held_from__in=REPORT.groups["shown"], then="held_from")
        return self.annotate(told_as=models.Case(changed, default="state"))

    def outwardly(self, state: str) -> Self:
        """Those with this `outward_state`."""
        return self.told().filter(told_as=state)

    def released(self) -> Self:
        """Final reports that may be told, printed and handed out. Of their versions, those that `have_left` alone."""
        return self.filter(outside("released"))

    def standing(self) -> Self:
        """Those that count: a withdrawn one makes room for another of the same case."""
        return self.exclude(state__in=REPORT.groups["withdrawn"])


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
    saved_by_id = models.CharField(max_length=64, blank=True, db_default="", default="")
    held_until = models.DateTimeField(null=True, help_text="Signed and not released: nothing of it leaves before.")
    held_number = models.PositiveIntegerField(null=True, help_text="The version that waits.")
    # What it is for those outside, where that is another state: before a version that waits; returned to its author.
    held_from = models.CharField(max_length=20, blank=True, db_default="", default="")
    issued_at = models.DateTimeField(null=True, db_index=True, help_text="When the newest version that left did so.")
    changed_at = models.DateTimeField(
        default=timezone.now, db_default=Now(), db_index=True,
        help_text="When what is told of it last changed: it was begun, left, was recalled, lost images or has others.",
    )  # fmt: skip

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

    @property
    def outward_state(self) -> str:
        """What those outside are told that it is, if anything has left: see `held_from`."""
        return self.held_from if self.held_from in REPORT.groups["shown"] else self.state

    @property
    def is_revised(self) -> bool:
        """Whether its preliminary version, which those outside have, went back to its author."""
        return self.held_until is None and self.outward_state != self.state

    @property
    def waiting(self) -> ReportVersion | None:
        """The version that is signed and not released."""
        return self.versions.filter(number=self.held_number or 0).first()

    @property
    def newest_that_left(self) -> ReportVersion | None:
        return self.versions.have_left().order_by("-number").first()

    @property
    def newest_in_force(self) -> ReportVersion | None:
        """The newest version that was not recalled before it left."""
        return self.versions.in_force().order_by("-number").first()


class ReportVersionQuerySet(models.QuerySet["ReportVersion"]):
    def in_force(self) -> Self:
        """Without those that were recalled before they left."""
        return self.filter(recall__isnull=True)

    def have_left(self) -> Self:
        """In force, and not waiting for their release: what those outside may be told."""
        waits_not = models.Q(report__held_number=None) | models.Q(number__lt=models.F("report__held_number"))
        return self.in_force().filter(waits_not)

    def readable_by(self, user: User) -> Self:
        """Of the reports that the user may read; what was recalled, or waits, is for those who write at its site."""
        own = models.Q(report__site__in=user.sites_where("report.write"))
        left = models.Q(pk__in=ReportVersion.objects.have_left().values("pk"))
        return self.filter(own | left, report__in=Report.objects.visible_to(user))


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

    objects = ReportVersionQuerySet.as_manager()

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
    timestamped_at = models.DateTimeField(null=True, help_text="What a timestamping authority attests (RFC 3161).")
    timestamp_problem = models.CharField(max_length=200, blank=True, db_default="", default="")

    def __str__(self) -> str:
        return f"{self.meaning}: {self.signer_id}"


class Artifact(models.Model):
    """A file derived from a version: made once, kept, never remade."""

    KINDS = [("pdf", "Signed PDF"), ("encapsulated-pdf", "Encapsulated PDF"), ("key-objects", "Key Object Selection")]

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
    finding_code = models.CharField(max_length=48, blank=True, db_default="", default="")
    finding_site = models.CharField(max_length=120, blank=True)
    site_code = models.CharField(max_length=48, blank=True, db_default="", default="")
    laterality = models.CharField(max_length=120, blank=True, db_default="", default="")
    laterality_code = models.CharField(max_length=48, blank=True, db_default="", default="")
    method = models.CharField(max_length=120, blank=True, db_default="", default="")
    method_code = models.CharField(max_length=48, blank=True, db_default="", default="")
    derivation = models.CharField(max_length=120, blank=True, db_default="", default="")
    derivation_code = models.CharField(max_length=48, blank=True, db_default="", default="")
    scheme = models.CharField(max_length=16)
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    value = models.FloatField()
    unit = models.CharField(max_length=32)
    recomputed = models.FloatField(null=True)
    flags = models.JSONField(default=list)
    words = models.JSONField(default=list, db_default=[])
    measured_at = models.DateTimeField(null=True)
    referenced_sop_uid = models.CharField(max_length=64, blank=True)
    referenced_series_uid = models.CharField(max_length=64, blank=True, db_default="", default="")
    referenced_frame = models.PositiveIntegerField(null=True)
    series_number = models.IntegerField(null=True)
    image_number = models.IntegerField(null=True)
    geometry = models.JSONField(default=list, db_default=[])

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.name} {self.value} {self.unit}"

    @property
    def identity(self) -> str:
        """The same for as long as its object says the same: rows are made anew each time that it is read."""
        said = (self.source.sop_instance_uid, self.tracking_uid, self.scheme, self.code, self.name, self.value,
                self.unit, self.derivation_code, self.referenced_sop_uid, self.referenced_frame)  # fmt: skip
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]

    @property
    def image(self) -> str:
        """The image in the numbers that people know it by: "series 3, image 61"; "" when it is not known."""
        parts = (("series", self.series_number), ("image", self.image_number), ("frame", self.referenced_frame))
        return ", ".join(f"{name} {number}" for name, number in parts if number is not None)

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
            "object": self.source.description,
            "measured_at": (self.measured_at or self.source.stored_at).isoformat(),
            "sr_sop_uid": self.source.sop_instance_uid,
            "tracking_uid": self.tracking_uid,
            "image_sop_uid": self.referenced_sop_uid,
            "study_uid": self.source.study_instance_uid,
            "series_uid": self.referenced_series_uid,
            "frame": self.referenced_frame,
            "image": self.image,
            "measurement": self.identity,
            "site": self.finding_site,
            "laterality": self.laterality,
        }


class KeyImageQuerySet(models.QuerySet["KeyImage"]):
    def visible_to(self, user: User) -> Self:
        """For those who write reports at the site of the case; others see what was signed."""
        return self.filter(task__site__in=user.sites_where("report.write"))


class KeyImage(models.Model):
    """An image that somebody pointed out for the report; `frame` is 0 for the whole object.

    `presentation` is how it was looked at, as the viewer says it; `picture` a JPEG of it, made from the archive.
    """

    ORIGINS = [("viewer", "The viewer"), ("report", "The report")]

    task = models.ForeignKey(ReadingTask, on_delete=models.PROTECT, related_name="key_images")
    study_instance_uid = models.CharField(max_length=64)
    series_instance_uid = models.CharField(max_length=64, blank=True)
    sop_instance_uid = models.CharField(max_length=64)
    sop_class_uid = models.CharField(max_length=64, blank=True)
    frame = models.PositiveIntegerField(default=0)
    place = models.CharField(max_length=80, blank=True)
    label = models.CharField(max_length=200, blank=True)
    presentation = models.JSONField(default=dict)
    origin = models.CharField(max_length=8, choices=ORIGINS)
    chosen_by_id = models.CharField(max_length=64)
    chosen_by_name = models.CharField(max_length=160)
    chosen_at = models.DateTimeField()
    left_out = models.BooleanField(default=False)
    picture = models.BinaryField(null=True)
    picture_sha256 = models.CharField(max_length=64, blank=True)
    problem = models.CharField(max_length=200, blank=True)
    grid = models.JSONField(default=dict, db_default={}, help_text="Where its pixels lie: reporting.publish.grid.")

    objects = KeyImageQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["task", "sop_instance_uid", "frame"], name="key_image_once")]

    def __str__(self) -> str:
        return f"{self.sop_instance_uid} frame {self.frame}"

    @property
    def presentation_json(self) -> str:
        return json.dumps(self.presentation)


class DraftMeasurements(models.Model):
    """What a reader drew and did not store yet, as the viewer's own JSON: safe when the browser dies."""

    task = models.ForeignKey(ReadingTask, on_delete=models.CASCADE, related_name="draft_measurements")
    owner_id = models.CharField(max_length=64)
    annotations = models.JSONField(default=list)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "owner_id"], name="drawn_once_per_reader")]

    def __str__(self) -> str:
        return f"{len(self.annotations)} of {self.task_id}"


# What stands in modules of its own and is a model of this app; each names Report by a string, and so may come last.
from reporting.amending import record as _amending  # noqa: E402, F401
from reporting.autotext import record as _autotext  # noqa: E402, F401
from reporting.confirming import record as _confirming  # noqa: E402, F401
from reporting.copies import record as _copies  # noqa: E402, F401
from reporting.critical import record as _critical  # noqa: E402, F401
from reporting.delay import record as _delay  # noqa: E402, F401
from reporting.dictation import record as _dictation  # noqa: E402, F401
from reporting.finding import record as _finding  # noqa: E402, F401
from reporting.keys import record as _keys  # noqa: E402, F401
from reporting.letterhead import record as _letterhead  # noqa: E402, F401
from reporting.reread import record as _reread  # noqa: E402, F401

"""A critical finding, each attempt to tell it, and who is next when time has run out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

from reporting.lifecycle import CRITICAL

if TYPE_CHECKING:
    from ris.accounts.models import Site, User

CATEGORIES: Final = [(1, "Category 1: within minutes"), (2, "Category 2: within hours"), (3, "Category 3: within days")]
# Minutes in which somebody must have been told, unless the site says otherwise.
MINUTES: Final = {1: 60, 2: 12 * 60, 3: 3 * 24 * 60}
WAYS: Final = [
    ("phone", "By telephone"),
    ("person", "In person"),
    ("message", "By secure message"),
    ("page", "By pager"),
]
LONGEST_FINDING: Final = 500


class CriticalQuerySet(models.QuerySet["CriticalFinding"]):
    def visible_to(self, user: User) -> Self:
        """Of the sites where the user may see reports; while the images are closed as another patient's, for those who
        read there: they call back whoever was told.
        """
        open_to_all = models.Q(site__in=user.sites_where("report.view"), task__held=False)
        return self.filter(open_to_all | models.Q(site__in=user.sites_where("report.write")))

    def open(self) -> Self:
        return self.filter(state__in=CRITICAL.groups["open"])


class CriticalFinding(models.Model):
    """What somebody must be told. Its words are never changed; it can only be told, or withdrawn with a reason."""

    task = models.ForeignKey("worklist.ReadingTask", on_delete=models.PROTECT, related_name="critical_findings")
    site = models.ForeignKey("accounts.Site", on_delete=models.PROTECT, related_name="+")
    category = models.PositiveSmallIntegerField(choices=CATEGORIES)
    finding = models.CharField(max_length=LONGEST_FINDING)
    recipient = models.CharField(max_length=120, help_text="Who must be told: a person, by name.")
    reach = models.CharField("reached at", max_length=120, blank=True, help_text="Telephone, pager or ward.")
    flagged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    flagged_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    escalations = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=CRITICAL.choices, default="open")
    withdrawn_because = models.CharField(max_length=200, blank=True)

    objects = CriticalQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [models.Index(fields=["state", "due_at"], name="critical_due")]
        constraints = [CRITICAL.constraint("critical_state_known")]

    def __str__(self) -> str:
        return f"critical finding {self.pk}"

    @property
    def is_void(self) -> bool:
        """Whether images of its case were closed as another patient's after it was flagged: it may be of those."""
        closed = self.task.images_closed_at
        return self.task.held or (closed is not None and self.flagged_at <= closed)

    @property
    def is_of_no_image(self) -> bool:
        """Whether no image is left that it could be of."""
        return self.is_void and not self.task.studies().exists()


class Communication(models.Model):
    """One attempt to tell a finding. Rows are only ever added; the database refuses a change."""

    critical = models.ForeignKey(CriticalFinding, on_delete=models.PROTECT, related_name="communications")
    told = models.CharField("person told", max_length=120)
    way = models.CharField("how", max_length=8, choices=WAYS)
    reached = models.BooleanField(default=True)
    read_back = models.BooleanField("read it back", default=False)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    noted_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"communication {self.pk}"


class EscalationContact(models.Model):
    """Who of a site is told when nobody could be reached in time, in this order."""

    site = models.ForeignKey("accounts.Site", on_delete=models.CASCADE, related_name="escalation_contacts")
    place = models.PositiveSmallIntegerField(default=1)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reach = models.CharField("reached at", max_length=120, blank=True, help_text="Telephone or pager.")

    class Meta:
        ordering = ["site", "place", "pk"]
        constraints = [models.UniqueConstraint(fields=["site", "place"], name="escalation_place_once")]

    def __str__(self) -> str:
        return f"{self.place}. {self.user}"

    def clean(self) -> None:
        """Whoever is asked to call must be able to open what it is about."""
        if self.user_id and self.site_id and not self.user.may("report.view", self.site_id):
            words = "This person may not see reports of the site: give them a role there first, or choose another."
            raise ValidationError({"user": words})


class CriticalInterval(models.Model):
    """The time a site allows for a category."""

    site = models.ForeignKey("accounts.Site", on_delete=models.CASCADE, related_name="critical_intervals")
    category = models.PositiveSmallIntegerField(choices=CATEGORIES)
    minutes = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "category"], name="critical_interval_once")]

    def __str__(self) -> str:
        return f"category {self.category}: {self.minutes} minutes"


def allowed(site: Site, category: int) -> timedelta:
    """How long a site allows until somebody was told."""
    own = CriticalInterval.objects.filter(site=site, category=category).first()
    return timedelta(minutes=own.minutes if own else MINUTES[category])

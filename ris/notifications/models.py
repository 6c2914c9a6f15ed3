"""Messages that leave the house, notices to colleagues, and what each site wants to be written."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.db import models

from ris.accounts.models import Site, User
from ris.core.phrases import ENGLISH, phrases_in
from ris.notifications.languages import DEFAULT, check_language
from ris.notifications.lifecycle import MESSAGE

if TYPE_CHECKING:
    from ris.core.actors import Actor

EMAIL, SMS, IN_APP = "email", "sms", "in-app"
CHANNELS = [(EMAIL, "E-mail"), (SMS, "SMS"), (IN_APP, "On screen")]
KINDS = [
    ("confirmation", "Confirmation"),
    ("change", "Change"),
    ("cancellation", "Cancellation"),
    ("reminder", "Reminder"),
    ("notice", "Notice"),
]
LATEST_REMINDER_HOURS = 14 * 24


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> Self:
        """What left for others, to those who look after a site's deliveries."""
        return self.exclude(channel=IN_APP).filter(site__in=user.sites_where("delivery.manage"))

    def shown_to(self, user: User) -> Self:
        """Notices on one person's own screen."""
        return self.filter(channel=IN_APP, recipient=user)

    def unread_by(self, user: User) -> Self:
        return self.shown_to(user).filter(state__in=MESSAGE.groups["unread"])

    def about(self, thing: models.Model) -> Self:
        return self.filter(about_kind=thing._meta.label_lower, about_id=thing.pk)


class Message(models.Model):
    """Words on their way to somebody. `key` names what it is about: the same is never written twice."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=120, unique=True)
    channel = models.CharField(max_length=8, choices=CHANNELS)
    kind = models.CharField(max_length=16, choices=KINDS)
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="messages")
    recipient = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="notices")
    address = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=160)
    text = models.TextField()
    link = models.CharField(max_length=300, blank=True, help_text="Where a notice leads.")
    stop_link = models.CharField(max_length=300, blank=True, help_text="Where messages are declined (RFC 8058).")
    attachments = models.JSONField(default=list, help_text="Of each: name, type, body.")
    about_kind = models.CharField(max_length=64, blank=True)
    about_id = models.BigIntegerField(null=True)
    patient_id = models.BigIntegerField(null=True)
    told = models.CharField(max_length=120, blank=True, help_text="What it says, to be compared later.")
    state = models.CharField(max_length=8, choices=MESSAGE.choices, default="queued")
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["about_kind", "about_id"], name="message_about"),
            models.Index(fields=["recipient", "state"], name="message_unread"),
        ]
        constraints = [
            MESSAGE.constraint("message_state_known"),
            models.CheckConstraint(
                condition=models.Q(channel__in=[name for name, _ in CHANNELS]), name="message_channel_known"
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    def is_for(self, actor: Actor) -> bool:
        return self.recipient_id is not None and actor.kind == "user" and str(self.recipient_id) == str(actor.id)


def check_hours(text: str) -> None:
    """Whole hours, divided by commas."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() and 1 <= int(part) <= LATEST_REMINDER_HOURS for part in parts):
        raise ValidationError(f"Hours before the appointment, divided by commas, each 1 to {LATEST_REMINDER_HOURS}.")


class MessagePolicy(models.Model):
    """What a site writes to its patients. A site without a row has these defaults."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="message_policy")
    enabled = models.BooleanField(default=True, help_text="Write to patients who left an address and did not decline.")
    confirm = models.BooleanField("confirm bookings", default=True)
    tell_changes = models.BooleanField("tell of changes and cancellations", default=True)
    reminder_hours = models.CharField(
        max_length=40, default="48, 24", blank=True, validators=[check_hours],
        help_text="Hours before the appointment, by the site's clock. Empty: no reminders.",
    )  # fmt: skip
    name_exam = models.BooleanField(
        "name the exam", default=False, help_text="Otherwise a message tells time, place and preparation only."
    )
    tell_preparation = models.BooleanField(
        "tell how to prepare", default=True, db_default=True,
        help_text="It may show which exam it is. Otherwise patients are asked to ask.",
    )  # fmt: skip
    tell_room = models.BooleanField(
        "tell the room", default=True, db_default=True, help_text="Its name may show which exam it is."
    )
    language = models.CharField(
        max_length=10, default=DEFAULT, db_default=DEFAULT, validators=[check_language],
        help_text="For patients of whom no language is known: en, de or one whose phrases you wrote.",
    )  # fmt: skip
    contact = models.CharField(
        max_length=160, blank=True, help_text="Whom to call for another time; stands at the end of each message."
    )

    class Meta:
        verbose_name = "messages of a site"
        verbose_name_plural = "messages of the sites"

    def __str__(self) -> str:
        return f"messages of {self.site}"

    @property
    def hours(self) -> list[int]:
        """Hours before the appointment, shortest first."""
        return sorted({int(part) for part in self.reminder_hours.split(",") if part.strip()})


def check_phrase(key: str) -> None:
    if key not in ENGLISH:
        raise ValidationError("There is no such phrase.")


class Phrase(models.Model):
    """A sentence that patients read, in the admin's words: another language, or another wording of one of ours."""

    language = models.CharField(max_length=10, validators=[check_language], help_text="Its code, such as de or tr.")
    key = models.CharField("phrase", max_length=32, validators=[check_phrase])
    text = models.CharField(max_length=300, blank=True, help_text="Empty: as we have it, or in English.")

    class Meta:
        ordering = ["language", "pk"]
        verbose_name = "phrase for patients"
        verbose_name_plural = "phrases for patients"
        constraints = [models.UniqueConstraint(fields=["language", "key"], name="phrase_once_per_language")]

    def __str__(self) -> str:
        return f"{self.language} {self.key}"

    @property
    def english(self) -> str:
        return ENGLISH.get(self.key, "")

    @property
    def ours(self) -> str:
        """What is said while the text is empty."""
        return phrases_in(self.language).get(self.key, "")

    def clean(self) -> None:
        """What we put in must have its place."""
        if self.text and "{contact}" in self.english and "{contact}" not in self.text:
            raise ValidationError({"text": "Write {contact} where whom to call is to stand."})


def policy_of(site: Site) -> MessagePolicy:
    return MessagePolicy.objects.filter(site=site).first() or MessagePolicy(site=site)

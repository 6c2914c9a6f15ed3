"""Writing messages and reading notices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from ris import audit
from ris.accounts.models import Site, User
from ris.core.actors import Actor
from ris.core.errors import NotPermitted
from ris.events import emit
from ris.notifications.channels import is_open
from ris.notifications.lifecycle import MESSAGE
from ris.notifications.models import IN_APP, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is to be told. `key` names the occasion, `told` what `wanted` compares with the present truth."""

    key: str
    channel: str
    kind: str
    site: Site
    address: str
    subject: str
    text: str
    about_kind: str = ""
    about_id: int | None = None
    patient_id: int | None = None
    told: str = ""
    stop_link: str = ""
    attachments: list[dict[str, str]] = field(default_factory=list)


@transaction.atomic
def post(letter: Letter, *, by: Actor, after: timedelta = timedelta(0)) -> Message | None:
    """Queue a letter once per key; None when it was queued before, or when its channel is not set up."""
    if not by.may("message.send", letter.site.pk):
        raise NotPermitted("Patients are written to by the system.")
    if not is_open(letter.channel):
        return None
    values = {item.name: getattr(letter, item.name) for item in fields(letter)}
    try:
        with transaction.atomic():
            message = Message.objects.create(created_at=timezone.now(), **values)
    except IntegrityError:
        if Message.objects.filter(key=letter.key).exists():
            return None
        raise
    audit.record("message.queued", message, by=by, patient=letter.patient_id, kind=letter.kind, channel=letter.channel)
    emit("message.queued", message, by=by, after=after)
    return message


@transaction.atomic
def notify(people: Iterable[User], *, key: str, subject: str, text: str, link: str, site: Site | None = None) -> None:
    """Show a notice in the top bar of each, once per key."""
    now = timezone.now()
    rows = [
        Message(
            key=f"{key}/{person.pk}", channel=IN_APP, kind="notice", site=site, recipient=person, subject=subject,
            text=text, link=link, state="sent", created_at=now, sent_at=now,
        )
        for person in people
    ]  # fmt: skip
    Message.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def read(message: Message, *, by: Actor) -> Message:
    """The person has seen it. Safe to repeat; raises NotPermitted for another's."""
    message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if not message.is_for(by):
        raise NotPermitted("This notice is somebody else's.")
    if MESSAGE.allows(message, "read"):
        MESSAGE.advance(message, "read", read_at=timezone.now())
    return message


@transaction.atomic
def read_all(*, by: User) -> int:
    """All that is on the person's screen was seen; how many were new."""
    rows = Message.objects.unread_by(by).select_for_update(of=("self",))
    return len([MESSAGE.advance(row, "read", read_at=timezone.now()) for row in rows])

"""What is written to patients about their appointments: when, to whom, once, and only while it is true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from ris.accounts.models import Site
from ris.core.actors import SystemActor
from ris.notifications.actions import Letter, post
from ris.notifications.channels import is_open
from ris.notifications.lifecycle import MESSAGE
from ris.notifications.models import EMAIL, SMS, Message, policy_of
from ris.patients.models import Patient
from ris.scheduling import ics, wording
from ris.scheduling.invitations import facts_of, invitation_of
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment

REMINDERS = SystemActor("reminders")
# Long enough to take a slip of the hand back before anybody is told.
GRACE = timedelta(minutes=2)
# Who is to come sooner than this is at the desk, or on the phone.
TOO_SOON = timedelta(minutes=30)
# What a clock change can add to the hours before an appointment.
CLOCK_CHANGE = timedelta(hours=2)
ABOUT = Appointment._meta.label_lower
# What of a message depends on where it goes.
ADDRESSED = ("channel", "address", "text", "attachments")


@dataclass(frozen=True, slots=True)
class Contact:
    channel: str
    address: str


def contact_of(patient: Patient) -> Contact | None:
    """Mail before SMS, as it carries the calendar file; None for whom nobody writes to."""
    person = patient.current
    if person.temporary or Patient.objects.family(person).filter(messages_declined=True).exists():
        return None
    ways = (Contact(EMAIL, person.email), Contact(SMS, person.mobile))
    return next((way for way in ways if way.address and is_open(way.channel)), None)


def tell(appointment: Appointment, kind: str, *, hours: int = 0) -> Message | None:
    """Queue one message about an appointment as it is now; None when nobody is to be told."""
    policy, contact = policy_of(appointment.site), contact_of(appointment.patient)
    if contact is None or not policy.enabled or not _is_worth_telling(appointment, kind):
        return None
    letter = _letter(appointment, contact, kind, key_of(appointment.pk, appointment.sequence, kind, hours))
    return post(letter, by=REMINDERS, after=timedelta(0) if kind == "reminder" else GRACE)


def _letter(appointment: Appointment, contact: Contact, kind: str, key: str) -> Letter:
    facts = facts_of(appointment, kind)
    return Letter(
        key=key,
        channel=contact.channel,
        kind=kind,
        site=appointment.site,
        address=contact.address,
        subject=wording.subject(facts),
        text=wording.mail(facts) if contact.channel == EMAIL else wording.sms(facts),
        about_kind=ABOUT,
        about_id=appointment.pk,
        patient_id=appointment.patient_id,
        told=told(appointment),
        stop_link=facts.stop_link,
        attachments=[_calendar_file(appointment, contact)] if contact.channel == EMAIL else [],
    )


def put_right(message: Message) -> None:
    """Write a message anew whose patient has another address by now: a slip that was mended reaches no stranger."""
    found = _appointment_of(message)
    contact = contact_of(found.patient) if found else None
    if found is None or contact is None or contact == Contact(message.channel, message.address):
        return
    letter = _letter(found, contact, message.kind, message.key)
    for name in ADDRESSED:
        setattr(message, name, getattr(letter, name))
    message.save(update_fields=ADDRESSED)


def _appointment_of(message: Message) -> Appointment | None:
    rows = Appointment.objects.select_related("patient", "resource", "site")
    return rows.filter(pk=message.about_id or 0).first()


def _calendar_file(appointment: Appointment, contact: Contact) -> dict[str, str]:
    made = invitation_of(appointment, attendee=contact.address)
    return {"name": "appointment.ics", "type": f"text/calendar; method={made.method}", "body": ics.written(made)}


def _is_worth_telling(appointment: Appointment, kind: str) -> bool:
    """Still ahead, one person's, in the state that the message speaks of, and not of an emergency who is here."""
    if appointment.start < timezone.now() + TOO_SOON or not appointment.is_of_one_person:
        return False
    if kind == "cancellation":
        return not APPOINTMENT.within(appointment, "holding")
    urgent = appointment.steps.filter(requested_procedure__order__priority="STAT")
    return APPOINTMENT.within(appointment, "expected") and not urgent.exists()


def key_of(pk: int, sequence: int, kind: str, hours: int = 0) -> str:
    """The occasion: one message of a kind for each change, one reminder of so many hours for each time."""
    return f"{kind}-{hours}/{pk}/{sequence}" if hours else f"{kind}/{pk}/{sequence}"


def told(appointment: Appointment) -> str:
    return f"{appointment.start.isoformat()}|{appointment.end.isoformat()}|{appointment.resource_id}"


def is_true(message: Message) -> bool:
    """Asked right before a message leaves: nothing changed since, and the patient still wants it."""
    found = _appointment_of(message)
    if found is None or not _is_worth_telling(found, message.kind):
        return False
    if contact_of(found.patient) != Contact(message.channel, message.address):
        return False
    if message.key.rsplit("/", maxsplit=1)[-1] != str(found.sequence):
        return False
    before = Message.objects.about(found).filter(state__in=MESSAGE.groups["reached"]).order_by("-pk").first()
    return message.kind != "change" or before is None or before.told != message.told


def instant_of(start: datetime, hours: int, site: Site) -> datetime:
    """So many hours before on the site's clock: a day before 08:00 is 08:00, also over a clock change."""
    local = start.astimezone(site.zone)
    wall = local.replace(tzinfo=None) - timedelta(hours=hours)
    return wall.replace(tzinfo=site.zone, fold=local.fold)


def remind_all() -> int:
    """Remind everybody whose time has come; how many were written to. Run by `run_deliveries`."""
    if not (is_open(EMAIL) or is_open(SMS)):
        return 0
    now = timezone.now()
    return sum(_remind(site, now) for site in Site.objects.all())


def _remind(site: Site, now: datetime) -> int:
    policy = policy_of(site)
    if not policy.enabled or not policy.hours:
        return 0
    due = _due(site, policy.hours, now)
    rows = Appointment.objects.select_related("patient", "resource", "site").in_bulk([pk for pk, _hours in due])
    return len([pk for pk, hours in due if pk in rows and tell(rows[pk], "reminder", hours=hours) is not None])


def _due(site: Site, hours: list[int], now: datetime) -> list[tuple[int, int]]:
    """(appointment, hours) not reminded yet. Of two reminders that are due at once only the nearer one is."""
    reachable = Q(patient__email__gt="") | Q(patient__mobile__gt="") | Q(patient__merged_into__isnull=False)
    until = now + timedelta(hours=max(hours)) + CLOCK_CHANGE
    rows = Appointment.objects.filter(
        reachable, site=site, start__gt=now + TOO_SOON, start__lte=until, state__in=APPOINTMENT.groups["expected"],
        patient__messages_declined=False,
    )  # fmt: skip
    found: dict[str, tuple[int, int]] = {}
    for pk, start, sequence, placed_at in rows.values_list("pk", "start", "sequence", "placed_at"):
        nearest = next((number for number in hours if instant_of(start, number, site) <= now), None)
        if nearest is not None and (placed_at is None or placed_at <= instant_of(start, nearest, site)):
            found[key_of(pk, sequence, "reminder", nearest)] = (pk, nearest)
    written = Message.objects.filter(key__in=list(found)).values_list("key", flat=True)
    return [found[key] for key in found.keys() - set(written)]

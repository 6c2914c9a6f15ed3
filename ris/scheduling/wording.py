"""What a patient reads: time, place, preparation. Pure; never more than its facts hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

LONGEST_SMS = 459  # three parts of a concatenated message (3GPP TS 23.040)
OPENINGS = {
    "confirmation": "You have an appointment.",
    "change": "Your appointment has changed. It is now:",
    "cancellation": "Your appointment has been cancelled. It was:",
    "reminder": "We expect you soon. Your appointment:",
}
SUBJECTS = {
    "confirmation": "Your appointment",
    "change": "Your appointment has changed",
    "cancellation": "Your appointment is cancelled",
    "reminder": "Reminder of your appointment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An appointment as far as it is told. `exams` is empty unless the site names them."""

    kind: str
    start: datetime
    zone: str
    place: str
    room: str
    address: str = ""
    preparation: tuple[str, ...] = ()
    exams: tuple[str, ...] = ()
    contact: str = ""
    stop_link: str = ""


def clock(start: datetime, zone: str) -> str:
    """Day and time as the site's clocks show them; in the hour that autumn repeats, which of the two."""
    local = start.astimezone(ZoneInfo(zone))
    doubled = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    return f"{local:%A}, {local.day} {local:%B %Y, %H:%M}" + (f" {local:%Z}" if doubled else "")


def subject(facts: Facts) -> str:
    """Shown on locked screens: the day, and nothing else."""
    return f"{SUBJECTS[facts.kind]}: {clock(facts.start, facts.zone)}"


def mail(facts: Facts) -> str:
    lines = [OPENINGS[facts.kind], "", f"When: {clock(facts.start, facts.zone)}", f"Where: {facts.place}, {facts.room}"]
    lines += [f"       {line.strip()}" for line in facts.address.splitlines() if line.strip()]
    lines += [f"What: {exam}" for exam in facts.exams]
    if facts.kind != "cancellation":
        lines += _paragraphs("Please prepare:", facts.preparation)
    if facts.contact:
        lines += ["", f"Another time? {facts.contact}"]
    if facts.stop_link:
        lines += ["", "No more messages about appointments:", facts.stop_link]
    return "\n".join(lines) + "\n"


def _paragraphs(heading: str, texts: tuple[str, ...]) -> list[str]:
    return ["", heading, *texts] if texts else []


def sms(facts: Facts) -> str:
    """One text of at most three parts; what does not fit is cut."""
    when = clock(facts.start, facts.zone)
    parts = [f"{facts.place}: {SUBJECTS[facts.kind].lower()}, {when}, {facts.room}.", *facts.exams]
    if facts.kind != "cancellation":
        parts += facts.preparation
    found = " ".join(" ".join([*parts, facts.contact]).split())
    return found if len(found) <= LONGEST_SMS else f"{found[: LONGEST_SMS - 1]}…"

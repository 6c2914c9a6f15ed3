"""What a patient reads: time, place, preparation. Pure; never more than its facts hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from ris.core.phrases import ENGLISH

LONGEST_SMS = 459  # three parts of a concatenated message (3GPP TS 23.040)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An appointment as far as it is told. What is not to be told is empty: exams, room, preparation.

    `when` is the time in words; `withheld`: there is a preparation that is not told. `phrases` as ris.core.phrases.
    """

    kind: str
    when: str
    zone: str
    place: str
    room: str = ""
    address: str = ""
    preparation: tuple[str, ...] = ()
    withheld: bool = False
    exams: tuple[str, ...] = ()
    contact: str = ""
    stop_link: str = ""
    phrases: Mapping[str, str] = field(default_factory=lambda: ENGLISH)

    @property
    def where(self) -> str:
        return ", ".join(part for part in (self.place, self.room) if part)


def zone_mark(start: datetime, zone: str) -> str:
    """In the hour that autumn repeats which of the two it is, as CEST; else nothing."""
    local = start.astimezone(ZoneInfo(zone))
    doubled = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    return f" {local:%Z}" if doubled else ""


def subject(facts: Facts) -> str:
    """Shown on locked screens: the day, and nothing else."""
    return f"{facts.phrases[f'subject-{facts.kind}']}: {facts.when}"


def mail(facts: Facts) -> str:
    say = facts.phrases
    lines = [say[f"opening-{facts.kind}"], "", f"{say['when']}: {facts.when}", f"{say['where']}: {facts.where}"]
    lines += [f"       {line.strip()}" for line in facts.address.splitlines() if line.strip()]
    lines += [f"{say['what']}: {exam}" for exam in facts.exams]
    if facts.kind != "cancellation":
        lines += _paragraphs(say["prepare"], facts.preparation)
        lines += ["", say["ask-us"]] if facts.withheld else []
    if facts.contact:
        lines += ["", say["another-time"].replace("{contact}", facts.contact)]
    if facts.stop_link:
        lines += ["", say["stop"], facts.stop_link]
    return "\n".join(lines) + "\n"


def _paragraphs(heading: str, texts: tuple[str, ...]) -> list[str]:
    return ["", heading, *texts] if texts else []


def sms(facts: Facts) -> str:
    """One text of at most three parts; what does not fit is cut."""
    room = f", {facts.room}" if facts.room else ""
    opening = facts.phrases[f"subject-{facts.kind}"]
    parts = [f"{facts.place}: {opening}, {facts.when}{room}.", *facts.exams]
    if facts.kind != "cancellation":
        parts += [*facts.preparation, *([facts.phrases["ask-us"]] if facts.withheld else [])]
    found = " ".join(" ".join([*parts, facts.contact]).split())
    return found if len(found) <= LONGEST_SMS else f"{found[: LONGEST_SMS - 1]}…"

"""The first rule that applies says where an exam is. A table: order is meaning. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from worklist.whereabouts.facts import Facts, Whereabouts

CLERK, TECHNOLOGIST, RADIOLOGIST = "the front desk", "the technologist", "a radiologist"
ADMIN, RECONCILER = "the administrator", "whoever reconciles studies"

LATE: Final = timedelta(minutes=15)
QUIET: Final = timedelta(minutes=30)
"""A device or a study that has not moved for so long is said to stand still."""

ARRIVING: Final = timedelta(minutes=10)
"""So long images may take from the device to the list."""

Rule = Callable[[Facts], Whereabouts | None]


def whereabouts(facts: Facts) -> Whereabouts:
    """Where the exam is; never nothing."""
    for rule in RULES:
        found = rule(facts)
        if found is not None:
            return found
    return Whereabouts("Ordered; nothing has happened since.", CLERK, facts.placed_at, "book", blocked=True)


def at(moment: datetime | None, now: datetime) -> str:
    """A time as people say it: 14:02 today, 20 Nov 14:02 on another day."""
    if moment is None:
        return "an unknown time"
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    return f"{moment.day} {moment:%b %H:%M}" if moment.year == now.year else f"{moment.day} {moment:%b %Y}"


def ended(f: Facts) -> Whereabouts | None:
    """An order that is over without images needs nobody."""
    words = {"cancelled": "Cancelled", "replaced": "Replaced by another order", "discontinued": "Broken off"}
    if f.order not in words or f.linked:
        return None
    why = f": {f.ended_why}" if f.ended_why else ""
    return Whereabouts(_closed(f"{words[f.order]}{why}"), since=f.ended_at)


def wrong_patient(f: Facts) -> Whereabouts | None:
    if f.wrong_patient_at is None and not f.held:
        return None
    told = f"reported as the wrong patient's at {at(f.wrong_patient_at, f.now)}" if f.wrong_patient_at else "in doubt"
    return Whereabouts(
        f"The images are {told}; they are closed until somebody reconciles them.",
        RECONCILER, f.wrong_patient_at, "reconcile", blocked=True,
    )  # fmt: skip


def archived(f: Facts) -> Whereabouts | None:
    """Signed: the only questions left are whether it has left, and whether the copy stands in the archive."""
    if not f.signed_at:
        return None
    signed = f"Signed by {f.signed_by} at {at(f.signed_at, f.now)}"
    if f.leaves_at:
        return Whereabouts(f"{signed}; it leaves at {at(f.leaves_at, f.now)}.", since=f.signed_at)
    if f.archive == "archived":
        return Whereabouts(f"{signed}; the report stands in the study.", since=f.archived_at or f.signed_at)
    if f.archive == "failed":
        return Whereabouts(
            f"{signed}, but the archive did not take the PDF.", ADMIN, f.signed_at, "deliveries", blocked=True
        )
    return Whereabouts(f"{signed}; its PDF is on the way to the archive.", since=f.signed_at)


def preliminary(f: Facts) -> Whereabouts | None:
    if f.task != "preliminary" or f.reader:
        return None
    told = f"Preliminary report by {f.preliminary_by or 'a resident'} of {at(f.preliminary_at, f.now)}"
    return Whereabouts(
        f"{told} waits for a radiologist to confirm it.", RADIOLOGIST, f.preliminary_at, "read", blocked=True
    )


def being_read(f: Facts) -> Whereabouts | None:
    if f.task not in ("claimed", "drafted") and not (f.task == "preliminary" and f.reader):
        return None
    doing = "is writing the report" if f.task == "drafted" else "has the case"
    late = f.reader_at is not None and f.now - f.reader_at > timedelta(hours=2)
    reader = f.reader or "a reader"
    sentence = f"{reader[0].upper()}{reader[1:]} {doing} since {at(f.reader_at, f.now)}"
    paused = f", {_for(f.now - f.reader_at)} now" if late and f.reader_at else ""
    return Whereabouts(f"{sentence}{paused}.", f.reader or RADIOLOGIST, f.reader_at, "read", blocked=late)


def incomplete(f: Facts) -> Whereabouts | None:
    """Fewer images than the device said it made."""
    short = f.expected_series > f.series or f.expected_images > f.images
    if not short or not f.linked or f.task not in ("", "waiting"):
        return None
    parts = (
        f"{f.series} of {f.expected_series} series"
        if f.expected_series > f.series
        else f"{f.images} of {f.expected_images} images"
    )
    seen = f", {f.device or 'the device'} last seen {at(f.device_seen_at, f.now)}" if f.device_seen_at else ""
    still = f.grew_at is None or f.now - f.grew_at > ARRIVING
    tail = ": call the technologist" if still else "; more are arriving"
    who, act = (TECHNOLOGIST, "technologist") if still else ("", "")
    return Whereabouts(f"{parts} in the archive{seen}{tail}.", who, f.grew_at, act, blocked=still)


def to_be_read(f: Facts) -> Whereabouts | None:
    if f.task != "waiting":
        return None
    urgent = "An urgent case, to be read" if f.urgent else "To be read"
    return Whereabouts(f"{urgent} since {at(f.task_at, f.now)}.", RADIOLOGIST, f.task_at, "read", blocked=True)


def unmatched(f: Facts) -> Whereabouts | None:
    if not f.unmatched or f.linked:
        return None
    why = f" ({f.unmatched_why})" if f.unmatched_why else ""
    return Whereabouts(
        f"Images came at {at(f.unmatched_at, f.now)} but could not be matched{why}.",
        RECONCILER, f.unmatched_at, "reconcile", blocked=True,
    )  # fmt: skip


def without_images(f: Facts) -> Whereabouts | None:
    """The device is done and the archive has nothing."""
    if f.step not in ("COMPLETED", "DEPARTED") or f.linked:
        return None
    if f.ended_at and f.now - f.ended_at <= ARRIVING:
        return Whereabouts(f"Done at {at(f.ended_at, f.now)}; the images are expected now.", since=f.ended_at)
    seen = f"; {f.device} was last seen at {at(f.device_seen_at, f.now)}" if f.device_seen_at else ""
    return Whereabouts(
        f"Done at {at(f.ended_at, f.now)}, but no image is in the archive{seen}: send them again from the device.",
        TECHNOLOGIST, f.ended_at, "technologist", blocked=True,
    )  # fmt: skip


def broken_off(f: Facts) -> Whereabouts | None:
    if f.step != "DISCONTINUED":
        return None
    why = f": {f.ended_why}" if f.ended_why else ""
    if f.linked:
        return Whereabouts(f"Broken off at {at(f.ended_at, f.now)}{why}; what was taken is to be read.",
                           RADIOLOGIST, f.ended_at, "read", blocked=True)  # fmt: skip
    return Whereabouts(f"Broken off at {at(f.ended_at, f.now)}{why}; book it again or cancel the order.",
                       CLERK, f.ended_at, "book", blocked=True)  # fmt: skip


def running(f: Facts) -> Whereabouts | None:
    if f.step != "STARTED":
        return None
    where = f" in {f.room}" if f.room else ""
    if f.started_at and f.now - f.started_at > timedelta(hours=4):
        return Whereabouts(
            f"Started{where} at {at(f.started_at, f.now)} and never closed: complete or discontinue it.",
            TECHNOLOGIST, f.started_at, "technologist", blocked=True,
        )  # fmt: skip
    return Whereabouts(f"Being examined{where} since {at(f.started_at, f.now)}.", TECHNOLOGIST, f.started_at)


def not_begun(f: Facts) -> Whereabouts | None:
    """Images came of an exam that nobody has begun, or booked: it is read, but only after a while by itself."""
    if not f.linked or f.task or f.step not in ("", "SCHEDULED", "ARRIVED", "READY"):
        return None
    said = f"{f.images} image{'' if f.images == 1 else 's'} in the archive, the last of {at(f.grew_at, f.now)}"
    return Whereabouts(
        f"{said}, but nobody said that the exam was done: complete it, or it is to be read half an hour after that.",
        TECHNOLOGIST, f.grew_at, "exam", blocked=True,
    )  # fmt: skip


def sent_back(f: Facts) -> Whereabouts | None:
    if f.protocol != "returned":
        return None
    said = f": {f.protocol_said}" if f.protocol_said else ""
    sentence = _closed(f"Sent back by {f.protocol_by or 'the radiologist'} at {at(f.protocol_at, f.now)}{said}")
    return Whereabouts(sentence, CLERK, f.protocol_at, "order", blocked=True)


def stopped(f: Facts) -> Whereabouts | None:
    if not f.stop:
        return None
    return Whereabouts(f"Stopped for safety: {f.stop}. A physician must decide.", "a physician", f.stop_at, "order",
                       blocked=True)  # fmt: skip


def to_protocol(f: Facts) -> Whereabouts | None:
    if f.protocol != "open":
        return None
    return Whereabouts(f"Waits for a radiologist's protocol since {at(f.protocol_at, f.now)}.", RADIOLOGIST,
                       f.protocol_at, "protocol", blocked=True)  # fmt: skip


def arrived(f: Facts) -> Whereabouts | None:
    if f.step not in ("ARRIVED", "READY") and f.appointment != "arrived":
        return None
    waited = f.now - f.arrived_at if f.arrived_at else timedelta()
    where = f" for {f.room}" if f.room else ""
    ready = "ready" if f.step == "READY" else "waiting"
    return Whereabouts(
        f"The patient is here, {ready}{where} since {at(f.arrived_at, f.now)}.",
        TECHNOLOGIST, f.arrived_at, "technologist", blocked=waited > QUIET,
    )  # fmt: skip


def to_ring(f: Facts) -> Whereabouts | None:
    if f.to_ring_since is None:
        return None
    return Whereabouts(
        f"The time was given to somebody else at {at(f.to_ring_since, f.now)}; the patient is to be rung.",
        CLERK, f.to_ring_since, "call-back", blocked=True,
    )  # fmt: skip


def missed(f: Facts) -> Whereabouts | None:
    if f.appointment != "noshow":
        return None
    return Whereabouts(f"The patient did not come at {at(f.start, f.now)}: book again or cancel the order.",
                       CLERK, f.start, "book", blocked=True)  # fmt: skip


def booked(f: Facts) -> Whereabouts | None:
    if f.appointment != "booked" or f.start is None:
        return None
    where = f" in {f.room}" if f.room else ""
    if f.now - f.start > LATE:
        return Whereabouts(f"Expected{where} at {at(f.start, f.now)}, not checked in.", CLERK, f.start, "check-in",
                           blocked=True)  # fmt: skip
    return Whereabouts(f"Booked{where} for {at(f.start, f.now)}.", since=f.start)


def walk_in(f: Facts) -> Whereabouts | None:
    """On the worklist without an appointment: portable, emergency, walk-in."""
    if f.step != "SCHEDULED" or f.appointment or f.start is None:
        return None
    on = f" of {f.device}" if f.device else ""
    sentence = f"On the worklist{on} since {at(f.start, f.now)}, without an appointment."
    return Whereabouts(sentence, TECHNOLOGIST, f.start, "technologist", blocked=f.now - f.start > QUIET)


def to_book(f: Facts) -> Whereabouts | None:
    if f.order not in ("draft", "active", "in-progress"):
        return None
    urgent = "Urgent and not booked" if f.urgent else "To be booked"
    return Whereabouts(f"{urgent} since {at(f.placed_at, f.now)}.", CLERK, f.placed_at, "book", blocked=True)


RULES: Final[tuple[Rule, ...]] = (
    ended, wrong_patient, archived, preliminary, being_read, incomplete, to_be_read, unmatched, without_images,
    broken_off, running, not_begun, sent_back, stopped, to_protocol, arrived, to_ring, missed, booked, walk_in, to_book,
)  # fmt: skip


def _for(time: timedelta) -> str:
    hours = int(time.total_seconds() // 3600)
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"


def _closed(text: str) -> str:
    """What people typed ends as they ended it."""
    return text if text[-1] in ".?!" else f"{text}."

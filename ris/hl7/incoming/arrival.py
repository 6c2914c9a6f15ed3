"""A message with all that is needed to understand it: its sender, their ways of writing, and what is known already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.hl7 import er7
from ris.hl7.er7.errors import DATA_TYPE_ERROR, TABLE_VALUE_NOT_FOUND
from ris.hl7.er7.message import Message, Segment
from ris.hl7.incoming.fieldmap import Fields, paths_of
from ris.hl7.incoming.moments import BadMoment, moment_of
from ris.hl7.incoming.outcomes import refused
from ris.hl7.incoming.record import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """`at` is when it happened at the sender (EVN-2, else MSH-7); `by` acts."""

    message: Message
    sender: Sender
    fields: Fields
    codes: dict[tuple[str, str], str]
    by: Actor
    at: datetime | None

    @property
    def site(self) -> Site:
        return self.sender.site

    def over(self, *groups: Sequence[Segment]) -> Fields:
        return self.fields.of(*groups)

    def translated(self, table: str, theirs: str) -> str | None:
        return self.codes.get((table, theirs))

    def code(self, table: str, value: str, usual: dict[str, str], location: str) -> str:
        """Ours for a code of theirs: by the sender's translations, then as the standard has it."""
        own = self.translated(table, value)
        found = own if own is not None else usual.get(value.upper())
        if found is None:
            words = f"This {table} is in no table here. An administrator can translate it for {self.sender.name}."
            raise refused(words, code=TABLE_VALUE_NOT_FOUND, location=location)
        return found

    def moment(self, fields: Fields, target: str) -> datetime | None:
        """A time; None where the message gives none."""
        text = fields.text(target)
        if not text:
            return None
        try:
            return moment_of(text, self.site.zone)
        except BadMoment:
            words = "This is no date and time, which is YYYYMMDDHHMMSS with or without an offset."
            raise refused(words, code=DATA_TYPE_ERROR, location=fields.location(target)) from None


def arrival_of(message: er7.Message, sender: Sender, by: Actor) -> Arrival:
    """What the sender's rules and translations make of the message."""
    rules = {rule.target: paths_of(rule.paths) for rule in sender.rules.all()}
    codes = {(row.table, row.theirs): row.ours for row in sender.translations.all()}
    at = written_at(message, sender.site)
    return Arrival(message=message, sender=sender, fields=Fields(message.segments, rules), codes=codes, by=by, at=at)


def written_at(message: er7.Message, site: Site) -> datetime | None:
    text = message.first("EVN").text(2) or message.header.text(7)
    try:
        return moment_of(text, site.zone)
    except BadMoment:
        return None

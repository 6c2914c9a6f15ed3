"""Writing, removing and taking in one's own autotexts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from reporting.autotext.record import LONGEST_KEYWORD, LONGEST_TEXT, Autotext, plain_keyword, plain_text
from ris import audit
from ris.accounts.models import User
from ris.core.errors import InvalidInput, NotPermitted
from ris.core.texts import fault_of_text
from ris.orders.models import Procedure

MOST = 2_000
"""Of one person, and in one file."""


@dataclass(frozen=True, slots=True)
class Written:
    """What an autotext says. `section`: a key, or "" for any; `procedure`: a code of the catalogue, or ""."""

    keyword: str
    text: str
    section: str = ""
    procedure: str = ""


def require_writer(by: User) -> None:
    if not by.may("report.write", None):
        raise NotPermitted("Autotexts are for those who write reports.")


@transaction.atomic
def write_autotext(autotext: Autotext | None, written: Written, *, by: User) -> Autotext:
    """Make one of one's own, or change it. Raises NotPermitted, InvalidInput."""
    require_writer(by)
    if autotext is None:
        _require_room(by, 1)
        row = Autotext(owner=by)
    else:
        row = _own(autotext, by)
    row.keyword, row.text, row.section = _plain(written)
    row.procedure = _procedure(written.procedure)
    try:
        row.full_clean(exclude=["scope"])
    except ValidationError as error:
        faults = {name: words[0] for name, words in error.message_dict.items()}
        raise InvalidInput("The autotext was not kept.", fields=faults) from None
    row.save()
    audit.record("autotext.written", row, by=by)
    return row


def _plain(written: Written) -> tuple[str, str, str]:
    faults = {
        "keyword": fault_of_text(written.keyword, longest=LONGEST_KEYWORD),
        "text": fault_of_text(written.text, longest=LONGEST_TEXT),
        "section": fault_of_text(written.section, longest=40),
    }
    if found := {name: fault for name, fault in faults.items() if fault}:
        raise InvalidInput("The autotext was not kept.", fields=found)
    return plain_keyword(written.keyword), plain_text(written.text), written.section.strip().lower()


def _procedure(code: str) -> Procedure | None:
    if not code:
        return None
    found = Procedure.objects.filter(code=code).first()
    if found is None:
        raise InvalidInput("The autotext was not kept.", fields={"procedure": "The catalogue has no such exam."})
    return found


def _require_room(by: User, more: int) -> None:
    if Autotext.objects.own(by).count() + more > MOST:
        raise InvalidInput(f"At most {MOST} autotexts each. Remove some first.")


def _own(autotext: Autotext, by: User) -> Autotext:
    row = Autotext.objects.select_for_update(of=("self",)).get(pk=autotext.pk)
    if row.owner_id != by.pk:
        raise NotPermitted("This autotext is not yours. An administrator changes those of a group or a site.")
    return row


@transaction.atomic
def remove_autotext(autotext: Autotext, *, by: User) -> None:
    """Raises NotPermitted for another's."""
    require_writer(by)
    row = _own(autotext, by)
    audit.record("autotext.removed", row, by=by)
    row.delete()


@transaction.atomic
def take_in(items: Sequence[Mapping[str, Any]], *, by: User) -> int:
    """All of a file, or none: new ones are added, those of the same keyword, section and exam are replaced.

    `items`: as `given_out` made them. Raises InvalidInput that names the first item that does not hold.
    """
    require_writer(by)
    if len(items) > MOST:
        raise InvalidInput(f"At most {MOST} autotexts in one file.")
    own = {(row.keyword, row.section, row.procedure.code if row.procedure else ""): row for row in _rows(by)}
    for number, item in enumerate(items, start=1):
        written = _of_file(item, number)
        key = (plain_keyword(written.keyword), written.section.strip().lower(), written.procedure)
        try:
            own[key] = write_autotext(own.get(key), written, by=by)
        except InvalidInput as fault:
            why = " ".join(fault.fields.values()) or fault.message
            raise InvalidInput(f"Nothing was taken in. Number {number} of the file: {why}") from None
    return len(items)


def _of_file(item: Mapping[str, Any], number: int) -> Written:
    names = ("keyword", "text", "section", "procedure")
    values = [item.get(name, "") for name in names] if isinstance(item, Mapping) else [None]
    if not all(isinstance(value, str) for value in values):
        raise InvalidInput(f"Nothing was taken in. Number {number} of the file is no autotext.")
    return Written(*(str(value) for value in values))


def given_out(by: User) -> list[dict[str, str]]:
    """One's own, as a file holds them."""
    return [
        {
            "keyword": row.keyword,
            "text": row.text,
            "section": row.section,
            "procedure": row.procedure.code if row.procedure else "",
        }
        for row in _rows(by)
    ]


def _rows(by: User) -> list[Autotext]:
    return list(Autotext.objects.own(by).select_related("procedure"))

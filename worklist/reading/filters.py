"""What a reader narrows the list by: read from the address, written back to it, turned into a condition."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q
from django.utils import timezone

from ris.accounts.models import User
from ris.dicom.models import MODALITIES
from ris.orders.models import PRIORITIES
from ris.patients.models import Patient
from worklist.lifecycle import READING
from worklist.reading.facets import IMAGES

WHOSE: Final = {
    "": "Everybody's",
    "unread": "Unread",
    "free": "Nobody's yet",
    "mine": "Mine",
    "preliminary": "Preliminary, to confirm",
    "others": "Being read by others",
    "paused": "Paused by others",
}
GROUPS: Final = {"unread": "unread", "free": "free", "preliminary": "to_confirm"}
SORTS: Final = {
    "": ("rank", "created_at", "pk"),
    "due": ("due_at", "rank", "created_at", "pk"),
    "newest": ("-created_at", "pk"),
    "patient": ("patient__family_name", "patient__given_name", "pk"),
}
SORT_WORDS: Final = {"": "Most urgent", "due": "Due first", "newest": "Newest", "patient": "Patient"}
OVERDUE: Final = "overdue"
DUE: Final = {"": "Any time", OVERDUE: "Overdue", "1": "Within an hour", "24": "Within a day"}
AGES: Final = {"": "Any", "1": "Over an hour", "24": "Over a day", "72": "Over three days", "168": "Over a week"}
REPORTS: Final = {"": "Any", "none": "Not begun", "draft": "Draft", "preliminary": "Preliminary"}
ASSIGNED: Final = {"": "Anybody", "me": "Me", "groups": "My groups", "nobody": "Nobody"}
PERSON, GROUP = "u", "g"
"""`assigned` may also name one person, u17, or one group, g3."""
LONGEST: Final = 64
LONGEST_NUMBER: Final = 19


@dataclass(frozen=True, slots=True)
class Filter:
    """Each field is "" for everything. `site` is the number of a site, `part` a body part of the catalogue, `age` and
    `due` hours, `reader` the number of a person."""

    whose: str = ""
    priority: str = ""
    modality: str = ""
    part: str = ""
    site: str = ""
    due: str = ""
    q: str = ""
    sort: str = ""
    age: str = ""
    images: str = ""
    report: str = ""
    assigned: str = ""
    reader: str = ""

    @classmethod
    def read(cls, data: Mapping[str, str]) -> Filter:
        """What an address says; what it says wrongly is left out."""
        asked = {name: str(data.get(name, "")).strip()[:LONGEST] for name in asdict(cls())}
        if "mine" in data:  # the address of the list before it had filters
            asked["whose"] = "mine"
        known: dict[str, Collection[str]] = {
            "whose": WHOSE,
            "priority": dict(PRIORITIES),
            "modality": dict(MODALITIES),
            "due": DUE,
            "sort": SORTS,
            "age": AGES,
            "images": dict(IMAGES),
            "report": REPORTS,
            "assigned": ASSIGNED if not is_named(asked["assigned"]) else [asked["assigned"]],
        }
        kept = {name: value for name, value in asked.items() if name not in known or value in known[name]}
        numbers = {name: _number(asked[name]) for name in ("site", "reader")}
        return cls(**kept | numbers)

    @classmethod
    def of_query(cls, query: str) -> Filter:
        """What `query` was written from."""
        return cls.read(dict(parse_qsl(query)))

    @property
    def query(self) -> str:
        """The address again, without what is not narrowed."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    @property
    def is_narrow(self) -> bool:
        return replace(self, sort="") != Filter()

    def condition(self, user: User) -> Q:
        """What a case must fulfil; of columns of the case alone, but for names."""
        found = _whose(self.whose, user) & self._kind() & self._time() & _assigned(self.assigned, user)
        if self.report:
            found &= Q(report_state="" if self.report == "none" else self.report)
        return found & _named(self.q)

    def _kind(self) -> Q:
        plain = {
            "priority": self.priority,
            "modalities__contains": f"|{self.modality}|" if self.modality else "",
            "body_parts__contains": f"|{self.part.upper()}|" if self.part else "",
            "site_id": self.site,
            "image_state": self.images,
            "claimed_by_id": self.reader,
        }
        return Q(**{name: value for name, value in plain.items() if value})

    def _time(self) -> Q:
        now = timezone.now()
        found = Q()
        if self.due:
            found &= Q(due_at__lt=now if self.due == OVERDUE else now + timedelta(hours=int(self.due)))
        if self.age:
            found &= Q(exam_at__lt=now - timedelta(hours=int(self.age)))
        return found


def is_named(assigned: str) -> bool:
    """Whether a text names one person or group: u17, g3."""
    return assigned[:1] in (PERSON, GROUP) and _number(assigned[1:]) != ""


def _number(text: str) -> str:
    """A row's number as the database can hold it, else ""."""
    return text if text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER else ""


def _whose(whose: str, user: User) -> Q:
    mine = Q(state__in=READING.groups["mine"])
    if whose in GROUPS:
        return Q(state__in=READING.groups[GROUPS[whose]])
    if whose == "mine":
        return mine & Q(claimed_by=user)
    if whose == "others":
        return mine & ~Q(claimed_by=user)
    if whose == "paused":
        return mine & ~Q(claimed_by=user) & Q(lease_until__lt=timezone.now())
    return Q()


def _assigned(assigned: str, user: User) -> Q:
    if is_named(assigned):
        column = "assigned_to" if assigned[0] == PERSON else "assigned_group"
        return Q(**{f"{column}_id": assigned[1:]})
    if assigned == "me":
        return Q(assigned_to=user)
    if assigned == "groups":
        return Q(assigned_group__in=user.reading_groups.values("pk"))
    if assigned == "nobody":
        return Q(assigned_to__isnull=True, assigned_group__isnull=True)
    return Q()


def not_kept_for_others(user: User) -> Q:
    """What "next case" may hand to this reader: theirs, their groups', nobody's; an overdue one whosever it is."""
    groups = user.reading_groups.values("pk")
    own = Q(assigned_to=user) | Q(assigned_to__isnull=True, assigned_group__in=groups)
    free = Q(assigned_to__isnull=True, assigned_group__isnull=True)
    return own | free | Q(due_at__lt=timezone.now())


def _named(text: str) -> Q:
    """An accession number, or a person as the search box finds them."""
    if not text:
        return Q()
    people = Patient.objects.matching(text).values("pk")
    accession = Q(requested_procedures__accession_number__iexact=text)
    return accession | Q(patient__in=people) | Q(patient__aliases__in=people)

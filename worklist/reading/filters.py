"""What a reader narrows the list by: read from the address, written back to it, turned into a condition."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q
from django.utils import timezone

from ris.accounts.models import User
from ris.dicom.models import MODALITIES
from ris.orders.models import PRIORITIES
from ris.patients.models import Patient
from worklist.lifecycle import READING

WHOSE: Final = {
    "": "Everybody's",
    "free": "Nobody's yet",
    "mine": "Mine",
    "preliminary": "Preliminary, to confirm",
    "others": "Being read by others",
}
SORTS: Final = {
    "": ("rank", "created_at", "pk"),
    "due": ("due_at", "rank", "created_at", "pk"),
    "newest": ("-created_at", "pk"),
    "patient": ("patient__family_name", "patient__given_name", "pk"),
}
SORT_WORDS: Final = {"": "Most urgent", "due": "Due first", "newest": "Newest", "patient": "Patient"}
OVERDUE: Final = "overdue"
LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class Filter:
    """Each field is "" for everything. `site` is the number of a site, `part` a body part of the catalogue."""

    whose: str = ""
    priority: str = ""
    modality: str = ""
    part: str = ""
    site: str = ""
    due: str = ""
    q: str = ""
    sort: str = ""

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
            "due": {OVERDUE: ""},
            "sort": SORTS,
        }
        kept = {name: value for name, value in asked.items() if name not in known or value in known[name]}
        return cls(**kept | {"site": asked["site"] if asked["site"].isdecimal() else ""})

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
        """What a case must fulfil."""
        found = _whose(self.whose, user)
        plain = {
            "priority": self.priority,
            "requested_procedures__procedure__modality": self.modality,
            "requested_procedures__procedure__body_part": self.part.upper(),
            "site_id": self.site,
        }
        found &= Q(**{name: value for name, value in plain.items() if value})
        if self.due == OVERDUE:
            found &= Q(due_at__lt=timezone.now())
        return found & _named(self.q)


def _whose(whose: str, user: User) -> Q:
    if whose in ("free", "preliminary"):
        return Q(state__in=READING.groups["free" if whose == "free" else "to_confirm"])
    if whose == "mine":
        return Q(state__in=READING.groups["mine"], claimed_by=user)
    if whose == "others":
        return Q(state__in=READING.groups["mine"]) & ~Q(claimed_by=user)
    return Q()


def _named(text: str) -> Q:
    """An accession number, or a person as the search box finds them."""
    if not text:
        return Q()
    people = Patient.objects.matching(text).values("pk")
    accession = Q(requested_procedures__accession_number__iexact=text)
    return accession | Q(patient__in=people) | Q(patient__aliases__in=people)

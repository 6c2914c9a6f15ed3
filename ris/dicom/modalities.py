"""A device as Orthanc's list of modalities writes it, and where the two differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Entry = Mapping[str, Any]

# A device may echo, store and ask for storage commitment; searching and fetching go through the RIS.
RIGHTS: Final = {
    "AllowEcho": True,
    "AllowStore": True,
    "AllowNAction": True,
    "AllowEventReport": True,
    "AllowFind": False,
    "AllowFindWorklist": False,
    "AllowGet": False,
    "AllowMove": False,
}
WORDS: Final = {
    "AET": "AE title",
    "Host": "Host",
    "Port": "Port",
    "UseDicomTls": "TLS",
    "AllowEcho": "May echo",
    "AllowStore": "May store",
    "AllowNAction": "May ask for storage commitment",
    "AllowEventReport": "May report storage commitment",
    "AllowFind": "May search",
    "AllowFindWorklist": "May search Orthanc's worklist",
    "AllowGet": "May fetch",
    "AllowMove": "May have images moved",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: what the RIS says, what the archive says; "" where it says nothing."""

    name: str
    ours: str
    theirs: str


def entry(ae_title: str, host: str, port: int, *, secured: bool) -> dict[str, Any]:
    """What PUT /modalities/{AE title} is given."""
    return {"AET": ae_title, "Host": host, "Port": port, "UseDicomTls": secured, **RIGHTS}


def differences(ours: Entry, theirs: Entry) -> list[Difference]:
    """Field by field, of those that the archive knows: an older Orthanc lacks some, and says more than we set."""
    return [
        Difference(WORDS[name], shown(value), shown(theirs[name]))
        for name, value in ours.items()
        if name in theirs and theirs[name] != value
    ]


def shown(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)

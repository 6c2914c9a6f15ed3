"""The words of the matrix: roles in groups, a row, and who is answered what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.permissions.ward import NOBODY, ROLES

SIGN_IN = "sign-in"
Answers = dict[str, int | str]

PEOPLE = ROLES[1:]
NORTH = tuple(role for role in PEOPLE if role != "outsider")
STAFF = tuple(role for role in NORTH if role != "referrer")
READERS = ("resident", "radiologist")
BOOKERS = ("clerk", "technologist")
OVERBOOKERS = ("technologist", "radiologist", "siteadmin")
ADMINS = ("siteadmin", "admin")
MERGERS = ("clerk", "siteadmin")
ANSWERERS = ("clerk", "technologist", *READERS)
EXAMINERS = ("clerk", "technologist", "radiologist")
VIEWERS = ("technologist", *READERS)
LISTERS = ("clerk", *VIEWERS, *ADMINS)


@dataclass(frozen=True)
class Row:
    """One named URL: its arguments (names of the ward), the answers by method; other methods are answered 405."""

    args: dict[str, str] = field(default_factory=dict)
    get: Answers = field(default_factory=dict)
    post: Answers = field(default_factory=dict)
    put: Answers = field(default_factory=dict)
    patch: Answers = field(default_factory=dict)
    body: dict[str, Any] | bytes = field(default_factory=dict)
    query: str = ""

    @property
    def calls(self) -> dict[str, Answers]:
        return {name: found for name in ("GET", "POST", "PUT", "PATCH") if (found := getattr(self, name.lower()))}


def to(
    roles: tuple[str, ...] | str, status: int | str = 200, *, others: int | str = 403, **special: int | str
) -> Answers:
    """These roles get `status`, every other person `others`, `special` roles their own, nobody the sign-in."""
    chosen = (roles,) if isinstance(roles, str) else roles
    return {NOBODY: SIGN_IN} | dict.fromkeys(PEOPLE, others) | dict.fromkeys(chosen, status) | special


def inside(roles: tuple[str, ...] | str, status: int = 200, **special: int | str) -> Answers:
    """The same for an object of the north site."""
    return to(roles, status, **({"outsider": 404} | special))


def program(answers: Answers) -> Answers:
    """Programs are told 401 instead of being sent to a page."""
    return answers | {NOBODY: 401}


def everybody(status: int) -> Answers:
    return dict.fromkeys(ROLES, status)

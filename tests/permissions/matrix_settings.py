"""Who is answered what where an installation is set up: its administrators, and for webhooks those of the site."""

from __future__ import annotations

from typing import Any

from tests.permissions.answers import ADMINS, Row, program, to

ADMIN = ("admin",)
KEPT = ("user", "hl7-sender", "hl7-destination", "webhook")  # switched off and never taken away


def table(name: str, new: dict[str, Any], change: dict[str, Any], who: tuple[str, ...] = ADMIN) -> dict[str, Row]:
    """A table's list, one of its rows, and taking that away where it can be."""
    station = name if name == "on-call" else f"{name}s"
    one = {"pk": f"set_{station}"}
    rows = {
        f"api:{name}-list": Row(get=program(to(who)), post=program(to(who, 201)), body=new),
        f"api:{name}-detail": Row(one, get=program(to(who)), patch=program(to(who)), body=change),
    }
    removable = {} if name in KEPT else {f"api:{name}-remove": Row(one, post=program(to(who, 204)))}
    return rows | removable


NORTH = {"site": "north"}
SETTINGS: dict[str, Row] = {
    **table("user", {"username": "another"}, {"is_active": False}),
    "api:user-roles": Row(
        {"pk": "set_users"}, put=program(to(ADMIN)), body={"roles": [{"site": "north", "role": "clerk"}]}
    ),
    "api:api-token-list": Row(
        get=program(to(ADMIN)),
        post=program(to(ADMIN, 201)),
        body={"name": "Few", "user": "clerk", "scopes": ["orders:read"]},
    ),
    "api:api-token-detail": Row({"pk": "set_api-tokens"}, get=program(to(ADMIN))),
    "api:api-token-revoke": Row({"pk": "set_api-tokens"}, post=program(to(ADMIN, 204))),
    **table("hl7-sender", {**NORTH, "name": "Lab", "application": "LAB"}, {"active": False}),
    **table("hl7-destination", {**NORTH, "name": "Lab", "host": "192.0.2.9"}, {"active": False}),
    **table("webhook", {**NORTH, "name": "Lab", "url": "https://lab.example.org/", "kinds": ["*"]}, {"active": False},
            ADMINS),
    "api:webhook-new-secret": Row({"pk": "set_webhooks"}, post=program(to(ADMINS))),
    **table("device-profile", {"name": "Works MR 3"}, {"arrived_only": True}),
    **table("device-pool", {**NORTH, "name": "Portables"}, {"name": "Portables"}),
    **table("reading-group", {**NORTH, "name": "Neuro", "members": ["resident"]}, {"members": []}),
    **table("reading-profile", {"user": "radiologist"}, {"away": True}),
    **table("assignment-rule", {**NORTH, "group": "{#set_reading-groups}"}, {"active": False}),
    **table("on-call", {**NORTH, "user": "resident", "start": "2031-01-01T08:00:00Z", "end": "2031-01-01T18:00:00Z"},
            {"user": "radiologist"}),
    **table("turnaround-rule", {**NORTH, "priority": "HIGH", "modality": "XA", "minutes": 30}, {"minutes": 40}),
}  # fmt: skip

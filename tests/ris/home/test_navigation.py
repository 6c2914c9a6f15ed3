from __future__ import annotations

import pytest
from django.urls import reverse

from ris.accounts.models import User
from ris.home.navigation import MENU, folded, links
from ris.home.starts import STARTS, starts_for
from tests.world import World


def labels(user: User) -> set[str]:
    return {link.label for link in links(user, "home")}


def test_every_entry_of_the_menu_leads_somewhere() -> None:
    for entry in MENU:
        assert reverse(entry.url_name).startswith("/")


def test_every_start_leads_somewhere_and_has_a_key_of_its_own() -> None:
    assert len({start.key for start in STARTS}) == len(STARTS)
    assert all(start.url.startswith("/") for start in STARTS)


def test_a_clerk_sees_the_desk_and_not_the_reading_list(world: World) -> None:
    assert labels(world.clerk) == {"Home", "Patients", "Orders", "Day board", "Studies", "Downtime"}


def test_a_radiologist_sees_the_reading_list_and_not_the_audit_trail(world: World) -> None:
    seen = labels(world.radiologist)
    assert "Reading list" in seen
    assert not seen & {"Audit trail", "Deliveries", "Admin", "Technologist board"}


def test_a_radiologist_finds_what_is_to_be_protocolled_in_the_menu(world: World) -> None:
    (current,) = [link.label for link in links(world.radiologist, "orders:protocols") if link.current]
    assert current == "To protocol"
    (current,) = [link.label for link in links(world.radiologist, "orders:detail") if link.current]
    assert current == "Orders"


def test_a_technologist_sees_the_technologist_board(world: World) -> None:
    assert "Technologist board" in labels(world.technologist)


def test_somebody_without_a_role_sees_only_home(world: World) -> None:
    assert labels(User.objects.create_user("nobody")) == {"Home"}


def test_an_installation_admin_sees_admin_but_cannot_read(world: World) -> None:
    seen = labels(world.admin)
    assert {"Admin", "Audit trail", "Deliveries"} <= seen
    assert "Reading list" not in seen


def test_what_is_seldom_used_is_folded_only_where_there_is_much_of_it(world: World) -> None:
    bar, more = folded(links(world.admin, "audit:trail"))
    assert [link.label for link in more] == [
        "Dashboards",
        "Charges",
        "Incidents",
        "Emergency accesses",
        "Downtime",
        "HL7 messages in",
        "Deliveries",
        "Audit trail",
        "Admin",
    ]
    assert [link.label for link in more if link.current] == ["Audit trail"]
    assert list(dict.fromkeys(link.group for link in more)) == ["Department", "System"]
    assert {link.label for link in bar}.isdisjoint(link.label for link in more)
    assert folded(links(world.clerk, "home"))[1] == []
    assert "Downtime" in {link.label for link in folded(links(world.clerk, "home"))[0]}


@pytest.mark.parametrize(
    ("view_name", "marked"),
    [("patients:detail", "Patients"), ("orders:list", "Orders"), ("worklist:unknown", None), ("", None)],
)
def test_the_menu_marks_where_one_is(world: World, view_name: str, marked: str | None) -> None:
    current = [link.label for link in links(world.clerk, view_name) if link.current]
    assert current == ([marked] if marked else [])


def test_what_one_can_begin_follows_the_permissions(world: World) -> None:
    keys = {start.url_name for start in starts_for(world.technologist)}
    assert "worklist:technologist" in keys
    assert "patients:register" not in keys

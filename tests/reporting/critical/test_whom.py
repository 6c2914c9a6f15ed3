"""A critical finding is never passed on to nobody: without a contact all who sign at the site are told."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from reporting.critical.escalating import escalate_due
from reporting.critical.record import EscalationContact
from reporting.critical.whom import home_cards
from ris.accounts.models import Membership, Site, User
from ris.audit.models import AuditEvent
from ris.notifications.models import Message
from tests.reporting.critical.test_critical import BACKEND, flagged, fresh, late, notices
from tests.world import World

pytestmark = pytest.mark.db


def attending(site: Site, username: str) -> User:
    person = User.objects.create(username=username)
    Membership.objects.create(user=person, site=site, role="radiologist")
    return person


def told_by_the_record(step: int) -> list[str]:
    row = AuditEvent.objects.get(action="critical.escalated", detail__step=step)
    return list(row.detail["to"])


def leave(*people: User) -> None:
    User.objects.filter(pk__in=[person.pk for person in people]).update(is_active=False)


def test_without_a_contact_all_who_sign_at_the_site_are_told_and_its_administrators_hear_why(world: World) -> None:
    second, elsewhere = attending(world.north, "second"), attending(world.south, "elsewhere")
    finding = flagged(world)
    leave(world.radiologist)
    late(finding)
    assert escalate_due() == 1
    assert (len(notices(second)), notices(elsewhere), notices(world.radiologist)) == (1, [], [])
    assert "Please call Dr. Ward" in notices(second)[0]
    assert told_by_the_record(0) == ["second"]
    for person in (world.siteadmin, world.admin):
        (said,) = notices(person)
        assert "has no contact" in said
        assert "Everybody who signs there was told instead" in said
        assert "Ward" not in said, "those who administer read nothing of the finding"
    late(finding)
    assert escalate_due() == 1
    assert (len(notices(second)), len(notices(world.siteadmin))) == (2, 1)


def test_when_nobody_who_signs_is_left_either_those_who_administer_are_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    finding = flagged(world)
    leave(world.radiologist)
    late(finding)
    assert escalate_due() == 1
    assert "Nobody else who signs works there: see to it" in notices(world.siteadmin)[0]
    assert (told_by_the_record(0), fresh(finding).escalations) == ([], 1)
    assert f"critical finding {finding.pk}: nobody" in caplog.text


def test_a_contact_who_could_open_nothing_of_it_counts_as_none(world: World) -> None:
    EscalationContact.objects.create(site=world.north, place=1, user=world.outsider)
    finding = flagged(world)
    late(finding)
    escalate_due()
    assert notices(world.outsider) == []
    assert told_by_the_record(0) == ["radiologist"]


def test_the_admin_takes_nobody_as_contact_who_may_not_see_reports_of_the_site(world: World) -> None:
    for person in (world.outsider, world.clerk, world.siteadmin):
        with pytest.raises(ValidationError, match="may not see reports"):
            EscalationContact(site=world.north, place=1, user=person).full_clean()
    EscalationContact(site=world.north, place=1, user=world.referrer).full_clean()
    client = Client()
    client.force_login(world.admin, backend=BACKEND)
    page = reverse("admin:reporting_escalationcontact_add")
    answer = client.post(page, {"site": world.north.pk, "place": 1, "user": world.outsider.pk, "reach": ""})
    assert "may not see reports" in answer.content.decode()
    assert not EscalationContact.objects.exists()


def test_the_notice_leads_each_contact_to_a_page_that_opens(world: World) -> None:
    finding = flagged(world)
    for place, user in enumerate((world.resident, world.referrer), start=1):
        EscalationContact.objects.create(site=world.north, place=place, user=user)
    for person in (world.resident, world.referrer):
        late(finding)
        escalate_due()
        link = Message.objects.shown_to(person).get(key__startswith="critical/").link
        client = Client()
        client.force_login(person, backend=BACKEND)
        assert "Tension pneumothorax" in client.get(link).content.decode()


def test_a_site_without_a_contact_stands_where_its_administrators_look(world: World) -> None:
    def seen(person: User) -> str:
        client = Client()
        client.force_login(person, backend=BACKEND)
        return client.get("/deliveries/").content.decode()

    (card,) = home_cards(world.siteadmin)
    assert (card.title, card.count, card.urgent) == ("Sites without a contact", 1, False)
    assert home_cards(world.admin)[0].count == 2
    assert home_cards(world.radiologist) == []
    said = f"{world.north} has no contact for critical findings."
    assert said in seen(world.siteadmin)
    assert str(world.south) not in seen(world.siteadmin)
    flagged(world)
    assert home_cards(world.siteadmin)[0].urgent
    EscalationContact.objects.create(site=world.north, place=1, user=world.resident)
    assert home_cards(world.siteadmin) == []
    assert said not in seen(world.siteadmin)
    leave(world.resident)
    assert said in seen(world.siteadmin)

"""The dashboard's figures, charges, and sending again all that is parked, for programs."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from reporting.billing import charges
from ris.audit.models import AuditEvent
from ris.dashboards import figures
from ris.demo.seed import make_signing_key
from ris.events.models import Delivery, Event
from tests import exam
from tests.api.conftest import program_of
from tests.world import World

pytestmark = pytest.mark.db
FIGURES, CHARGES, ALL = "/api/v1/figures/", "/api/v1/charges/", "/api/v1/deliveries/resend-all/"


@pytest.fixture
def administrator(world: World) -> APIClient:
    return program_of(world.siteadmin)


def parked(world: World, subscriber: str) -> Delivery:
    event = Event.objects.create(
        kind="order.placed", at=timezone.now(), site_id=world.north.pk, actor_kind="user", actor_id="1",
        target_kind="orders.order", target_id="1",
    )  # fmt: skip
    return Delivery.objects.create(
        event=event, subscriber=subscriber, state="parked", attempts=5, next_at=timezone.now()
    )


def test_the_figures_are_the_tables_of_the_page(world: World, radiologist: APIClient) -> None:
    exam.case(world)
    told = radiologist.get(FIGURES, {"site": "north", "period": "7"}).json()["results"]
    asked = figures.Asked(str(world.north.pk), "", "7")
    shown = figures.tables(world.radiologist, asked)
    assert [(one["key"], one["columns"]) for one in told] == [(one.key, list(one.columns)) for one in shown]
    assert [one["rows"] for one in told] == [[list(row) for row in one.rows] for one in shown]
    [ageing] = [one for one in told if one["key"] == "ageing"]
    assert sum(row[1] for row in ageing["rows"]) == 1, "the case that waits is counted"
    assert AuditEvent.objects.filter(action="dashboard.exported", actor_id=str(world.radiologist.pk)).count() == 1


@pytest.mark.parametrize("query", [{"site": "south"}, {"modality": "XX"}, {"period": "8"}])
def test_figures_of_what_is_not_there_are_refused(world: World, radiologist: APIClient, query: dict[str, str]) -> None:
    answer = radiologist.get(FIGURES, query)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, list(query))


def test_charges_are_the_rows_of_the_billing_page(world: World, administrator: APIClient) -> None:
    make_signing_key()
    exam.sign(exam.draft(world), world.radiologist)
    today = timezone.localtime(timezone=world.north.zone).date()
    query = {"site": "north", "first": today.isoformat(), "last": today.isoformat()}
    (told,) = administrator.get(CHARGES, query).json()["results"]
    (row,) = charges(world.north, today, today)
    assert told == {name: getattr(row, name) for name in told}
    assert (told["event"], told["procedure"]) == ("signed", "CTCHEST")
    kept = AuditEvent.objects.get(action="report.billing-exported")
    assert kept.detail["period"] == f"{today} to {today}"


@pytest.mark.parametrize(
    ("first", "last", "named"),
    [
        (date(2027, 2, 1), date(2027, 1, 1), "last"),
        (date(2025, 1, 1), date(2027, 1, 1), "last"),
        ("soon", date(2027, 1, 1), "first"),
    ],
)
def test_days_that_cannot_be_told_are_refused(
    world: World, administrator: APIClient, first: object, last: object, named: str
) -> None:
    answer = administrator.get(CHARGES, {"site": "north", "first": str(first), "last": str(last)})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [named])


def test_all_that_is_parked_for_one_subscriber_goes_back_into_the_queue(world: World, administrator: APIClient) -> None:
    mine = [parked(world, "worklist.match") for _ in range(2)]
    other = parked(world, "worklist.prefetch")
    answer = administrator.post(ALL, {"subscriber": "worklist.match"}, format="json")
    assert (answer.status_code, answer.json()) == (200, {"resent": 2})
    states = dict(Delivery.objects.filter(pk__in=[one.pk for one in [*mine, other]]).values_list("pk", "state"))
    assert states == {mine[0].pk: "pending", mine[1].pk: "pending", other.pk: "parked"}
    assert administrator.post(ALL, {"subscriber": "nobody"}, format="json").json() == {"resent": 0}

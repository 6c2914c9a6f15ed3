"""Two connections of one sender that bring the same at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from ris.hl7.incoming.receiving import receive
from ris.hl7.incoming.record import InboundMessage
from ris.orders.models import Order
from tests.ris.hl7.incoming.hospital import message, order, pid, send
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]


def test_an_order_that_comes_twice_at_once_under_two_numbers_is_placed_once(world: World, sender: object) -> None:
    send("ADT^A04", pid())
    raws = [message("ORM^O01", pid(), *order(), number=f"TWICE{place}") for place in range(4)]

    def bring(raw: bytes) -> None:
        try:
            receive(raw)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(bring, raws))
    assert Order.objects.count() == 1
    rows = InboundMessage.objects.filter(control_id__startswith="TWICE")
    assert sorted(rows.values_list("state", flat=True)) == ["done", "refused", "refused", "refused"]

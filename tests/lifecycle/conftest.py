"""One object per axis, made once for the module and rolled back with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connection, models, transaction
from pytest_django import DjangoDbBlocker

from reporting.guards import GUARDS
from ris.core.guards import take_away
from ris.demo.seed import make_signing_key
from tests.lifecycle.tables import AXES
from tests.world import build_world


@pytest.fixture(scope="module")
def thing(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Callable[[str], models.Model]]:
    """`thing(axis)`: something that has a state of that axis, and that a test may put into any; the guards are away."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = build_world()
        make_signing_key()
        made = {name: axis.make(world) for name, axis in AXES.items()}
        take_away(connection, GUARDS)  # the rollback puts them back
        yield made.__getitem__
        transaction.set_rollback(True)

"""Migrations agree with the models, and depend on each other the way the apps do."""

from __future__ import annotations

import graphlib
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader

from tests.architecture.sources import CODE


@pytest.mark.django_db
def test_no_model_has_changed_without_its_migration() -> None:
    said = StringIO()
    call_command("makemigrations", check_changes=True, dry_run=True, stdout=said)
    assert "No changes detected" in said.getvalue()


def test_the_migrations_of_different_apps_form_no_circle() -> None:
    order = list(graphlib.TopologicalSorter(dependencies()).static_order())
    assert order.index("accounts") < order.index("orders") < order.index("worklist") < order.index("reporting")


def test_every_migration_that_runs_code_can_be_taken_back() -> None:
    one_way = [
        f"{label}.{name}"
        for (label, name), migration in on_disk().items()
        if label in our_apps() and not all(operation.reversible for operation in migration.operations)
    ]
    assert one_way == []


def dependencies() -> dict[str, set[str]]:
    """{app: the apps whose migrations its own depend on}, our apps only."""
    ours = our_apps()
    found: dict[str, set[str]] = {label: set() for label in ours}
    for (label, _), migration in on_disk().items():
        if label in ours:
            found[label] |= {other for other, _ in migration.dependencies if other in ours and other != label}
    return found


def on_disk() -> dict[tuple[str, str], Migration]:
    """Every migration by (app, name), whatever a database may have applied."""
    migrations: dict[tuple[str, str], Migration] = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return migrations


def our_apps() -> set[str]:
    return {config.label for config in apps.get_app_configs() if config.name.partition(".")[0] in CODE}

"""manage.py export_billing SITE --from 2026-11-01 --to 2026-11-30: CSV on standard output."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reporting.billing import charges, write_csv
from ris import audit
from ris.accounts.models import Site
from ris.core.actors import SystemActor


class Command(BaseCommand):
    help = "Billing rows of signed exams with corrections and cancellations, as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("site", help="Code of the site.")
        parser.add_argument("--from", dest="first", required=True, type=date.fromisoformat, help="First day.")
        parser.add_argument("--to", dest="last", required=True, type=date.fromisoformat, help="Last day.")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(code=options["site"]).first()
        if site is None:
            raise CommandError("There is no such site.")
        if options["last"] < options["first"]:
            raise CommandError("The last day is before the first.")
        write_csv(charges(site, options["first"], options["last"]), self.stdout)
        period = f"{options['first']} to {options['last']}"
        audit.record("report.billing-exported", site, by=SystemActor("system"), site_id=site.pk, period=period)

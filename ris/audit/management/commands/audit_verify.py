"""manage.py audit_verify: recompute the audit chain; exit 1 when it is broken or its tail is stale."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand

from ris.audit.sealing import verify


class Command(BaseCommand):
    help = "Recompute the hash chain of the audit trail and name every fault."

    def handle(self, *args: object, **options: object) -> None:
        verdict = verify()
        for fault in verdict.faults:
            self.stderr.write(f"FAULT {fault}")
        self.stdout.write(f"{verdict.rows} rows in {verdict.seals} seals, {len(verdict.faults)} faults")
        if verdict.faults:
            sys.exit(1)

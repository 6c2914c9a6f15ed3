"""Tell how to sign in to the demo, for the supervisor's box."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from ris.demo.seed import SIGN_INS


class Command(BaseCommand):
    help = "Print one JSON list: role, user name and password of everybody whom seed_demo makes."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        people = [{"role": role, "username": name, "password": password} for role, name, password in SIGN_INS]
        self.stdout.write(json.dumps(people))

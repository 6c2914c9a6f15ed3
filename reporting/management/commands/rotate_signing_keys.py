"""manage.py rotate_signing_keys: encrypt people's signing keys under the first secret of SIGNING_KEY_ENCRYPTION."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from reporting.actions.keys import encrypt_anew
from ris.core.errors import Unavailable


class Command(BaseCommand):
    help = "After SIGNING_KEY_ENCRYPTION=new,old: encrypt every key under the new secret; then remove the old one."

    def handle(self, *args: object, **options: object) -> None:
        try:
            number = encrypt_anew()
        except Unavailable as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{number} signing keys are encrypted under the first secret.")

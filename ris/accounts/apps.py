from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "ris.accounts"
    label = "accounts"
    verbose_name = "People and sites"

    def ready(self) -> None:
        from ris.accounts import checks, subscribers  # noqa: F401  checks register themselves
        from ris.accounts.models import installation_seed
        from ris.accounts.once import forget_old
        from ris.core import identifiers, middleware
        from ris.core.timers import every

        identifiers.use_installation(installation_seed)
        middleware.refused.register("audit", subscribers.audit_refusal)
        subscribers.listen()
        every(3600, "accounts.submissions", forget_old)

"""Adding and changing webhooks; a secret is handed out once and kept nowhere that it can be read."""

from __future__ import annotations

from django.db import transaction

from ris import audit
from ris.accounts.configuring import store
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.webhooks import permissions
from ris.webhooks.addresses import Refused, check
from ris.webhooks.kinds import EVERYTHING, OFFERED
from ris.webhooks.models import Webhook
from ris.webhooks.sealing import new_secret, seal
from ris.webhooks.sending import try_now


@transaction.atomic
def add_webhook(webhook: Webhook, *, by: Actor) -> str:
    """Keep a new one; the secret is returned this one time. Raises NotPermitted, InvalidInput."""
    permissions.require_manage(by, webhook.site)
    require_usable(webhook)
    secret = new_secret()
    webhook.sealed = seal(secret)
    store(webhook)
    audit.record("webhook.added", webhook, by=by, kinds=list(webhook.kinds))
    return secret


@transaction.atomic
def change_webhook(webhook: Webhook, *, by: Actor) -> None:
    """Raises NotPermitted, InvalidInput. What waits for it is tried again at once."""
    permissions.require_manage(by, webhook.site)
    require_usable(webhook)
    webhook.rest_until = None
    store(webhook, only=["name", "url", "kinds", "active", "rest_until"])
    try_now(webhook)
    audit.record("webhook.changed", webhook, by=by, kinds=list(webhook.kinds), active=webhook.active)


@transaction.atomic
def renew_secret(webhook: Webhook, *, by: Actor) -> str:
    """Another secret from now on; it is returned this one time. Raises NotPermitted."""
    permissions.require_manage(by, webhook.site)
    secret = new_secret()
    webhook.sealed = seal(secret)
    webhook.save(update_fields=["sealed"])
    audit.record("webhook.secret-renewed", webhook, by=by)
    return secret


def require_usable(webhook: Webhook) -> None:
    """Raises InvalidInput naming each field."""
    faults = {}
    try:
        check(webhook.url)
    except Refused as error:
        faults["url"] = str(error)
    unknown = [kind for kind in webhook.kinds if kind not in {*OFFERED, EVERYTHING}]
    if unknown or not webhook.kinds:
        faults["kinds"] = f"Unknown: {', '.join(map(str, unknown))}." if unknown else "Choose at least one."
    if faults:
        raise InvalidInput("This webhook cannot be used.", fields=faults)

"""Papers that come with an order."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.orders import files, permissions
from ris.orders.actions.ending import locked, reason_given
from ris.orders.models import Attachment, Order

MOST = 20
UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff/\\]")


def attach(order: Order, *, name: str, body: bytes, by: Actor) -> Attachment:
    """Keep a paper request. What it is, is told from its bytes, never from its name.

    Raises NotPermitted, InvalidInput for anything but a sound PDF or JPEG of at most 20 MB.
    """
    permissions.require_answer(by, order)
    content_type = files.kind_of(body)
    sha256 = files.keep(body)
    with transaction.atomic():
        order = locked(order)
        if order.attachments.filter(withdrawn_at__isnull=True).count() >= MOST:
            raise InvalidInput("The order is full.", fields={"file": f"An order holds {MOST} papers at most."})
        paper, created = Attachment.objects.get_or_create(
            order=order,
            sha256=sha256,
            withdrawn_at=None,
            defaults={
                "name": UNSHOWABLE.sub("", name).strip()[-120:] or "paper",
                "content_type": content_type,
                "size": len(body),
                "added_at": timezone.now(),
                "added_by_name": by.display,
            },
        )
        if created:
            audit.record("order.attached", order, by=by, name=paper.name, sha256=sha256)
    return paper


@transaction.atomic
def withdraw_paper(paper: Attachment, *, reason: str, by: Actor) -> Attachment:
    """It belongs to somebody else, or is the wrong one: kept, and marked as not to be used.

    Raises NotPermitted, InvalidInput without a reason, TransitionError when it was withdrawn before.
    """
    order = locked(paper.order)
    permissions.require_answer(by, order)
    changes = {
        "withdrawn_at": timezone.now(),
        "withdrawn_by_name": by.display,
        "withdraw_reason": reason_given(reason, "withdraw a paper"),
    }
    if Attachment.objects.filter(pk=paper.pk, withdrawn_at__isnull=True).update(**changes) != 1:
        raise TransitionError("This paper was withdrawn already. Look at the order again.")
    paper.refresh_from_db()
    audit.record(
        "order.paper-withdrawn", order, by=by, name=paper.name, sha256=paper.sha256, reason=paper.withdraw_reason
    )
    return paper

"""Objects for the pages: who holds the right nowhere is told so before anything is looked for."""

from __future__ import annotations

from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.orders.models import Attachment, Order, Protocol, SafetyAnswer

WORDS = {
    "order.view": "Orders are for those who work with them.",
    "order.place": "Ordering is for clerks and radiologists.",
    "order.cancel": "Cancelling an order is for clerks.",
    "order.discontinue": "Breaking off an order is for clerks, technologists and radiologists.",
    "order.answer": "Papers and answers are kept by the staff of a site.",
    "order.override": "Overriding a hard stop is for radiologists.",
    "order.protocol": "Protocolling is for radiologists.",
}


def order_for(request: SignedInRequest, order_id: int, permission: str) -> Order:
    """The order with its patient, site and referrer."""
    require_somewhere(request.user, permission, WORDS[permission])
    visible = Order.objects.visible_to(request.user).select_related("patient", "site", "referrer")
    return get_or_404(visible, order_id)


def answer_for(request: SignedInRequest, answer_id: int) -> SafetyAnswer:
    require_somewhere(request.user, "order.override", WORDS["order.override"])
    visible = SafetyAnswer.objects.visible_to(request.user)
    return get_or_404(visible.select_related("order__patient", "order__site"), answer_id)


def protocol_for(request: SignedInRequest, protocol_id: int, permission: str) -> Protocol:
    require_somewhere(request.user, permission, WORDS[permission])
    related = (
        "requested_procedure__procedure",
        "requested_procedure__order__patient",
        "requested_procedure__order__site",
    )
    return get_or_404(Protocol.objects.visible_to(request.user).select_related(*related), protocol_id)


def paper_for(request: SignedInRequest, paper_id: int) -> Attachment:
    require_somewhere(request.user, "order.view", WORDS["order.view"])
    return get_or_404(Attachment.objects.visible_to(request.user).select_related("order"), paper_id)

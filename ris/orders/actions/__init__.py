"""The one write path of orders (DESIGN.md §5.1)."""

from ris.orders.actions.attachments import attach, withdraw_paper
from ris.orders.actions.changing import VISIT, Replacement, details_of, modify_order, replace_by_several, replace_order
from ris.orders.actions.ending import cancel_order, discontinue_order, note_progress
from ris.orders.actions.placing import OrderDetails, Reserved, fault_of_wanted, place_order, place_reserved
from ris.orders.actions.protocols import ask_protocol_again, decide_protocol, return_protocol
from ris.orders.actions.renewing import give_back_study_uid, renew_study_uid
from ris.orders.actions.safety import Answer, answer_all, answer_safety, override_stop, require_startable

__all__ = [
    "VISIT",
    "Answer",
    "OrderDetails",
    "Replacement",
    "Reserved",
    "answer_all",
    "answer_safety",
    "ask_protocol_again",
    "attach",
    "cancel_order",
    "decide_protocol",
    "details_of",
    "discontinue_order",
    "fault_of_wanted",
    "give_back_study_uid",
    "modify_order",
    "note_progress",
    "override_stop",
    "place_order",
    "place_reserved",
    "renew_study_uid",
    "replace_by_several",
    "replace_order",
    "require_startable",
    "return_protocol",
    "withdraw_paper",
]

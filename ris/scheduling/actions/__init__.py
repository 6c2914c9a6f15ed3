"""All that changes the schedule."""

from ris.scheduling.actions.appointments import book, cancel_appointment, move
from ris.scheduling.actions.attendance import arrive, miss, reopen, restore
from ris.scheduling.actions.bedside import Place, note_ward, place_at_bedside
from ris.scheduling.actions.callbacks import close_call_back
from ris.scheduling.actions.holding import hold_exams, hold_steps
from ris.scheduling.actions.overbooking import displace, overbook
from ris.scheduling.actions.past import Past, record_past
from ris.scheduling.actions.slots import Slot
from ris.scheduling.actions.steps import (
    cancel_steps_of,
    complete_step,
    discontinue_step,
    plan_order,
    plan_steps,
    put_back_step,
    reopen_step,
    start_step,
    stop_steps_of,
)
from ris.scheduling.actions.times import Repeated, add_holiday, close_room, keep_time, remove
from ris.scheduling.actions.walkin import WalkedIn, WalkIn, walk_in
from ris.scheduling.actions.weekly import DayHours, set_hours

__all__ = [
    "DayHours", "Past", "Place", "Repeated", "Slot", "WalkIn", "WalkedIn", "add_holiday", "arrive", "book",
    "cancel_appointment", "cancel_steps_of", "close_call_back", "close_room", "complete_step", "discontinue_step",
    "displace", "hold_exams", "hold_steps", "keep_time", "miss", "move", "note_ward", "overbook", "place_at_bedside",
    "plan_order", "plan_steps", "put_back_step", "record_past", "remove", "reopen", "reopen_step", "restore",
    "set_hours", "start_step", "stop_steps_of", "walk_in",
]  # fmt: skip

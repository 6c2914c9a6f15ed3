from __future__ import annotations

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "worklist"

    def ready(self) -> None:
        from ris.core import panels
        from ris.core.timers import every
        from ris.events import subscribe
        from ris.orders.hooks import order_cancelled, order_modified, order_replaced
        from ris.scheduling.hooks import step_completed, step_starting
        from worklist import cards, subscribers
        from worklist.actions import exam, reading
        from worklist.panels import patient_studies

        subscribe("study.noticed", "worklist.match", subscribers.match_noticed)
        subscribe("study.linked", "worklist.look-at-sides", subscribers.look_at_sides)
        order_cancelled.register("worklist", reading.cancel_tasks_of)
        order_replaced.register("worklist", reading.cancel_tasks_of)
        order_modified.register("worklist", reading.follow_priority_of)
        step_completed.register("worklist", reading.task_for_completed_step)
        step_starting.register("worklist", exam.require_time_out)
        every(10.0, "poll-archive", subscribers.poll_if_late)
        panels.register("home", "worklist", cards.home_cards)
        panels.register("patient", "worklist", patient_studies)

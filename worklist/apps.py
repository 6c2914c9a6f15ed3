from __future__ import annotations

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "worklist"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from ris.core.timers import every
        from ris.events import subscribe
        from ris.orders.hooks import order_cancelled, order_modified, order_replaced
        from ris.scheduling.hooks import step_completed, step_starting
        from worklist import arrivals, subscribers
        from worklist.actions import closing, device_messages, exam, leases, performed, reading
        from worklist.elsewhere import exporting
        from worklist.mwl import pruning, triggers

        subscribe("study.noticed", "worklist.match", subscribers.match_noticed)
        subscribe("order.placed", "worklist.look-again", arrivals.look_again)
        subscribe("study.linked", "worklist.look-at-sides", subscribers.look_at_sides)
        order_cancelled.register("worklist", reading.cancel_tasks_of)
        order_replaced.register("worklist", reading.cancel_tasks_of)
        order_modified.register("worklist", reading.follow_priority_of)
        step_completed.register("worklist", reading.task_for_completed_step)
        step_starting.register("worklist", exam.require_time_out)
        post_migrate.connect(triggers.install, sender=self, dispatch_uid="worklist.mwl.triggers")
        every(10.0, "poll-archive", subscribers.poll_if_late)
        every(10.0, "replay-device-messages", performed.replay_late)
        every(20.0, "lapse-leases", leases.lapse_leases)
        every(15.0, "close-quiet-steps", closing.close_quiet_steps)
        every(60.0, "open-cases-of-unclosed-exams", closing.open_cases_of_unclosed)
        every(3600.0, "forget-parked-messages", device_messages.forget_parked)
        every(exporting.SECONDS, "export-worklist", exporting.export)
        every(60.0, "prune-worklist-logs", pruning.prune)
        _show()
        _move_objects()


def _show() -> None:
    """What stands on the pages of lower parts."""
    from ris.core import panels
    from worklist import cards
    from worklist.panels import order_whereabouts, patient_studies, patient_whereabouts

    panels.register("home", "worklist", cards.home_cards)
    panels.register("patient", "worklist", patient_studies)
    panels.register("order-lead", "worklist", order_whereabouts)
    panels.register("patient-lead", "worklist", patient_whereabouts)


def _move_objects() -> None:
    """Objects that change their patient at the archive, come from outside, or are handed out."""
    from ris.core.timers import every
    from ris.events import subscribe
    from worklist.outside import exporting, looking, storing
    from worklist.rehoming import carrying, following, sweeping

    subscribe("study.rehoming", "worklist.rehome", carrying.carry)
    subscribe("patient.merged", "worklist.rehome-merged", following.after_merge)
    subscribe("patient.unmerged", "worklist.rehome-parted", following.after_parting)
    subscribe("outside.closed", "worklist.look-at-outside", looking.look)
    subscribe("outside.given", "worklist.store-outside", storing.store)
    subscribe("export.asked", "worklist.make-export", exporting.make)
    every(900.0, "expire-exports", exporting.expire)
    every(900.0, "sweep-moves", sweeping.sweep)

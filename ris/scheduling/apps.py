from __future__ import annotations

from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "ris.scheduling"
    label = "scheduling"

    def ready(self) -> None:
        from ris.core import panels
        from ris.core.timers import every
        from ris.events import subscribe
        from ris.notifications.wanted import ask_about, readdress
        from ris.orders.hooks import order_cancelled, order_discontinued, order_placed, order_replaced
        from ris.patients.hooks import patient_parted
        from ris.scheduling import reminders, subscribers
        from ris.scheduling.actions import cancel_steps_of, plan_order, stop_steps_of
        from ris.scheduling.actions.parting import give_back_times
        from ris.scheduling.panels import home_cards, merged_appointments, order_steps, patient_appointments
        from ris.scheduling.told import messages_of

        order_placed.register("scheduling", plan_order)
        order_cancelled.register("scheduling", cancel_steps_of)
        order_replaced.register("scheduling", cancel_steps_of)
        order_discontinued.register("scheduling", stop_steps_of)
        patient_parted.register("scheduling", give_back_times)
        panels.register("order", "scheduling", order_steps)
        panels.register("patient", "scheduling", patient_appointments)
        panels.register("home", "scheduling", home_cards)
        panels.register("appointment", "scheduling.messages", messages_of)
        panels.register("patient-merge", "scheduling", merged_appointments)
        for kind in ("patient.merged", "patient.unmerged", "appointment.moved", "appointment.cancelled"):
            subscribe(kind, "scheduling.overlaps", subscribers.look_for_overlaps)
        subscribe("appointment.restored", "scheduling.place-again", subscribers.put_back_on_worklist)
        for kind in subscribers.KINDS:
            subscribe(kind, "scheduling.tell-patient", subscribers.tell_patient)
        ask_about(reminders.ABOUT, reminders.is_true)
        readdress(reminders.ABOUT, reminders.put_right)
        every(60, "reminders", reminders.remind_all)

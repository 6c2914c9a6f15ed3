from __future__ import annotations

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"

    def ready(self) -> None:
        from reporting import checks, subscribers  # noqa: F401  checks register themselves
        from reporting.critical.escalating import escalate_due
        from reporting.dictation.expiring import expire_due
        from reporting.dictation.listening import listen
        from ris.core.timers import every
        from ris.events import subscribe
        from ris.events.hooks import delivery_parked, delivery_resent
        from ris.orders.hooks import order_modified

        _stand_guard(self)
        _register_panels()
        _register_watches()
        _register_letters()
        subscribe("object.stored", "reporting.read_objects", subscribers.read_objects)
        for kind in ("study.linked", "study.unlinked", "study.blocked", "study.series-moved"):
            subscribe(kind, "reporting.follow-study", subscribers.follow_study)
            subscribe(kind, "reporting.tell-signers", subscribers.tell_signers)
        subscribe("exam.series-changed", "reporting.follow-study", subscribers.follow_study)
        for kind in ("study.linked", "exam.series-changed"):
            subscribe(kind, "reporting.read-study", subscribers.read_study)
        subscribe("key-image.chosen", "reporting.picture", subscribers.picture_key_image)
        subscribe("report.illustrated", "reporting.key-images", subscribers.archive_key_images)
        for kind in ("exam.recorded", "step.completed", "step.discontinued"):
            subscribe(kind, "reporting.follow-exam", subscribers.follow_exam)
        for kind in ("report.signed", "report.addended", "report.corrected", "report.withdrawn"):
            subscribe(kind, subscribers.ARCHIVE, subscribers.archive_version)
        subscribe("report.held", "reporting.release", subscribers.release)
        order_modified.register("reporting", subscribers.release_urgent_of)
        every(30, "critical findings", escalate_due, apart=True)
        subscribe("dictation.recorded", "reporting.speech-engine", listen)
        every(300, "dictations", expire_due, apart=True)
        delivery_parked.register("reporting", subscribers.give_up)
        delivery_resent.register("reporting", subscribers.set_out_again)


def _stand_guard(app: AppConfig) -> None:
    """The database refuses by itself what no lifecycle knows."""
    from django.db.models.signals import post_migrate, pre_migrate

    from reporting import guards

    pre_migrate.connect(guards.step_aside, sender=app, dispatch_uid="reporting.guards")
    post_migrate.connect(guards.stand, sender=app, dispatch_uid="reporting.guards")


def _register_watches() -> None:
    """What signatures and critical findings stand on, for those who look after it."""
    from reporting.critical import whom
    from reporting.keys import own_watch
    from reporting.keys import watch as seal
    from reporting.timekeeping import watch as clock
    from ris.core import panels
    from ris.core.timers import every

    every(seal.EVERY, "seal-of-the-house", seal.look)
    every(own_watch.EVERY, "own-signing-keys", own_watch.look)
    every(clock.EVERY, "clock-of-the-server", clock.look)
    for place, of_seal, of_clock, of_contacts in (
        ("home", seal.home_cards, clock.home_cards, whom.home_cards),
        ("deliveries", seal.deliveries_panel, clock.deliveries_panel, whom.deliveries_panel),
    ):
        panels.register(place, "reporting", of_seal)
        panels.register(place, "clock", of_clock)
        panels.register(place, "critical", of_contacts)


def _register_letters() -> None:
    """Mail that leaves only while it is true."""
    from reporting.critical.letters import is_still_open
    from reporting.critical.record import CriticalFinding
    from ris.notifications.wanted import ask_about

    ask_about(CriticalFinding._meta.label_lower, is_still_open)


def _register_panels() -> None:
    """What other parts' pages show of reports."""
    from reporting.panels import (
        changed_reports,
        draft_text,
        patient_reports,
        prior_reports,
        report_facts,
        reports_of_studies,
        series_not_shown,
        series_of_reports,
        signed_reports,
        states_told,
        versions_in_force,
    )
    from ris.core import panels
    from worklist.actions.series import OF_REPORTS
    from worklist.attention.openings import REPORTS as OF_STUDIES
    from worklist.outside.exporting import CHANGED_REPORTS, NOT_SHOWN, SIGNED_REPORTS
    from worklist.priors.earlier import REPORTS
    from worklist.reading.grades import IN_FORCE
    from worklist.reading.told import TOLD
    from worklist.reading.written import WRITTEN
    from worklist.whereabouts.asking import REPORT_FACTS

    panels.register("patient", "reporting", patient_reports)
    panels.register(REPORTS, "reporting", prior_reports)
    panels.register(SIGNED_REPORTS, "reporting", signed_reports)
    panels.register(CHANGED_REPORTS, "reporting", changed_reports)
    panels.register(NOT_SHOWN, "reporting", series_not_shown)
    panels.register(OF_REPORTS, "reporting", series_of_reports)
    panels.register(IN_FORCE, "reporting", versions_in_force)
    panels.register(TOLD, "reporting", states_told)
    panels.register(WRITTEN, "reporting", draft_text)
    panels.register(OF_STUDIES, "reporting", reports_of_studies)
    panels.register(REPORT_FACTS, "reporting", report_facts)

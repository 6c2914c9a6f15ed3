"""What patients read, language by language: the sentences of messages and of the appointment slip. Pure.

The admin changes any of them and adds further languages (ris.notifications.models.Phrase).
"""

from __future__ import annotations

from collections.abc import Mapping

Phrases = Mapping[str, str]

# `when` and `day` are formats of Django: https://docs.djangoproject.com/en/stable/ref/templates/builtins/#date
ENGLISH: Phrases = {
    "when-format": "l, j F Y, H:i",
    "day-format": "l j F Y",
    "subject-confirmation": "Your appointment",
    "subject-change": "Your appointment has changed",
    "subject-cancellation": "Your appointment is cancelled",
    "subject-reminder": "Reminder of your appointment",
    "opening-confirmation": "You have an appointment.",
    "opening-change": "Your appointment has changed. It is now:",
    "opening-cancellation": "Your appointment has been cancelled. It was:",
    "opening-reminder": "We expect you soon. Your appointment:",
    "when": "When",
    "where": "Where",
    "what": "What",
    "prepare": "Please prepare:",
    "ask-us": "Please ask us how to prepare.",
    "another-time": "Another time? {contact}",
    "stop": "No more messages about appointments:",
    "stop-title": "No more messages?",
    "stop-ask": "We stop writing to you about appointments. Your appointments stand.",
    "stop-button": "Stop the messages",
    "stopped-title": "No more messages",
    "stopped": "You get no more mail and no SMS about appointments. Your appointments stand. "
    "Call us to get messages again.",
    "appointment": "Appointment",
    "slip-title": "Your appointment",
    "slip-patient": "Patient",
    "slip-born": "Date of birth",
    "slip-sex": "Sex",
    "slip-number": "Patient number",
    "slip-room": "Room",
    "slip-zone": "Time zone",
    "slip-prepare": "How to prepare",
    "slip-accession": "Accession number",
    "sex-F": "female",
    "sex-M": "male",
    "sex-O": "other",
    "sex-unknown": "not stated",
    "side-R": "right",
    "side-L": "left",
    "side-B": "both sides",
}
GERMAN: Phrases = {
    "when-format": "l, j. F Y, H:i",
    "day-format": "l, j. F Y",
    "subject-confirmation": "Ihr Termin",
    "subject-change": "Ihr Termin hat sich geändert",
    "subject-cancellation": "Ihr Termin ist abgesagt",
    "subject-reminder": "Erinnerung an Ihren Termin",
    "opening-confirmation": "Sie haben einen Termin.",
    "opening-change": "Ihr Termin hat sich geändert. Er ist jetzt:",
    "opening-cancellation": "Ihr Termin wurde abgesagt. Er war:",
    "opening-reminder": "Wir erwarten Sie bald. Ihr Termin:",
    "when": "Wann",
    "where": "Wo",
    "what": "Was",
    "prepare": "Bitte bereiten Sie sich so vor:",
    "ask-us": "Bitte fragen Sie uns, wie Sie sich vorbereiten.",
    "another-time": "Ein anderer Termin? {contact}",
    "stop": "Keine Nachrichten mehr über Termine:",
    "stop-title": "Keine Nachrichten mehr?",
    "stop-ask": "Wir schreiben Ihnen nicht mehr über Termine. Ihre Termine bleiben bestehen.",
    "stop-button": "Keine Nachrichten mehr",
    "stopped-title": "Keine Nachrichten mehr",
    "stopped": "Sie bekommen keine Mail und keine SMS über Termine mehr. Ihre Termine bleiben bestehen. "
    "Rufen Sie uns an, wenn Sie wieder Nachrichten möchten.",
    "appointment": "Termin",
    "slip-title": "Ihr Termin",
    "slip-patient": "Patient",
    "slip-born": "Geburtsdatum",
    "slip-sex": "Geschlecht",
    "slip-number": "Patientennummer",
    "slip-room": "Raum",
    "slip-zone": "Zeitzone",
    "slip-prepare": "So bereiten Sie sich vor",
    "slip-accession": "Auftragsnummer",
    "sex-F": "weiblich",
    "sex-M": "männlich",
    "sex-O": "divers",
    "sex-unknown": "keine Angabe",
    "side-R": "rechts",
    "side-L": "links",
    "side-B": "beide Seiten",
}
BUILT_IN: Mapping[str, Phrases] = {"en": ENGLISH, "de": GERMAN}


def phrases_in(language: str, own: Phrases | None = None) -> Phrases:
    """All phrases of a language: those of the admin before ours, ours before the English ones."""
    return {**ENGLISH, **BUILT_IN.get(language, {}), **(own or {})}

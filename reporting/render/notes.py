"""What a note on a measured number says in other languages than English, in which the notes are kept. Pure."""

from __future__ import annotations

import re

Notes = tuple[tuple[re.Pattern[str], str], ...]

NUMBER = r"[-+]?\d[\d.e+-]*"
GERMAN = {
    r"no trustworthy unit": "keine verlässliche Einheit",
    r"the unit contradicts the drawing": "die Einheit widerspricht der Zeichnung",
    r"\bnegative\b": "negativ",
    r"differs from the drawing by more than 2 %": "weicht um mehr als 2 % von der Zeichnung ab",
    r"not possible in this part of the body": "in dieser Körperregion nicht möglich",
    r"not checked against the drawing": "nicht mit der Zeichnung verglichen",
    r"\bno number\b": "keine Zahl",
    r"detector plane, not corrected for magnification": "Detektorebene, ohne Korrektur der Vergrößerung",
    r"there is one of each fetus": "es gibt eine von jedem Fetus",
    r"as the device wrote it, without a drawing to check": "wie vom Gerät angegeben, ohne Zeichnung zum Vergleich",
    rf"written as ({NUMBER} \S+), which is exactly ({NUMBER} \S+)": r"angegeben als \1, das sind genau \2",
    r': the unit "([^"]*)" is read as (\S+), as the drawing confirms\.': (
        r": Die Einheit „\1“ ist als \2 gelesen, wie es die Zeichnung bestätigt."
    ),
}


def compiled(said: dict[str, str]) -> Notes:
    return tuple((re.compile(pattern), words) for pattern, words in said.items())


def translated(note: str, notes: Notes) -> str:
    """The note with all that is known of it in another language; what is not known stays as it was written."""
    for pattern, words in notes:
        note = pattern.sub(words, note)
    return note

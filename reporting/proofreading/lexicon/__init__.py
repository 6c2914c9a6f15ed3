"""The words by which each language says a side, a sex, a negation."""

from __future__ import annotations

from reporting.proofreading.lexicon.english import ENGLISH
from reporting.proofreading.lexicon.form import Lexicon
from reporting.proofreading.lexicon.german import GERMAN

LEXICONS: dict[str, Lexicon] = {"en": ENGLISH, "de": GERMAN}

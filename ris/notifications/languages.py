"""The languages in which patients are written to, and what is said in each."""

from __future__ import annotations

from datetime import datetime

from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.utils import dateformat, translation

from ris.core.phrases import BUILT_IN, Phrases, phrases_in

DEFAULT = "en"


def check_language(code: str) -> None:
    if "name_local" not in LANG_INFO.get(code, {}):
        raise ValidationError("This is not the code of a language, such as en, de, tr or pt-br.")


def languages() -> list[tuple[str, str]]:
    """Code and own name of each language that has phrases: ours, then those of the admin."""
    from ris.notifications.models import Phrase

    added = Phrase.objects.order_by("language").values_list("language", flat=True).distinct()
    return [(code, LANG_INFO[code]["name_local"]) for code in dict.fromkeys([*BUILT_IN, *added])]


def phrases_of(language: str) -> Phrases:
    """What is said in a language, with the changes of the admin."""
    from ris.notifications.models import Phrase

    own = Phrase.objects.filter(language=language).exclude(text="").values_list("key", "text")
    return phrases_in(language, dict(own))


def dated(local: datetime, style: str, language: str) -> str:
    """A wall-clock time in the words of a language, in a format of Django."""
    with translation.override(language):
        return dateformat.format(local, style)

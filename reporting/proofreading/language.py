"""Which of the known languages a text is written in, by its commonest small words. Pure."""

from __future__ import annotations

from reporting.proofreading.text import words

SMALL_WORDS = {
    "en": frozenset(words("the of and no with in is are there was to or on without for not a")),
    "de": frozenset(words("der die das und kein keine mit im ist sind zu von auf ohne für nicht ein eine des bei")),
}
FEWEST = 2


def language_of(text: str) -> str:
    """The language with most of its small words in the text; English where there are too few to tell."""
    said = words(text)
    counts = {language: sum(word in small for word in said) for language, small in SMALL_WORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] >= FEWEST else "en"

"""Which of the known languages a text is written in, by its commonest small words. Pure."""

from __future__ import annotations

from reporting.proofreading.text import words

SMALL_WORDS = {
    "en": frozenset(words("the of and no with in is are there was to or on without for not a")),
    "de": frozenset(words("der die das und kein keine mit im ist sind zu von auf ohne für nicht ein eine des bei")),
}
FEWEST = 2
SURE, SHARE = 4, 0.12  # so many small words of one language, and so much of all words


def language_of(text: str) -> str:
    """The language with most of its small words in the text; English where there are too few to tell."""
    said = words(text)
    counts = {language: sum(word in small for word in said) for language, small in SMALL_WORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] >= FEWEST else "en"


def surely(text: str) -> str:
    """The same where there is no doubt, else "": a third language has a word or two that look like these."""
    said = words(text)
    counts = sorted((sum(word in small for word in said), language) for language, small in SMALL_WORDS.items())
    (second, _other), (most, language) = counts[-2:]
    return language if most >= max(SURE, 2 * second, SHARE * len(said)) else ""

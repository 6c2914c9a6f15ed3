"""Sentences and words of a report as the rules see them: folded, without accents, with where they stood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# An end of a sentence: a stop before white space or the end, a line break; not "1.2", not "ca. 3", not "Z. n.".
END = re.compile(r"(?<=[.!?])(?=\s|$)|\n+")
SHORT = re.compile(
    r"(?:\b(?:ca|approx|vs|dr|st|nr|fig|lt|rt|li|re|bds|bzw|ggf|max|min|inkl|incl|sog|usw|etc|evtl|vgl|seg|[a-z])|\b\d{1,2})\.$",
    re.IGNORECASE,
)
# Short words that end a sentence as often as not: not where it goes on with a small letter or a digit.
SHORT_WITHIN = re.compile(
    r"\b(?:neg|pos|pat|pt|pts|lat|med|ant|post|prox|dist|sup|inf|susp|resp|unauff|insb|bes|path|rad|excl)\.$",
    re.IGNORECASE,
)
WORD = re.compile(r"\d+(?:[.,]\d+)?|[^\W_]+(?:'[^\W_]+)*|[<>≥≤,:;]")
# What English joins: isn't, can't, cannot, there's. Apart, each is read as the same words written out.
JOINED = {"cannot": ("can", "not"), "can't": ("can", "not"), "won't": ("will", "not"), "shan't": ("shall", "not")}
WITH_IS = frozenset({"there", "it", "that", "here", "what"})
LONGEST_HEADING = 3  # two words and the colon
Words = tuple[str, ...]
SPECIAL = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "’": "'"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a section: as written, and its folded words in their order. `role`: what the section is for."""

    section: str
    text: str
    words: tuple[str, ...]
    role: str = ""

    def find(self, phrase: tuple[str, ...], start: int = 0) -> int | None:
        """Where the words of a phrase stand in a row (a word ending in "*" is a beginning), from `start` on."""
        last = len(self.words) - len(phrase)
        return next((at for at in range(start, last + 1) if self.stands_at(phrase, at)), None)

    def stands_at(self, phrase: tuple[str, ...], at: int) -> bool:
        here = self.words[at : at + len(phrase)]
        return len(here) == len(phrase) and all(alike(word, asked) for word, asked in zip(here, phrase, strict=True))

    @property
    def heading(self) -> str:
        """The word before a colon at the sentence's begin, as in "Clinical history: left mastectomy"; else ""."""
        begun = self.words[:LONGEST_HEADING]
        at = begun.index(":") if ":" in begun else 0
        return self.words[at - 1] if at else ""

    def has_any(self, phrases: frozenset[tuple[str, ...]]) -> bool:
        return bool(starts(self, phrases))


def fold(text: str) -> str:
    """Small letters without accents: "Pleuraergüsse" is "pleuraergusse"."""
    bare = unicodedata.normalize("NFKD", text.casefold().translate(SPECIAL))
    return "".join(char for char in bare if not unicodedata.combining(char))


def words(text: str) -> tuple[str, ...]:
    return tuple(part for word in WORD.findall(fold(text)) for part in apart(word))


def apart(word: str) -> Words:
    """A folded word, or those that it joins: isn't is "is not", there's is "there is"; o'clock stays one."""
    if word in JOINED:
        return JOINED[word]
    if word.endswith("n't"):
        return word.removesuffix("n't"), "not"
    return (word.removesuffix("'s"), "is") if word.removesuffix("'s") in WITH_IS and word.endswith("'s") else (word,)


def alike(word: str, asked: str) -> bool:
    if asked == "#":
        return word[:1].isdigit()
    return word.startswith(asked[:-1]) if asked.endswith("*") else word == asked


def phrases(texts: str) -> frozenset[tuple[str, ...]]:
    """Phrases of a lexicon, set apart by ";": "no evidence of; menisc*; # years", folded as the text is."""
    return frozenset(tuple(part for word in text.split() for part in apart(_asked(word))) for text in texts.split(";"))


def starts(sentence: Sentence, asked: frozenset[tuple[str, ...]]) -> list[tuple[int, int]]:
    """Every place of any of the phrases: (first word, one past the last), in order."""
    whole, begun = by_first_word(asked)
    found = [
        (at, at + len(phrase))
        for at, word in enumerate(sentence.words)
        for phrase in (
            *whole.get(word, ()),
            *begun.get(word[0], ()),
            *(begun.get("#", ()) if word[0].isdigit() else ()),
        )
        if sentence.stands_at(phrase, at)
    ]
    return sorted(found)


@lru_cache(maxsize=512)
def by_first_word(asked: frozenset[tuple[str, ...]]) -> tuple[dict[str, list[Words]], dict[str, list[Words]]]:
    """Phrases by their first word, and those that begin with the beginning of one, or a number, by its first sign."""
    whole: dict[str, list[Words]] = {}
    begun: dict[str, list[Words]] = {}
    for phrase in sorted(asked):
        first = phrase[0]
        home, key = (begun, first[0]) if first.endswith("*") or first == "#" else (whole, first)
        home.setdefault(key, []).append(phrase)
    return whole, begun


def _asked(word: str) -> str:
    return fold(word[:-1]) + "*" if word.endswith("*") else fold(word)


def sentences(section: str, text: str, role: str = "") -> Iterator[Sentence]:
    """A section's sentences as they stand in it; abbreviations and ordinals do not end one, a line's end does."""
    start = 0
    for end, by_line in [*((found.end(), "\n" in found.group()) for found in END.finditer(text)), (len(text), True)]:
        written = text[start:end].strip()
        if written and (by_line or not _goes_on(written, text[end:])):
            yield Sentence(section, written, words(written), role)
            start = end


def _goes_on(written: str, rest: str) -> bool:
    """Whether the stop at the end of what is written belongs to an abbreviation."""
    following = rest.lstrip()[:1]
    return bool(
        SHORT.search(written) or (SHORT_WITHIN.search(written) and (following.islower() or following.isdigit()))
    )

"""How a name sounds, roughly, across the languages of Europe: Meyer, Maier and Mayr are one sound. Pure.

A table of spellings that share a sound, in the manner of the Cologne phonetics: longest spelling first, then vowels
away except a first one, then doubled sounds once.
"""

from __future__ import annotations

import re
from functools import lru_cache

# What is not spoken at the beginning of a word.
OPENINGS = (("kn", "n"), ("gn", "n"), ("pn", "n"), ("ps", "s"), ("wr", "r"), ("wh", "w"), ("mc", "mak"), ("x", "s"))
SPELLINGS = {
    "tsch": "s", "sch": "s", "tch": "s", "ght": "t", "sh": "s", "ch": "k", "ck": "k", "ph": "f", "th": "t", "gh": "",
    "dt": "t", "tz": "s", "ts": "s", "cz": "s", "sz": "s", "zh": "s", "dz": "s", "qu": "kf", "ce": "se", "ci": "si",
    "cy": "si", "c": "k", "q": "k", "g": "k", "k": "k", "d": "t", "b": "p", "v": "f", "w": "f", "z": "s", "x": "ks",
    "j": "i", "y": "i", "h": "",
}  # fmt: skip
SPELLING = re.compile("|".join(sorted(SPELLINGS, key=len, reverse=True)))
VOWELS = re.compile("[aeiou]")
DOUBLED = re.compile(r"(.)\1+")
LONGEST = 12
REMEMBERED = 16_384


@lru_cache(maxsize=REMEMBERED)
def sound_of(word: str) -> str:
    """The sound of one folded word of Latin letters; empty when there is nothing to hear."""
    if not word.isascii() or not word.isalpha():
        return ""
    for spelt, spoken in OPENINGS:
        if word.startswith(spelt) and len(word) > len(spelt):
            word = spoken + word[len(spelt) :]
            break
    spoken = SPELLING.sub(lambda match: SPELLINGS[match.group()], word)
    if not spoken:
        return ""
    first = "a" if VOWELS.match(spoken) else spoken[0]
    return DOUBLED.sub(r"\1", first + VOWELS.sub("", spoken[1:]))[:LONGEST]

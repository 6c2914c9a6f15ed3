"""Slips of the keyboard: a letter missing, doubled, wrong, or two of them swapped. Pure."""

from __future__ import annotations

from rapidfuzz.distance import OSA

SHORTEST = 4


def shortened(word: str) -> set[str]:
    """The word and each way to leave one letter out.

    Two words that are one slip apart share one of these, so that a slip is found by looking equal strings up. Words
    of fewer than four letters have too many neighbours to be told apart by a letter.
    """
    if len(word) < SHORTEST:
        return {word}
    return {word} | {word[:place] + word[place + 1 :] for place in range(len(word))}


def slips_between(one: str, other: str, most: int = 2) -> int:
    """Damerau's distance with adjacent swaps, or `most` + 1 as soon as it is larger."""
    return int(OSA.distance(one, other, score_cutoff=most))

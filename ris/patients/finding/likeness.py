"""How well a person's words answer the words of a query. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ris.patients.finding.sounds import sound_of
from ris.patients.finding.spelling import slips_between

EXACT, BEGINS, ONE_SLIP, TWO_SLIPS, SOUNDS = 1.0, 0.9, 0.75, 0.6, 0.55
LONG_ENOUGH_FOR_TWO = 6
LEAST_KINSHIP = 0.5


def kinship(wanted: str, word: str) -> float:
    """How near a word is to what was typed: 1 the same, 0 nothing to do with each other."""
    if word == wanted:
        return EXACT
    if word.startswith(wanted):
        return BEGINS
    if min(len(wanted), len(word)) < 3:
        return 0.0
    slips = slips_between(wanted, word)
    if slips == 1 and len(wanted) > 3:
        return ONE_SLIP
    if slips == 2 and min(len(wanted), len(word)) >= LONG_ENOUGH_FOR_TWO:
        return TWO_SLIPS
    return SOUNDS if sound_of(wanted) and sound_of(wanted) == sound_of(word) else 0.0


def score(wanted: Sequence[str], words: Sequence[str], near: Mapping[str, Mapping[str, float]]) -> float:
    """The mean likeness of the typed words to as many different words of a person; 0 when one has no answer.

    `near` gives, for a typed word, the words of other spelling that were looked up for it.
    """
    left, total = list(words), 0.0
    for word in sorted(wanted, key=len, reverse=True):
        kin = near.get(word, {})
        best, chosen = max(((_likeness(word, own, kin), own) for own in left), default=(0.0, ""))
        if not best:
            return 0.0
        left.remove(chosen)
        total += best
    return total / len(wanted)


def _likeness(wanted: str, word: str, kin: Mapping[str, float]) -> float:
    if word == wanted:
        return EXACT
    return BEGINS if word.startswith(wanted) else kin.get(word, 0.0)

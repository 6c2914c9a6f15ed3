"""Slips of the keyboard: a letter missing, doubled, wrong, or two of them swapped. Pure."""

from __future__ import annotations

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
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        before, last, row = row, before, [place]
        for column, opposite in enumerate(other, start=1):
            cost = min(before[column] + 1, row[column - 1] + 1, before[column - 1] + (letter != opposite))
            if place > 1 and column > 1 and letter == other[column - 2] and one[place - 2] == opposite:
                cost = min(cost, last[column - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)

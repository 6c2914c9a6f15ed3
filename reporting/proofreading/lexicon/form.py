"""What a language must name. Every word is folded when it enters; "menisc*" stands for all that begin so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Phrases = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words of one language.

    `sides`: {R, L: phrases}; `both`: words for both sides; `not_a_side`: phrases in which those words mean something
    else. `comparing`: words that make a sentence one about both sides; `earlier`: words for an earlier exam, with
    which such a comparison is none; `before`: words before a side that make it history or a plan; `operated`: those
    of them that begin with what was done to the part that is looked at, where `today`, words behind the clause, or
    `again`, words anywhere behind, say how that is now. `regions`: {region: phrases}. `sex_organs`: {the sex that has
    them: phrases}; `not_of_patient`: the sentence is about a relative; `not_an_organ`: phrases that only sound like
    one. `denials`: words before what they deny; `denied_after`: words behind it, `denied_last`: only at the end of a
    clause; `not_denials`: phrases that look like a denial and are none; `scope_ends`: words beyond which a denial
    does not reach forward, `turns`: backward; `definite`: articles before what is known already. `limits`: "larger
    than"; `limits_after`: "or more". `endings`: what a word may lose or take without becoming another. `kinds`: words
    that make a denial one of a kind only; `same`: groups of words for one thing; `proofs`: what is added to a word
    without changing what is denied; `free`: what is added to deny it. `exceptions`: words behind a denial that take
    something out of it; `old_headings`: words before a colon that make what follows history.
    """

    sides: Mapping[str, Phrases]
    both: Phrases
    not_a_side: Phrases
    comparing: Phrases
    before: Phrases
    operated: Phrases
    today: Phrases
    again: Phrases
    regions: Mapping[str, Phrases]
    sex_organs: Mapping[str, Phrases]
    not_of_patient: Phrases
    not_an_organ: Phrases
    denials: Phrases
    denied_after: Phrases
    denied_last: Phrases
    not_denials: Phrases
    scope_ends: Phrases
    turns: Phrases
    definite: Phrases
    earlier: Phrases
    limits: Phrases
    limits_after: Phrases
    endings: tuple[str, ...]
    kinds: Phrases
    exceptions: Phrases
    old_headings: frozenset[str]
    same: tuple[Phrases, ...]
    proofs: frozenset[str]
    free: str

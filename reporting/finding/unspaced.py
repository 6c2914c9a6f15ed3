"""Chinese and Japanese, which are written without spaces: a run of characters is kept by ones and by twos. Pure.

右肺叶 is kept as 右 右肺 肺 肺叶 叶. So two characters are one word of the index, asked as quickly as any other, and
more of them are a phrase of such pairs: single characters alone stand in every report.
"""

from __future__ import annotations

import re

# Kana and Han: CJK Unified Ideographs with extensions, and the marks that repeat or lengthen (々, ー).
SIGN = "\u3005\u303b\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
SIGN += "\uf900-\ufaff\U00020000-\U0003ffff"
WORD = re.compile(rf"[{SIGN}]+|[^\W_{SIGN}]+")
IS_UNSPACED = re.compile(rf"[{SIGN}]+")


def pieces(folded: str) -> list[str]:
    """The words of a folded text, runs without spaces by ones and by twos, in their order."""
    return [piece for word in WORD.findall(folded) for piece in (_cut(word) if IS_UNSPACED.match(word) else (word,))]


def bare(words: list[str]) -> tuple[str, ...]:
    """Words that are asked for, without the single characters at the ends that a pair beside them has already."""
    first = len(words) > 1 and _holds(words[1], words[0])
    last = len(words) > 1 and _holds(words[-2], words[-1])
    return tuple(words[first : len(words) - last])


def together(name: str) -> str:
    """A name as it is also written, without a space: 王, 小東 is 王小東. "" where nothing is written so."""
    parts = IS_UNSPACED.findall(name)
    return "".join(parts) if len(parts) > 1 else ""


def is_cut(body: str) -> bool:
    """Whether words that were kept are by ones and by twos already: no run that is longer, or has lost its parts."""
    words = ["", *body.split(), ""]
    around = zip(words, words[1:], words[2:], strict=False)
    return all(
        not IS_UNSPACED.search(word) or (len(word) == 1 or (len(word) == 2 and (before, after) == (word[0], word[1])))
        for before, word, after in around
    )


def _cut(run: str) -> list[str]:
    return [piece for at in range(len(run)) for piece in (run[at], run[at : at + 2])][: 2 * len(run) - 1]


def _holds(pair: str, one: str) -> bool:
    return len(pair) == 2 and len(one) == 1 and one in pair and bool(IS_UNSPACED.fullmatch(pair))

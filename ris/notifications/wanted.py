"""Whether what was written still holds, and to whom it goes: asked right before it leaves."""

from __future__ import annotations

from collections.abc import Callable

from ris.notifications.models import Message

Question = Callable[[Message], bool]
Correction = Callable[[Message], None]
_questions: dict[str, Question] = {}
_corrections: dict[str, Correction] = {}


def ask_about(about_kind: str, question: Question) -> None:
    """Let an upper app say of messages about its things whether they are still true; False drops one."""
    _questions[about_kind] = question


def readdress(about_kind: str, correction: Correction) -> None:
    """Let an upper app write a message anew when its person has another address by now."""
    _corrections[about_kind] = correction


def put_right(message: Message) -> None:
    """The message with the address of this moment: a slip may have been mended since it was written."""
    if message.about_kind in _corrections:
        _corrections[message.about_kind](message)


def is_wanted(message: Message) -> bool:
    question = _questions.get(message.about_kind)
    return question is None or question(message)

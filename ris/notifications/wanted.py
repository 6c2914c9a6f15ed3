"""Whether what was written still holds: asked right before it leaves."""

from __future__ import annotations

from collections.abc import Callable

from ris.notifications.models import Message

Question = Callable[[Message], bool]
_questions: dict[str, Question] = {}


def ask_about(about_kind: str, question: Question) -> None:
    """Let an upper app say of messages about its things whether they are still true; False drops one."""
    _questions[about_kind] = question


def is_wanted(message: Message) -> bool:
    question = _questions.get(message.about_kind)
    return question is None or question(message)

"""{% turns tasks as hints %} … {{ hints|turn_of:task }}: what the viewer may get ready for, of each row of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ris.accounts.models import User
from viewer.hints import hints
from worklist.models import ReadingTask

register = template.Library()


@register.simple_tag(takes_context=True)
def turns(context: template.Context, tasks: Sequence[ReadingTask]) -> dict[int, str]:
    """The hint of each case, by its key."""
    user = context["request"].user
    return hints(tasks, user) if isinstance(user, User) else {}


@register.filter
def turn_of(found: Mapping[int, str], task: ReadingTask) -> SafeString:
    """The attribute of a row; nothing for a case without a hint."""
    hint = found.get(task.pk)
    return format_html(' data-turn="{}"', hint) if hint else SafeString("")

"""{% warm_up_url %}: where the viewer starts before a case is chosen."""

from __future__ import annotations

from django import template

from viewer.ohif.library import BASE
from viewer.warm_up import STUDY

register = template.Library()


@register.simple_tag
def warm_up_url() -> str:
    return f"{BASE}viewer?StudyInstanceUIDs={STUDY}"

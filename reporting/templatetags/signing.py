"""Where something is signed, the page asks for a proof: `{% load signing %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext

from reporting.proving import ways_of

register = template.Library()


@register.inclusion_tag("reporting/_proof.html", takes_context=True)
def proof(
    context: RequestContext, name: str, label: str = "Your password", path: str = "", *, optional: bool = False
) -> dict[str, Any]:
    """Password or passkey, for the form around it that is sent to `path` (this page when empty).

    `optional`: the form has other buttons that need neither.
    """
    request = context["request"]
    ways = ways_of(request.user)
    required = not optional and not ways.by_passkey
    return {"name": name, "label": label, "path": path or request.path, "ways": ways, "required": required}

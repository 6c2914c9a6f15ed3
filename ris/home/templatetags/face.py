"""What templates of every app use: `{% load face %}`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.template.context import RequestContext
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify

from ris.accounts.models import Site, User
from ris.core.texts import said_once as texts_said_once
from ris.home import navigation
from ris.notifications.models import Message
from ris.patients.models import Patient
from ris.patients.names import readable

register = template.Library()


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A site and what a person is there."""

    site: str
    roles: str


SPRITE = "vendor/bootstrap-icons/icons.svg"
CHECKS = (forms.CheckboxInput,)
CHOICES = (forms.RadioSelect, forms.CheckboxSelectMultiple)
WORDS = {"noshow": "No-show", "stat": "STAT", "fulfilled": "Completed"}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; with a label it is an image with that name, else decoration."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, static(SPRITE), name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static(SPRITE), name)


@register.simple_tag
def state(value: object, label: str = "") -> SafeString:
    """A state as a badge: `IN PROGRESS` becomes “In progress” with the class `state--in-progress`."""
    text = str(value or "none")
    words = label or WORDS.get(text.lower()) or text.replace("-", " ").replace("_", " ").capitalize()
    return format_html('<span class="state state--{}">{}</span>', slugify(text), words)


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The field's widget with the classes that its kind asks for."""
    widget = field.field.widget
    kind = "form-control"
    if isinstance(widget, CHECKS):
        kind = "form-check-input"
    elif isinstance(widget, CHOICES):
        kind = "choices"
    elif isinstance(widget, forms.Select):
        kind = "form-select"
    marks = [str(widget.attrs.get("class", "")), kind, "is-invalid" if field.errors else ""]
    return field.as_widget(attrs={"class": " ".join(mark for mark in marks if mark)})


@register.simple_tag
def once() -> SafeString:
    """The key of a form that makes something: sent twice, it is done once (ris.accounts.once)."""
    return format_html('<input type="hidden" name="once" value="{}">', secrets.token_urlsafe(12))


@register.filter
def dicom_day(text: str) -> str:
    """A date as the archive writes it, 20260315, as every page shows dates; nothing for what is no date."""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == len("YYYYMMDD") and text.isdigit() else ""


@register.filter
def readable_name(pn: str) -> str:
    """A name that came in an object (PN), as people read it."""
    return readable(pn)


@register.filter
def said_once(word: str, text: str) -> str:
    """A modality before a description that may begin with it."""
    return texts_said_once(word, text)


@register.filter
def unless_said(word: str, text: str) -> str:
    """A modality beside a description, or nothing where that says it."""
    return "" if texts_said_once(word, text) == text else word


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether the label stands behind the control."""
    return isinstance(field.field.widget, CHECKS)


@register.simple_tag
def role_lines(user: User) -> list[RoleLine]:
    """The person's roles, one line a site."""
    found: dict[str, list[str]] = {}
    for membership in user.memberships.select_related("site"):
        found.setdefault(membership.site.name, []).append(membership.get_role_display())
    return [RoleLine(site, ", ".join(roles)) for site, roles in found.items()]


@register.inclusion_tag("_nav.html", takes_context=True)
def nav(context: RequestContext) -> dict[str, Any]:
    """The main menu of the person who is signed in."""
    request = context["request"]
    match = request.resolver_match
    bar, more = navigation.folded(navigation.links(request.user, match.view_name if match else ""))
    return {"bar": bar, "more": more, "in_more": any(link.current for link in more)}


@register.inclusion_tag("_call_back.html", takes_context=True)
def call_back(context: RequestContext) -> dict[str, Any]:
    """The box that asks which report somebody calls about, for those who may read reports."""
    return {"may_read": navigation.may_somewhere(context["request"].user, "report.view")}


@register.inclusion_tag("notifications/_bell.html", takes_context=True)
def bell(context: RequestContext) -> dict[str, Any]:
    """How many notices the person who is signed in has not seen."""
    return {"unread": Message.objects.unread_by(context["request"].user).count()}


@register.inclusion_tag("patients/_banner.html")
def patient_banner(
    patient: Patient, site: Site | None = None, *, link: bool = True, as_filed: bool = False
) -> dict[str, Any]:
    """The one patient banner: name, sex, birth date and age, and the identifier that `site` uses (any without one).

    What was filed under a record that was merged shows who the person is now, and beside it the name of that record;
    `as_filed`, on the record's own pages, the record itself.
    """
    person = patient if as_filed else patient.current
    return {
        "patient": person,
        "filed": None if person.pk == patient.pk else patient,
        "identifier": person.identifier_at(site) if site else person.identifiers.first(),
        "link": link,
    }

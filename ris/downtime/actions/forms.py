"""Downtime forms: made in advance, each with numbers of its own; spoiled ones are never used."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.core.identifiers import UID_MAX
from ris.core.typeset.errors import RenderError
from ris.core.typeset.fonts import font_set
from ris.downtime import permissions
from ris.downtime.contents import QUESTIONS, blank_of
from ris.downtime.lifecycle import FORM
from ris.downtime.models import DowntimeForm
from ris.downtime.papers.content import Blank
from ris.downtime.papers.form import forms
from ris.events import emit
from ris.orders.models import ACCESSION_LENGTH
from ris.orders.numbers import reserve

MOST = 100


def make_forms(site: Site, *, count: int, by: Actor) -> tuple[list[DowntimeForm], bytes]:
    """So many new forms, and their PDF. Accession number and StudyInstanceUID are given out here and never again.

    There is no second print of a form: two papers with one number would be two patients with one number.
    Raises NotPermitted, InvalidInput.
    """
    permissions.require_print(by, site.pk)
    if not 1 <= count <= MOST:
        raise InvalidInput(f"Print 1 to {MOST} forms at a time.", fields={"count": f"1 to {MOST}"})
    # Before a number is spent: whether the site's name and the longest numbers can be drawn at all.
    _drawn([Blank(site.name, site.address, "W" * ACCESSION_LENGTH, "0" * UID_MAX, QUESTIONS)])
    made = _made(site, count, by)
    return made, _drawn([blank_of(form) for form in made])


def _drawn(blanks: list[Blank]) -> bytes:
    try:
        return forms(blanks, font_set(settings.PRINT_FONTS))
    except RenderError as problem:
        raise InvalidInput(f"The forms cannot be printed. {problem}") from None


@transaction.atomic
def _made(site: Site, count: int, by: Actor) -> list[DowntimeForm]:
    made = [
        DowntimeForm.objects.create(
            site=site,
            accession_number=numbers.accession,
            accession_issuer=numbers.issuer,
            requested_procedure_id=numbers.procedure_id,
            study_instance_uid=numbers.study_instance_uid,
            made_at=timezone.now(),
            made_by_name=by.display[:160],
        )
        for numbers in reserve(site, count)
    ]
    audit.record("downtime.forms-made", made[0], by=by, first=str(made[0]), last=str(made[-1]), count=count)
    emit("downtime.forms-made", made[0], by=by, count=count)
    return made


@transaction.atomic
def spoil_form(form: DowntimeForm, *, reason: str, by: Actor) -> DowntimeForm:
    """Torn, lost, written on by mistake: its number is used by nobody. Raises TransitionError once it was entered."""
    form = DowntimeForm.objects.select_for_update(of=("self",)).select_related("site").get(pk=form.pk)
    permissions.require_print(by, form.site_id)
    if not reason.strip():
        raise InvalidInput("A reason is needed.", fields={"reason": "What happened to the paper?"})
    words = reason.strip()[:255]
    FORM.advance(form, "spoil", spoil_reason=words, settled_at=timezone.now(), settled_by_name=by.display[:160])
    audit.record("downtime.form-spoiled", form, by=by, accession=str(form), reason=words)
    emit("downtime.form-spoiled", form, by=by)
    return form

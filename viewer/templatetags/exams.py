"""What the page calls the studies that it shows, for what it says of one of several."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django import template

from worklist.models import Study

register = template.Library()


@register.filter
def exam_names(studies: Iterable[Study]) -> str:
    """{StudyInstanceUID: "CT chest, 2026-03-01, N00000001"} as JSON."""
    return json.dumps({study.study_instance_uid: _name(study) for study in studies})


def _name(study: Study) -> str:
    day = study.study_date
    written = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdecimal() else ""
    return ", ".join(filter(None, (study.description or "the exam", written, study.accession_number)))

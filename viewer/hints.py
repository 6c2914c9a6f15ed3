"""What the viewer may get ready for while the server still opens a case: which studies it would show, and how.

A hint lets nobody see anything: it names studies that the reader may open, the viewer asks nothing of them before the
server has opened the case, and the page that comes then says anew what is shown.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.urls import reverse

from ris.accounts.models import User
from viewer.hanging.choice import Hangings
from viewer.launch import Launch
from worklist.lifecycle import READING, STUDY
from worklist.models import ReadingTask, Study, StudyLink
from worklist.reading.filters import Filter
from worklist.reading.rows import next_cases

HINTED = 40
"""Of a list the first so many rows: whoever scrolls further waits a moment longer."""


def hints(tasks: Sequence[ReadingTask], user: User) -> dict[int, str]:
    """For each of these cases that has images: {"room", "studies", "route", "protocol"} as JSON; four queries.

    The same as `launch.of_case` would say of each, which needs four queries a case.
    """
    found = _studies([task.pk for task in tasks[:HINTED]], user)
    hangings = Hangings(user, {study for studies in found.values() for study in studies})
    return {task: _hint(task, studies, hangings) for task, studies in found.items()}


def of_next(task: ReadingTask, user: User, chosen: Filter) -> str:
    """The hint of the case that "next case" would most likely bring from this one; empty when there is none.

    Somebody else may take it meanwhile: then the server brings another, and the viewer turns once more.
    """
    free = next_cases(user, chosen).filter(state__in=READING.groups["free"]).exclude(pk=task.pk)
    found = list(free[:1])
    return hints(found, user).get(found[0].pk, "") if found else ""


def _hint(task: int, studies: list[Study], hangings: Hangings) -> str:
    shown = Launch(studies, None, {}, hangings.hang(studies))
    room = reverse("viewer:reading-room", args=[task])
    said = {"room": room, "studies": shown.uids, "route": shown.route, "protocol": shown.protocol_json}
    return json.dumps(said, separators=(",", ":"))


def _studies(tasks: Iterable[int], user: User) -> dict[int, list[Study]]:
    """By case, in the order in which they are shown."""
    links = StudyLink.objects.filter(active=True, requested_procedure__reading_tasks__in=tasks)
    pairs = set(links.values_list("requested_procedure__reading_tasks", "study_id"))
    visible = Study.objects.visible_to(user).filter(state__in=STUDY.groups["readable"])
    studies = visible.filter(pk__in={study for _task, study in pairs}).order_by("study_date", "study_time", "pk")
    found: dict[int, list[Study]] = defaultdict(list)
    for study in studies:
        for task in sorted(task for task, linked in pairs if linked == study.pk):
            found[task].append(study)
    return dict(found)

"""What is different between a page and the draft of an addendum, a correction or a withdrawal as it is saved."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from reporting.amending.correcting import addable, key_of
from reporting.amending.dropping import droppable, image_words, meant
from reporting.amending.fieldset import shown_fields
from reporting.amending.forms import WHY
from reporting.amending.instants import written
from reporting.amending.record import Amendment
from reporting.forms import fields_of
from reporting.joining.rows import Fields, Texts, Tick, differing, pairs
from reporting.models import ReportVersion

BASE = "base-"


def both_of(draft: Amendment, base: ReportVersion, page: QueryDict) -> dict[str, Any]:
    """Texts, what stands in the small fields, and ticks; of each what says something else here and there."""
    ticks = _ticks(draft, base, page) if draft.kind == "correction" else []
    return {"texts": _texts(draft, page), "fields": _fields(draft, base, page), "ticks": ticks}


def _texts(draft: Amendment, page: QueryDict) -> list[Texts]:
    saved = [(f"text-{number}", item["title"], item["text"]) for number, item in enumerate(draft.texts)]
    if draft.kind in WHY:
        saved.append(("reason", WHY[draft.kind], draft.reason))
    mine = {name: str(page[name]) for name in page}
    began = {name.removeprefix(BASE): text for name, text in mine.items() if name.startswith(BASE)}
    return pairs(saved, mine, began)


def _fields(draft: Amendment, base: ReportVersion, page: QueryDict) -> list[Fields]:
    """Of a correction the fields that the page touched; else who called, and when."""
    if draft.kind == "correction":
        labels = {spec["key"]: str(spec["label"]) for spec in draft.report.template.fields}
        return differing(shown_fields(draft, base), labels, fields_of(page).typed)
    return _call(draft, page)


def _call(draft: Amendment, page: QueryDict) -> list[Fields]:
    """The time of no call is none."""
    mine, saved = str(page.get("caller", draft.caller)).strip(), draft.caller
    when = written(draft.called_at, draft.report.site.zone)
    ours = str(page.get("called_at", when)) if mine else ""
    rows = [("caller", "Who called", mine, saved), ("called_at", "When", ours, when)]
    return [Fields(key, label, here, there, there, "") for key, label, here, there in rows if here != there]


def _ticks(draft: Amendment, base: ReportVersion, page: QueryDict) -> list[Tick]:
    said, report = base.content, draft.report
    mine, saved = meant(said, page.getlist("left_out")), meant(said, draft.left_out)
    rows = [("left_out", row.key, row.words) for row in droppable(said) if (row.key in mine) != (row.key in saved)]
    here, there = page.getlist("key_images"), draft.key_images
    images = [(key_of(one), image_words(one.place, one.label)) for one in addable(report, base)]
    rows += [("key_images", key, words) for key, words in images if (key in here) != (key in there)]
    return [Tick(name, key, words, key in {*saved, *there}) for name, key, words in rows]

"""What is different between a page and the draft of an addendum, a correction or a withdrawal as it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """What a page or a program has. `texts`: by text-0, text-1 …, and reason; `began`: the same as it was before.

    `fields`: by key, as a person types them. Who called and when (by the site's clock) where it says so, else None.
    """

    texts: Mapping[str, str]
    began: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    caller: str | None = None
    called_at: str | None = None
    left_out: Sequence[str] = ()
    key_images: Sequence[str] = ()

    @classmethod
    def of_page(cls, page: QueryDict) -> Mine:
        """As the page sends it."""
        said = {name: str(page[name]) for name in page}
        return cls(
            texts=said,
            began={name.removeprefix(BASE): text for name, text in said.items() if name.startswith(BASE)},
            fields=fields_of(page).typed,
            caller=said.get("caller"),
            called_at=said.get("called_at"),
            left_out=page.getlist("left_out"),
            key_images=page.getlist("key_images"),
        )


def both_of(draft: Amendment, base: ReportVersion, mine: Mine) -> dict[str, Any]:
    """Texts, what stands in the small fields, and ticks; of each what says something else here and there."""
    ticks = _ticks(draft, base, mine) if draft.kind == "correction" else []
    return {"texts": _texts(draft, mine), "fields": _fields(draft, base, mine), "ticks": ticks}


def _texts(draft: Amendment, mine: Mine) -> list[Texts]:
    saved = [(f"text-{number}", item["title"], item["text"]) for number, item in enumerate(draft.texts)]
    if draft.kind in WHY:
        saved.append(("reason", WHY[draft.kind], draft.reason))
    return pairs(saved, mine.texts, mine.began)


def _fields(draft: Amendment, base: ReportVersion, mine: Mine) -> list[Fields]:
    """Of a correction the fields that the page touched; else who called, and when."""
    if draft.kind == "correction":
        labels = {spec["key"]: str(spec["label"]) for spec in draft.report.template.fields}
        return differing(shown_fields(draft, base), labels, mine.fields)
    return _call(draft, mine)


def _call(draft: Amendment, mine: Mine) -> list[Fields]:
    """The time of no call is none."""
    said, saved = (draft.caller if mine.caller is None else mine.caller).strip(), draft.caller
    when = written(draft.called_at, draft.report.site.zone)
    ours = (when if mine.called_at is None else mine.called_at) if said else ""
    rows = [("caller", "Who called", said, saved), ("called_at", "When", ours, when)]
    return [Fields(key, label, here, there, there, "") for key, label, here, there in rows if here != there]


def _ticks(draft: Amendment, base: ReportVersion, mine: Mine) -> list[Tick]:
    said, report = base.content, draft.report
    ours, saved = meant(said, mine.left_out), meant(said, draft.left_out)
    rows = [("left_out", row.key, row.words) for row in droppable(said) if (row.key in ours) != (row.key in saved)]
    here, there = mine.key_images, draft.key_images
    images = [(key_of(one), image_words(one.place, one.label)) for one in addable(report, base)]
    rows += [("key_images", key, words) for key, words in images if (key in here) != (key in there)]
    return [Tick(name, key, words, key in {*saved, *there}) for name, key, words in rows]

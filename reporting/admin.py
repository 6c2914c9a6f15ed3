"""Report templates and the rules that choose them, in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.forms import ChoiceField
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from reporting import template_mapping, template_pages
from reporting.autotext.record import Autotext
from reporting.critical.record import CriticalInterval, EscalationContact
from reporting.delay.record import PublishDelay
from reporting.dictation.record import DictationRule
from reporting.letterhead.admin import LetterheadAdmin  # noqa: F401  registers itself
from reporting.models import ReportTemplate, TemplateRule
from reporting.reread.record import RuleLevel
from ris import audit
from ris.accounts.admin_words import Explained

if TYPE_CHECKING:
    from django.db.models import Field, QuerySet
    from django.forms import Field as FormField


@admin.register(ReportTemplate)
class ReportTemplateAdmin(admin.ModelAdmin[ReportTemplate]):
    """Every page but the list is our own; all they do goes through the actions."""

    list_display = ("title", "key", "version", "state", "modality", "body_part")
    list_filter = ("state", "modality")
    search_fields = ("title", "key", "body_part")
    change_list_template = "admin/reporting/reporttemplate/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        pages: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
            "import/": ("import", template_pages.import_page),
            "preview/": ("preview", template_pages.preview),
            "samples/add/": ("sample", template_mapping.add_sample),
            "<int:pk>/publish/": ("publish", template_pages.publish),
            "<int:pk>/retire/": ("retire", template_pages.retire),
            "<int:pk>/next/": ("next", template_pages.next_version),
            "<int:pk>/export/": ("export", template_pages.export),
            "<int:pk>/mapping/": ("mapping", template_mapping.mapping),
            "<int:pk>/try/": ("try", template_mapping.try_mapping),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"reporting_reporttemplate_{name}")
            for route, (name, view) in pages.items()
        ]
        return [*own, *super().get_urls()]

    def add_view(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:  # type: ignore[override]
        return template_pages.edit(request, None)

    def change_view(self, request: HttpRequest, object_id: str, *_: Any, **__: Any) -> HttpResponse:  # type: ignore[override]
        return template_pages.edit(request, int(object_id) if object_id.isdecimal() else 0)

    def has_delete_permission(self, request: HttpRequest, obj: ReportTemplate | None = None) -> bool:
        """It is retired instead: reports were begun with it."""
        return False


@admin.register(TemplateRule)
class TemplateRuleAdmin(Explained):
    """Beyond what a procedure and a template say themselves; the most specific rule wins."""

    list_display = ("template_key", "procedure", "modality", "body_part", "radiologist", "site")
    list_filter = ("modality", "site")
    list_select_related = ("procedure", "radiologist", "site")
    explanations = {
        "procedure": "What is left empty matches everything. A procedure outweighs a body part, that a modality, "
        "that a radiologist, that a site.",
        "body_part": "As the catalogue of procedures writes it, such as CHEST.",
        "radiologist": "Only when this person opens the report.",
    }

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> FormField | None:
        if db_field.name == "template_key":
            rows = ReportTemplate.objects.published().order_by("title").values_list("key", "title")
            choices = [(key, f"{title} ({key})") for key, title in rows]
            return ChoiceField(choices=choices, label="Template", help_text="Of those that are published.")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def log_change(self, request: HttpRequest, obj: TemplateRule, message: Any) -> Any:
        _noted(request, "template.rule-changed", obj)
        return super().log_change(request, obj, message)

    def log_addition(self, request: HttpRequest, obj: TemplateRule, message: Any) -> Any:
        _noted(request, "template.rule-added", obj)
        return super().log_addition(request, obj, message)

    def delete_model(self, request: HttpRequest, obj: TemplateRule) -> None:
        _noted(request, "template.rule-removed", obj)
        super().delete_model(request, obj)


def _noted(request: HttpRequest, action: str, rule: TemplateRule) -> None:
    audit.record(action, rule, by=request.user, key=rule.template_key)  # type: ignore[arg-type]


@admin.register(RuleLevel)
class RuleLevelAdmin(admin.ModelAdmin[RuleLevel]):
    """How strictly a site reads a report over before it is signed."""

    list_display = ("rule", "site", "level")
    list_filter = ("site", "level")


@admin.register(PublishDelay)
class PublishDelayAdmin(Explained):
    """How long a site holds final reports back, so that their signer can recall them."""

    list_display = ("site", "minutes")
    explanations = {"minutes": "Reports of priority STAT or HIGH and those with a critical finding never wait."}


@admin.register(DictationRule)
class DictationRuleAdmin(Explained):
    """Whether a site keeps recordings with its drafts, and for how long."""

    list_display = ("site", "recording", "engine", "days_after_signing", "days_at_most")
    explanations = {
        "recording": "Readers of the site may then record sections; give somebody the role Typist. Pasting and "
        "dictating through the operating system need none of it.",
        "engine": "Recordings go to the server of SPEECH_ENGINE_URL first; what it understood is marked and "
        "must be checked.",
        "days_after_signing": "0: the sound is deleted as soon as the final report is released. What nobody had typed "
        "is kept for the days below; its author is told.",
        "days_at_most": "The sound is deleted then, typed or not; its author is told when nobody had typed it.",
    }


@admin.register(Autotext)
class AutotextAdmin(Explained):
    """Those of a site, a group or everybody; people keep their own on a page of their own."""

    list_display = ("keyword", "section", "procedure", "group", "site")
    list_filter = ("site", "group", "section")
    list_select_related = ("procedure", "group", "site")
    search_fields = ("keyword", "text")
    exclude = ("owner",)
    explanations = {
        "section": "The key of a section, such as findings; empty for any.",
        "procedure": "Empty: for every exam. The keyword normal is what Alt+0 writes into empty sections.",
        "site": "Group and site empty: for everybody.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Autotext]:
        return super().get_queryset(request).filter(owner=None)


@admin.register(EscalationContact)
class EscalationContactAdmin(Explained):
    """Who is told when a critical finding was read back by nobody in time; without one, all who sign there."""

    list_display = ("site", "place", "user", "reach")
    list_filter = ("site",)
    explanations = {
        "user": "Somebody who may see reports of the site.",
        "reach": "Telephone or pager, for people to read. A mail address is written to as well: with the accession "
        "number, and nothing of the patient.",
    }


@admin.register(CriticalInterval)
class CriticalIntervalAdmin(admin.ModelAdmin[CriticalInterval]):
    """How long a site allows for a category, where it is not an hour, twelve hours and three days."""

    list_display = ("site", "category", "minutes")
    list_filter = ("site",)

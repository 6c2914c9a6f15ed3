"""What is asked of whoever writes an autotext."""

from __future__ import annotations

from typing import Any

from django import forms

from reporting.autotext.actions import Written
from reporting.autotext.record import LONGEST_KEYWORD, LONGEST_TEXT, Autotext
from reporting.library import ReportTemplate
from ris.orders.models import Procedure


class AutotextForm(forms.Form):
    keyword = forms.CharField(
        label="Keyword",
        max_length=LONGEST_KEYWORD,
        help_text="Typed after a dot: .keyword and Tab. The keyword normal is what Alt+0 writes into empty sections.",
    )
    text = forms.CharField(
        label="Text",
        max_length=LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "true"}),
        help_text="Tab walks placeholders such as [side] and {size}; while one is left, nothing is signed.",
    )
    section = forms.ChoiceField(label="Section", required=False)
    procedure = forms.ChoiceField(label="Exam", required=False)

    def __init__(self, data: Any = None, *, of: Autotext | None = None) -> None:
        begin = {"keyword": of.keyword, "text": of.text, "section": of.section} if of else {}
        if of and of.procedure:
            begin["procedure"] = of.procedure.code
        super().__init__(data, initial=begin)
        self.fields["section"].choices = [("", "Any section"), *_sections(of)]  # type: ignore[attr-defined]
        exams = Procedure.objects.order_by("name").values_list("code", "name")
        self.fields["procedure"].choices = [("", "Any exam"), *exams]  # type: ignore[attr-defined]

    @property
    def written(self) -> Written:
        """What a valid form holds."""
        data = self.cleaned_data
        return Written(data["keyword"], data["text"], data["section"], data["procedure"])


def _sections(of: Autotext | None) -> list[tuple[str, str]]:
    """Every section of the published templates, by its key."""
    rows = ReportTemplate.objects.published().values_list("sections", flat=True)
    found = {str(section["key"]): str(section["title"]) for sections in rows for section in sections}
    if of and of.section:
        found.setdefault(of.section, of.section.capitalize())
    return sorted(found.items(), key=lambda pair: pair[1].casefold())


class FileForm(forms.Form):
    file = forms.FileField(label="File", help_text="A JSON file that was saved here.")

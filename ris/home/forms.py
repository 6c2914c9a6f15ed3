"""How every form of the project is drawn: label, control, help, errors, in Bootstrap's markup."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """The setting FORM_RENDERER; `{{ form }}` and `{{ field.as_field_group }}` then use templates/forms/."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

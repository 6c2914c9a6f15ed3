"""Our template as an MRRT file: always the same bytes for the same template."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from reporting.templates.fields import Spec, of_section, type_of
from reporting.templates.tidy import tidy

Data = Mapping[str, Any]
# What HTML has no words for goes along as JSON, in an attribute of our own.
OURS = ("sources", "pick", "detector_plane", "decimals", "compute")
FIELD_TYPES = {"number": "NUMBER", "text": "TEXT", "select": "SELECTION_LIST", "checkbox": "CHECKBOX", "date": "DATE",
               "time": "TIME", "computed": "TEXT"}  # fmt: skip
REQUIRED, NOT_REQUIRED = "PROHIBIT", "NONE"


def write(template: Data) -> str:
    """`template`: key, title, modality, body_part, sections, fields, about. The HTML5 file as text."""
    sections, fields = tidy(template["sections"]), tidy(template["fields"])
    lines = [
        "<!DOCTYPE html>", '<html lang="en">', "<head>", f"<title>{escape(template['title'])}</title>",
        '<meta charset="UTF-8">', *_metas(template),
        '<script type="text/xml">', *_attributes(sections, fields), "</script>", "</head>", "<body>",
    ]  # fmt: skip
    for section in sections:
        lines += _section(section, of_section(fields, section["key"]))
    return "\n".join([*lines, "</body>", "</html>", ""])


def _metas(template: Data) -> Iterator[str]:
    about = template.get("about") or {}
    named = {"dcterms.title": template["title"], "dcterms.type": "IMAGE_REPORT_TEMPLATE",
             **{f"dcterms.{name}": about[name] for name in sorted(about)},
             "isocenter.key": template["key"], "isocenter.modality": template.get("modality", ""),
             "isocenter.body-part": template.get("body_part", "")}  # fmt: skip
    for name, content in named.items():
        yield f"<meta {_attribute('name', name)} {_attribute('content', content)}>"


def _attributes(sections: list[Spec], fields: list[Spec]) -> Iterator[str]:
    yield "<template_attributes>"
    yield "<top-level-flag>true</top-level-flag>"
    yield "<status>ACTIVE</status>"
    yield "<coded_content>"
    for origin, code in _codes(sections, fields):
        values = {"meaning": code.get("name", ""), "value": code["code"], "scheme": code["scheme"]}
        written = " ".join(_attribute(name, value) for name, value in values.items())
        yield f"<entry {_attribute('ORIGTXT', origin)}><term><code {written}/></term></entry>"
    yield "</coded_content>"
    yield "</template_attributes>"


def _codes(sections: list[Spec], fields: list[Spec]) -> Iterator[tuple[str, dict[str, str]]]:
    for section in sections:
        if "code" in section:
            yield f"section.{section['key']}", section["code"]
    for spec in fields:
        if "code" in spec:
            yield f"field.{spec['key']}", spec["code"]
        for number, option in enumerate(spec.get("options", [])):
            if "code" in option:
                yield f"field.{spec['key']}.{number}", option["code"]


def _section(section: Spec, fields: list[Spec]) -> list[str]:
    key, title = section["key"], section["title"]
    # HTML swallows one line end after the tag, so one is given to it.
    about = f'{_attribute("id", f"text.{key}")} data-field-type="TEXTAREA"'
    area = f"<textarea {about}>\n{escape(section.get('text', ''))}</textarea>"
    return [
        f'<section {_attribute("id", f"section.{key}")} class="level1" {_attribute("data-section-name", title)}>',
        f'<header class="level1">{escape(title)}</header>', f"<p>{area}</p>",
        *(f"<p>{_field(spec)}</p>" for spec in fields), "</section>",
    ]  # fmt: skip


def _field(spec: Spec) -> str:
    name = f"field.{spec['key']}"
    label = f"<label {_attribute('for', name)}>{escape(spec['label'])}</label>"
    return f"{label} {_select(spec, name) if type_of(spec) == 'select' else _input(spec, name)}"


def _common(spec: Spec, name: str) -> dict[str, str]:
    action = REQUIRED if spec.get("required") else NOT_REQUIRED
    common = {"id": name, "name": spec["key"], "data-field-type": FIELD_TYPES[type_of(spec)],
              "data-field-completion-action": action}  # fmt: skip
    if "merge" in spec:
        common |= {"data-field-merge-flag": "true", "data-field-merge-source": spec["merge"]}
    ours = {part: spec[part] for part in OURS if part in spec}
    if len(spec.get("units", [])) > 1 or (spec.get("units") and type_of(spec) != "number"):
        ours["units"] = spec["units"]
    if type_of(spec) == "computed":
        ours["type"] = "computed"
    if ours:
        common["data-isocenter"] = json.dumps(ours, sort_keys=True, separators=(",", ":"))
    return common | ({"title": spec["help"]} if "help" in spec else {})


def _input(spec: Spec, name: str) -> str:
    kind = {"number": "number", "checkbox": "checkbox", "date": "date", "time": "time"}.get(type_of(spec), "text")
    values = {"type": kind, **_common(spec, name)}
    if type_of(spec) == "number":
        values |= {"step": "any", "data-field-units": (spec.get("units") or [""])[0]}
        values |= {end: repr(spec[side]) for end, side in (("min", "minimum"), ("max", "maximum")) if side in spec}
    if "default" in spec:
        values["value"] = spec["default"]
    return f"<input {' '.join(_attribute(key, value) for key, value in values.items())}>"


def _select(spec: Spec, name: str) -> str:
    values = " ".join(_attribute(key, value) for key, value in _common(spec, name).items())
    rows = []
    for number, option in enumerate(spec["options"]):
        chosen = " selected" if spec.get("default") == option["value"] else ""
        about = f"{_attribute('id', f'{name}.{number}')} {_attribute('value', option['value'])}{chosen}"
        rows.append(f"<option {about}>{escape(option['label'])}</option>")
    return f"<select {values}>{''.join(rows)}</select>"


def _attribute(name: str, value: str) -> str:
    return f'{name}="{escape(str(value))}"'

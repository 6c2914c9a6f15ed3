"""Files that other systems wrote: what we take, what we leave out and say so, what we refuse and why."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.templates.mrrt import MrrtRefused, read, write

# Written for this test in the manner of a public template library.
FOREIGN = """<!DOCTYPE html>
<html><head><title>US Liver</title><meta charset="UTF-8" />
<meta name="dcterms.identifier" content="50000099" /><meta name="dcterms.language" content="en" />
<meta name="dcterms.publisher" content="Society of Samples" /><meta name="dcterms.license" content="Free to use" />
<script type="text/xml"><!-- <template_attributes><top-level-flag>true</top-level-flag><status>ACTIVE</status>
<coded_content><entry ORIGTXT="T001"><term><code meaning="Findings" value="59776-5" scheme="LOINC" /></term></entry>
<entry ORIGTXT="T003"><term><code meaning="liver" value="RID58" scheme="RADLEX"></code></term></entry></coded_content>
</template_attributes> --></script></head>
<body>
<section id="T000" class="level1" data-section-name="Procedure"><header class="level1">Procedure</header>
<p>Ultrasound of the liver in
several planes.</p></section>
<section id="T001" class="level1" data-section-name="Findings"><header class="level1">Findings</header>
<p><label for="T002">Text:</label><textarea id="T002" data-field-type="TEXTAREA">The liver is normal.</textarea></p>
<p><label for="T003">Liver, length:</label><input type="number" id="T003" data-field-type="NUMBER" data-field-units="cm"
 min="5" max="30" data-field-completion-action="PROHIBIT" title="Mid-clavicular"> <label for="T003">cm</label></p>
<p><label for="T004">Portal vein</label><input type="number" id="T004" value="11"> mm</p>
<p><label for="T005">Texture</label><select id="T005" data-field-type="SELECTION_LIST">
<option value="fine" selected>Fine</option><option value="coarse">Coarse<option>Nodular</select></p>
<p><label for="T006">Ascites:</label><span id="T006" data-field-type="RADIO">
<input type="radio" id="T006_0" name="T006" value="None" checked>None</input>
<input type="radio" id="T006_1" name="T006" value="Much">Much</input></span></p>
<p><span id="T007" data-field-type="CHECKBOX"><input type="checkbox" value="Cysts">Cysts
<input type="checkbox" value="Gallstones" checked>Gallstones</span></p>
<p><label for="T008">Advice</label><input list="L" id="T008" value="Control"><datalist id="L">
<option value="Control">Control</option><option value="Biopsy">Biopsy</option></datalist></p>
<p><label for="T009">Done on</label><input type="date" id="T009"></p>
<section id="T010" data-section-name="Spleen"><input type="text" id="T011" value="Normal."></section>
</section></body></html>"""


@pytest.fixture
def taken() -> dict[str, Any]:
    imported = read(FOREIGN)
    assert imported.notes == []
    return imported.template


def of(taken: dict[str, Any], label: str) -> dict[str, Any]:
    return next(spec for spec in taken["fields"] if spec["label"] == label)


def test_sections_come_with_their_text_in_order(taken: dict[str, Any]) -> None:
    assert [(row["title"], row.get("text")) for row in taken["sections"]] == [
        ("Procedure", "Ultrasound of the liver in several planes."),
        ("Findings", "The liver is normal."),
        ("Spleen", "Normal."),
    ]


def test_origin_and_codes_are_kept(taken: dict[str, Any]) -> None:
    assert taken["about"] == {"identifier": "50000099", "language": "en", "publisher": "Society of Samples",
                              "license": "Free to use"}  # fmt: skip
    assert taken["sections"][1]["code"] == {"scheme": "LOINC", "code": "59776-5", "name": "Findings"}
    assert of(taken, "Liver, length")["code"]["code"] == "RID58"


def test_a_number_comes_with_its_unit_bounds_and_demand(taken: dict[str, Any]) -> None:
    liver, vein = of(taken, "Liver, length"), of(taken, "Portal vein")
    assert (liver["units"], liver["minimum"], liver["maximum"], liver["required"]) == (["cm"], 5, 30, True)
    assert liver["help"] == "Mid-clavicular"
    assert (vein["units"], vein["default"]) == (["mm"], "11")


def test_lists_buttons_and_boxes_become_choices(taken: dict[str, Any]) -> None:
    texture, ascites, advice = (of(taken, label) for label in ("Texture", "Ascites", "Advice"))
    assert [option["label"] for option in texture["options"]] == ["Fine", "Coarse", "Nodular"]
    assert texture["default"] == "fine"
    assert ([option["value"] for option in ascites["options"]], ascites["default"]) == (["None", "Much"], "None")
    assert (advice["type"], advice["default"]) == ("select", "Control")
    assert ("default" in of(taken, "Cysts"), of(taken, "Gallstones")["default"]) == (False, "yes")
    assert of(taken, "Done on")["type"] == "date"


def test_what_was_imported_goes_out_and_comes_back_the_same(taken: dict[str, Any]) -> None:
    again = read(write(taken)).template
    assert again == taken


@pytest.mark.parametrize(("inside", "note"), [
    ("<script>steal()</script>", "A script was left out."),
    ('<p onclick="steal()">x</p>', "would run a script"),
    ('<a href=" JavaScript:steal()">x</a>', "A link that would run"),
    ('<iframe src="https://evil.example"></iframe>', "<iframe> was left out."),
    ("<svg onload=steal()></svg>", "<svg> was left out."),
    ('<input type="hidden" value="x">', "type hidden was left out"),
    ('<label for=m>Pager</label><input id=m data-field-merge-flag="true">', "“Pager” would have been filled by"),
    ('<input id=m data-field-type=MERGE data-field-merge-source="RIS.BED">', "with “RIS.BED”; here it is typed"),
    ('<label for=m>Seen</label><input id=m type="datetime-local">', "“Seen” asks for a day with a time"),
    ('<label for=m>LMP</label><input id=m type="date" max="2026-01-01">', "every date is taken here"),
    ('<label for=m>Signs</label><span id=m data-field-type=CHECKBOX data-field-completion-action=PROHIBIT>'
     '<input type=checkbox value=Air></span>', "“Signs” asked for one of its boxes"),
    ('<p style="background: url(https://evil.example/steal)">x</p>', "A style of its own"),
    ('<a href="https://evil.example/steal">x</a>', "A link to another place"),
    ('<p background="//evil.example/steal">x</p>', "A link to another place"),
    ('<embed src="https://evil.example/steal" type="text/html">', "is embedded in it and was left out"),
])  # fmt: skip
def test_what_could_run_is_left_out_and_told(inside: str, note: str) -> None:
    imported = read(f"<title>T</title><section data-section-name='F'>{inside}</section>")
    assert any(note in words for words in imported.notes)
    assert "steal" not in str(imported.template)
    assert "evil" not in str(imported.template)


def test_days_times_and_what_the_exam_fills_come_along_and_go_out_again() -> None:
    inside = """<label for=d>Done on</label><input id=d type=text data-field-type="DATE" value="2026-01-31">
    <label for=t>Called at</label><input id=t type="time" data-field-type="TIME" value="14:30">
    <label for=a>Age</label><input id=a data-field-merge-flag="true">
    <label for=b>When</label><input id=b type="date" data-field-type="MERGE" data-field-merge-source="Study Date">
    <label for=c>Signs</label><select id=c multiple><option selected>Air</option><option>Fluid</option></select>
    <input type="textarea" id=x value="As before.">"""
    imported = read(f"<title>T</title><section data-section-name='F'>{inside}</section>")
    fields = [
        (spec["label"], spec["type"], spec.get("default") or spec.get("merge")) for spec in imported.template["fields"]
    ]
    assert fields == [
        ("Done on", "date", "2026-01-31"), ("Called at", "time", "14:30"), ("Age", "text", "age"),
        ("When", "date", "exam-date"), ("Signs: Air", "checkbox", "yes"), ("Signs: Fluid", "checkbox", None),
    ]  # fmt: skip
    assert imported.template["sections"][0]["text"] == "As before."
    assert imported.notes == []
    assert read(write(imported.template)).template == imported.template


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "</textarea><script>x</script>", '" onload="x', "&lt;b&gt;"]
)
def test_markup_in_our_own_texts_stays_text(words: str) -> None:
    """As text it is harmless, and it comes back as it was."""
    template = {"key": "t", "title": words, "modality": "", "body_part": "", "about": {},
                "sections": [{"key": "f", "title": "F", "text": words}],
                "fields": [{"key": "a", "label": words, "section": "f", "type": "text", "default": words}]}  # fmt: skip
    imported = read(write(template))
    assert imported.template == template
    assert imported.notes == []


@pytest.mark.parametrize(("markup", "said"), [
    ("", "no <section>"), ("just words", "no <section>"), ("%PDF-1.7", "no <section>"),
    ("<section data-section-name='F'></section>", "It has no title"),
    ("<title>T</title><section><input type=number id=x value=wide></section>", "x, default: A number"),
    ("<title>T</title><section><input type=number id=x min=5 max=2></section>", "x, maximum: Not below"),
    ("<title>T</title><section><input type=date id=x value='31.01.2026'></section>", "x, default: A day, such as"),
    ("<title>T</title><section><input type=time id=x value='25:00'></section>", "x, default: A time of day, such as"),
    ("<title>T</title>" + "<div>" * 100, "60 deep"),
    ("<title>T</title><section>" + "<br>" * 30_000, "20000 elements"),
    ("x" * 1_000_001, "larger than 1000 kB"),
    ("<title>T</title>" + "<section>x</section>" * 31, "At most 30."),
    ("<title>T</title><section>" + "<input id=x>" * 1500, "more than 1200 fields"),
    ("<title>T</title><section><select id=x>" + "".join(f"<option>{n}" for n in range(9000)), "1 to 60 options"),
    ("<title>T</title><section>x<![x[</section>", "begins with “<![”"),
    ("<title>T</title><section>x<![0", "begins with “<![”"),
    ("<title>T</title><section><input type=number id=x data-field-units='m\x00'></section>", "cannot be stored"),
])  # fmt: skip
def test_what_is_no_template_is_refused_in_words(markup: str, said: str) -> None:
    with pytest.raises(MrrtRefused) as refused:
        read(markup)
    assert said in str(refused.value)


def test_entities_of_a_document_mean_nothing() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><title>T</title><section>&b;&b;</section>'
    imported = read(bomb)
    assert len(str(imported.template)) < 400
    assert any("entities of its own" in words for words in imported.notes)


TAGS = st.sampled_from([
    "<section>", "</section>", "<section data-section-name='A'>", "<p>", "</p>", "<input type=number>", "<!--",
    "<input type=checkbox>", "<select>", "<option>", "</select>", "<textarea>", "</textarea>", "<label>", "</script>",
    "<span data-field-type=RADIO>", "<script type='text/xml'>", "<title>T</title>", "<input data-isocenter='[[]]'>",
    "<input data-isocenter='{\"units\":5}'>", "<datalist id=''>",
])  # fmt: skip


def outcome(markup: str) -> object:
    try:
        return read(markup).template["sections"]
    except MrrtRefused as refused:
        return str(refused)


@given(st.lists(st.one_of(TAGS, st.text(max_size=8)), max_size=30))
def test_whatever_a_file_is_it_is_read_or_refused_in_words(parts: list[str]) -> None:
    assert outcome("<title>T</title>" + "".join(parts))

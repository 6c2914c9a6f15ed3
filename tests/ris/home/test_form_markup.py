from __future__ import annotations

import re
from datetime import date

from django import forms
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory

from ris.home.templatetags.face import dicom_day, icon, patient_banner, readable_name, state
from tests.world import World


class Sample(forms.Form):
    family = forms.CharField(help_text="As in the passport.")
    given = forms.CharField(required=False)
    sex = forms.ChoiceField(choices=[("F", "Female"), ("M", "Male")])
    urgency = forms.ChoiceField(widget=forms.RadioSelect, choices=[("r", "Routine")])
    confidential = forms.BooleanField(required=False)


def test_a_faulty_field_points_to_its_help_and_its_error() -> None:
    html = str(Sample({"family": ""})["family"].as_field_group())
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described is not None
    for target in described.group(1).split():
        assert f'id="{target}"' in html
    assert 'aria-invalid="true"' in html
    assert "form-control is-invalid" in html


def test_only_a_field_that_may_stay_empty_says_optional() -> None:
    form = Sample()
    assert "optional" in form["given"].as_field_group()
    assert "optional" not in form["family"].as_field_group()


def test_every_control_has_a_label_or_a_legend() -> None:
    html = str(Sample())
    assert '<label class="form-label" for="id_family">' in html
    assert '<label class="form-check-label" for="id_confidential">' in html
    assert '<legend class="form-label">Urgency' in html
    assert 'class="form-select"' in html


def test_a_fault_of_the_whole_form_is_announced() -> None:
    form = Sample({"family": "A", "sex": "F", "urgency": "r"})
    form.add_error(None, "This patient is registered already.")
    assert 'role="alert"' in str(form)


def test_a_widget_keeps_its_own_class() -> None:
    class Dated(forms.Form):
        day = forms.CharField(widget=forms.TextInput(attrs={"class": "mono"}))

    assert 'class="mono form-control"' in str(Dated())


def test_a_state_is_a_word_with_a_class() -> None:
    assert state("IN PROGRESS") == '<span class="state state--in-progress">In progress</span>'
    assert "No-show" in state("noshow")
    assert "&lt;i&gt;" in state("<i>")


def test_an_icon_is_decoration_unless_it_is_named() -> None:
    assert 'aria-hidden="true"' in icon("search")
    assert 'role="img" aria-label="Search"' in icon("search", "Search")


def test_every_icon_in_a_template_is_in_the_sprite(settings: object) -> None:
    base = settings.BASE_DIR  # type: ignore[attr-defined]
    sprite = (base / "static/vendor/bootstrap-icons/icons.svg").read_text()
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    used = {
        name
        for path in (base / "templates").rglob("*.html")
        for name in re.findall(r'(?:{% icon |\bicon=)"([^"]+)"', path.read_text())
    }
    assert used
    assert used <= known


def test_what_objects_and_the_archive_say_is_shown_as_people_read_it() -> None:
    assert dicom_day("20260315") == "2026-03-15"
    assert dicom_day("") == dicom_day("2026.03.15") == dicom_day("unknown") == ""
    assert readable_name("Radiologist^Rita^^Dr.") == "Dr. Rita Radiologist"


def test_pagination_keeps_the_filters(rf: RequestFactory) -> None:
    page = Paginator(range(50), 20).page(2)
    html = render_to_string("_pagination.html", {"page": page}, rf.get("/orders/?state=active&page=2"))
    assert "?state=active&amp;page=3" in html
    assert "Page 2 of 3, 50 in all" in html


def test_the_banner_names_the_patient_and_the_site_s_number(world: World) -> None:
    patient = world.patient("O'Hara<b>", "Scarlett", birth_date=date(1990, 1, 2), confidential=True)
    page = render_to_string("patients/_banner.html", patient_banner(patient, world.north))
    assert "O&#x27;Hara&lt;b&gt;, Scarlett" in page
    assert "2 Jan 1990" in page
    assert f'data-patient-id="{patient.pk}"' in page
    assert str(patient.identifiers.get(issuer=world.north.patient_id_issuer).value) in page
    assert "Confidential" in page


def test_a_banner_without_a_site_still_tells_a_number(world: World) -> None:
    patient = world.patient()
    assert patient_banner(patient)["identifier"] == patient.identifiers.get()

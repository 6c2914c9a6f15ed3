"""What is entered into a field is taken as it is meant, or kept with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.templates.fields import written
from reporting.templates.units import EXACT, convert, convertible
from reporting.templates.values import typed

DIAMETER = {"type": "number", "units": ["mm", "cm"], "minimum": 0, "maximum": 300}
SIDE = {"type": "select", "options": [{"value": "left", "label": "Left side"}]}


def entered(spec: dict[str, Any], raw: str) -> dict[str, Any]:
    held = typed(spec, raw, by="Rita", at="2026-01-05T10:00:00+00:00")
    assert held is not None
    return held


@pytest.mark.parametrize(("raw", "value", "unit", "text"), [
    ("12", 12.0, "mm", "12 mm"), ("12.5", 12.5, "mm", "12.5 mm"), ("12,5 cm", 12.5, "cm", "12.5 cm"),
    (" .5mm ", 0.5, "mm", "0.5 mm"), ("30 cm", 30.0, "cm", "30 cm"),
])  # fmt: skip
def test_a_number_is_read_with_its_unit(raw: str, value: float, unit: str, text: str) -> None:
    held = entered(DIAMETER, raw)
    assert (held["value"], held["unit"], held["text"], held["by"]) == (value, unit, text, "Rita")


@pytest.mark.parametrize(("raw", "said"), [
    ("twelve", "A number, such as 12.5."), ("12 px", "In mm or cm only."), ("1e9", "In mm or cm only."),
    ("-1", "Between 0 and 300 mm."), ("31 cm", "Between 0 and 300 mm."), ("12 mm mm", "In mm or cm only."),
])  # fmt: skip
def test_what_is_no_value_is_kept_with_a_sentence(raw: str, said: str) -> None:
    held = entered(DIAMETER, raw)
    assert held["fault"] == said
    assert held["raw"] == raw.strip()
    assert "value" not in held


@pytest.mark.parametrize("raw", ["9" * 13, "9" * 400, f"-{'9' * 400}"])
def test_a_number_without_end_is_no_value_and_never_infinity(raw: str) -> None:
    held = entered({"type": "number"}, raw)
    assert held["fault"] == "A number of at most twelve digits."
    assert "value" not in held


@pytest.mark.parametrize(("spec", "raw", "value", "text"), [
    (SIDE, "left", "left", "Left side"), ({"type": "checkbox"}, "yes", True, "yes"),
    ({"type": "checkbox"}, "no", False, "no"), ({"type": "date"}, "2026-02-28", "2026-02-28", "2026-02-28"),
    ({"type": "text"}, " <b>bold</b> ", "<b>bold</b>", "<b>bold</b>"), ({}, "3", 3.0, "3"),
    ({"units": ["mm2"], "decimals": 1}, "3 mm²", 3.0, "3.0 mm²"),
])  # fmt: skip
def test_each_kind_of_field_takes_its_own(spec: dict[str, Any], raw: str, value: Any, text: str) -> None:
    held = entered(spec, raw)
    assert (held["value"], held["text"]) == (value, text)


@pytest.mark.parametrize(("spec", "raw"), [
    (SIDE, "Left side"), ({"type": "checkbox"}, "true"), ({"type": "date"}, "2026-02-30"), ({"type": "computed"}, "1"),
    ({"type": "text"}, "x" * 2001),
])  # fmt: skip
def test_what_another_kind_would_take_is_refused(spec: dict[str, Any], raw: str) -> None:
    assert "fault" in entered(spec, raw)


def test_an_emptied_field_holds_nothing() -> None:
    assert typed(DIAMETER, "  ", by="", at="") is None


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_value_or_is_kept(raw: str) -> None:
    held = typed(DIAMETER, raw, by="", at="")
    assert held is None or ("value" in held) != ("fault" in held)
    assert (held is None) == (not raw.strip())


@given(st.floats(1e-3, 1e6), st.sampled_from(sorted(EXACT)), st.sampled_from(sorted(EXACT)))
def test_steps_between_units_are_exact_or_there_are_none(value: float, one: str, other: str) -> None:
    if convertible(one, other):
        assert convert(convert(value, one, other), other, one) == pytest.approx(value, rel=1e-15)
    else:
        with pytest.raises(ValueError, match="no exact step"):
            convert(value, one, other)


@pytest.mark.parametrize(("value", "text"), [
    (33.64, "33.6"), (1234.5, "1234"), (0.0, "0.0"), (0.5, "0.5"), (0.042, "0.042"), (0.0000123, "0.000012"),
    (-2.0, "-2.0"),
])  # fmt: skip
def test_a_number_is_printed_as_people_read_it_and_never_as_nothing(value: float, text: str) -> None:
    assert written(value) == text

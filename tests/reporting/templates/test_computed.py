"""Computed fields: right where everything is there, empty where anything is missing."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.templates.computed import DOUBT, compute
from reporting.templates.fields import Held
from reporting.templates.formulas import FORMULAS

AXES = {"length": "l", "width": "w", "height": "h"}
VOLUME = {"key": "volume", "type": "computed", "units": ["mL"], "compute": {"rule": "ellipsoid", "inputs": AXES}}


def number(value: float, unit: str = "mm", **more: Any) -> Held:
    return {"kind": "typed", "value": value, "unit": unit, **more}


def choice(value: str | bool) -> Held:
    return {"kind": "typed", "value": value}


def result(rule: str, given: dict[str, Held | None], units: tuple[str, ...] = ("",)) -> Any:
    spec = {"key": "out", "type": "computed", "units": list(units),
            "compute": {"rule": rule, "inputs": {name: name for name in given}}}  # fmt: skip
    return compute([spec], dict(given))["out"]


def test_three_diameters_make_a_volume() -> None:
    held = compute([VOLUME], {"l": number(40), "w": number(30), "h": number(20)})["volume"]
    assert held is not None
    assert held["value"] == pytest.approx(math.pi / 6 * 24, rel=1e-6)
    assert (held["text"], held["unit"], held["kind"]) == ("12.6 mL", "mL", "computed")
    assert held["from"]["length"] == {"field": "l", "value": 40, "unit": "mm"}


@given(st.tuples(*[st.floats(0.1, 500)] * 3))
def test_centimetres_and_millimetres_make_the_same_volume(sides: tuple[float, float, float]) -> None:
    in_mm = compute([VOLUME], dict(zip("lwh", [number(side * 10) for side in sides], strict=True)))["volume"]
    in_cm = compute([VOLUME], dict(zip("lwh", [number(side, "cm") for side in sides], strict=True)))["volume"]
    assert in_mm is not None
    assert in_cm is not None
    assert in_cm["value"] == pytest.approx(in_mm["value"], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("missing", [None, {"removed": True}, {"kind": "typed", "raw": "4x", "fault": "A number."}])
def test_a_missing_diameter_makes_no_volume(missing: Held | None) -> None:
    assert compute([VOLUME], {"l": number(40), "w": number(30), "h": missing})["volume"] is None


@pytest.mark.parametrize("unit", ["px", "", "deg", "mm2"])
def test_a_unit_without_an_exact_step_makes_no_volume(unit: str) -> None:
    assert compute([VOLUME], {"l": number(40, unit), "w": number(30), "h": number(20)})["volume"] is None


@pytest.mark.parametrize("odd", [-1.0, 1e200, 1e308, float("inf"), float("nan"), "wide", [1], {"a": 1}])
def test_a_diameter_that_is_none_makes_no_volume(odd: Any) -> None:
    given: dict[str, dict[str, Any] | None] = {"l": number(40), "w": number(30), "h": number(odd)}
    assert compute([VOLUME], given)["volume"] is None


def test_a_diameter_of_nothing_makes_a_volume_of_nothing() -> None:
    held = compute([VOLUME], {"l": number(40), "w": number(30), "h": number(0)})["volume"]
    assert held is not None
    assert held["text"] == "0.0 mL"


FINITE = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.one_of(FINITE, st.booleans(), st.integers(), st.sampled_from(["solid", "baseline", "new", "4B", "x"]))
ODD = st.none() | st.builds(number, VALUES, st.sampled_from(["mm", "cm", "px", ""]))


@pytest.mark.parametrize("rule", FORMULAS)
@given(st.data())
def test_whatever_stands_in_the_fields_the_result_can_be_stored_or_there_is_none(
    rule: str, data: st.DataObject
) -> None:
    formula = FORMULAS[rule]
    names = ["a", "b", "c"] if formula.many else list(formula.inputs)
    held = result(rule, {name: data.draw(ODD) for name in names}, formula.units or ("",))
    assert held is None or json.dumps(held, allow_nan=False)


def test_a_value_that_is_gone_takes_the_result_with_it() -> None:
    first = compute([VOLUME], {"l": number(40), "w": number(30), "h": number(20)})
    assert compute([VOLUME], {**first, "h": None})["volume"] is None


def test_doubt_is_passed_on() -> None:
    held = compute([VOLUME], {"l": number(40, flags=["deviates"]), "w": number(30), "h": number(20)})["volume"]
    assert held is not None
    assert held["flags"] == [DOUBT]


def test_results_may_lean_on_results_in_any_order_and_never_on_themselves() -> None:
    ratio = {"rule": "ratio", "inputs": {"numerator": "psa", "denominator": "volume"}}
    density = {"key": "density", "type": "computed", "units": ["ng/mL/mL"], "decimals": 2, "compute": ratio}
    held: dict[str, Held | None] = {"l": number(40), "w": number(30), "h": number(20), "psa": number(2.5, "ng/mL")}
    assert compute([density, VOLUME], held)["density"]["text"] == "0.20 ng/mL/mL"  # type: ignore[index]
    circle = {**VOLUME, "compute": {"rule": "ellipsoid", "inputs": {**AXES, "height": "volume"}}}
    assert compute([circle], held)["volume"] is None


def test_the_sum_of_target_lesions_takes_those_that_are_there() -> None:
    found = result("sum", {"a": number(22), "b": number(1.8, "cm"), "c": None}, ("mm",))
    assert (found["value"], found["text"]) == (40.0, "40.0 mm")
    assert result("sum", {"a": None}, ("mm",)) is None


def test_a_lesion_that_is_being_corrected_makes_no_sum_of_the_others() -> None:
    wrong = {"kind": "typed", "raw": "2x", "fault": "A number, such as 12.5."}
    assert result("sum", {"a": number(22), "b": wrong}, ("mm",)) is None


@pytest.mark.parametrize(("now", "baseline", "nadir", "expected"), [
    (0, 100, 60, "CR"), (70, 100, 100, "PR"), (71, 100, 100, "SD"), (72, 100, 60, "PD"), (71, 100, 60, "SD"),
    (24, 100, 20, "PR"), (25, 100, 20, "PD"), (120, 100, 100, "PD"), (119, 100, 100, "SD"),
    (4.2, 6, 6, "PR"), (32.9, 47, 47, "PR"), (33, 47, 47, "SD"), (8.7, 10, 3.7, "PD"), (8.6, 10, 3.7, "SD"),
])  # fmt: skip
def test_response_follows_recist(now: float, baseline: float, nadir: float, expected: str) -> None:
    """Progression against the smallest sum and by 5 mm at least; partial response against the baseline."""
    found = result("recist", {"now": number(now), "baseline": number(baseline), "nadir": number(nadir)})
    assert found["value"] == expected


@pytest.mark.parametrize(("right", "left", "worst"), [("1", "2", "2"), ("4B", "5", "5"), ("0", "2", "0"),
                                                      ("4", "0", "4"), ("6", "3", "6"), ("2", None, "2")])  # fmt: skip
def test_the_more_serious_breast_decides(right: str, left: str | None, worst: str) -> None:
    found = result("birads", {"right": choice(right), "left": choice(left) if left else None})
    assert found["value"] == worst
    assert found["text"].startswith(f"BI-RADS {worst}: ")


@pytest.mark.parametrize(("kind", "status", "size", "solid", "category"), [
    ("solid", "baseline", 5.9, None, "2"), ("solid", "baseline", 6, None, "3"), ("solid", "baseline", 8, None, "4A"),
    ("solid", "baseline", 15, None, "4B"), ("solid", "new", 3.9, None, "2"), ("solid", "new", 4, None, "3"),
    ("solid", "new", 6, None, "4A"), ("solid", "new", 8, None, "4B"), ("solid", "growing", 7, None, "4A"),
    ("part-solid", "baseline", 5, 2, "2"), ("part-solid", "baseline", 9, 5, "3"),
    ("part-solid", "baseline", 9, 6, "4A"), ("part-solid", "baseline", 12, 8, "4B"),
    ("part-solid", "new", 9, 3, "4A"), ("part-solid", "new", 9, 4, "4B"),
    ("ground-glass", "baseline", 29, None, "2"), ("ground-glass", "baseline", 30, None, "3"),
    ("ground-glass", "stable", 40, None, "2"),
])  # fmt: skip
def test_nodules_fall_into_their_category(
    kind: str, status: str, size: float, solid: float | None, category: str
) -> None:
    given = {"nodule": choice(kind), "status": choice(status), "size": number(size),
             "solid": number(solid) if solid is not None else None}  # fmt: skip
    assert result("lungrads", given)["value"] == category


def test_a_part_solid_nodule_without_its_solid_part_has_no_category() -> None:
    given = {"nodule": choice("part-solid"), "status": choice("baseline"), "size": number(9), "solid": None}
    assert result("lungrads", given) is None
    assert result("lungrads", given | {"nodule": choice("solid"), "status": choice("stable")}) is None


@pytest.mark.parametrize(("size", "solid"), [(5, 8), (9, 9.5), (0, None), (0, 0), (-3, None)])
def test_a_nodule_smaller_than_its_part_or_of_no_size_has_no_category(size: float, solid: float | None) -> None:
    given = {"nodule": choice("part-solid"), "status": choice("baseline"), "size": number(size),
             "solid": number(solid) if solid is not None else None}  # fmt: skip
    assert result("lungrads", given) is None
    assert result("lungrads", given | {"nodule": choice("solid")}) is None


@pytest.mark.parametrize(("now", "before", "per_cent"), [(50, 40, 25), (30, 40, -25), (-50, -100, 50), (5, 0, None)])
def test_a_change_is_of_the_size_of_what_was_before(now: float, before: float, per_cent: float | None) -> None:
    held = result("change", {"now": number(now), "before": number(before)}, ("%",))
    assert (held and held["value"]) == per_cent


THYROID = {"composition": choice("solid"), "echogenicity": choice("hypoechoic"), "shape": choice("wider"),
           "margin": choice("smooth"), "macro": None, "rim": None, "punctate": None, "size": number(16)}  # fmt: skip


@pytest.mark.parametrize(("changes", "level", "advice"), [
    ({}, "TR4", "aspiration"), ({"size": number(12)}, "TR4", "follow-up by size"),
    ({"size": number(0.9, "cm")}, "TR4", "no follow-up"), ({"shape": choice("taller")}, "TR5", "aspiration"),
    ({"composition": choice("cystic"), "echogenicity": choice("anechoic")}, "TR1", "benign"),
    ({"composition": choice("mixed"), "echogenicity": choice("isoechoic")}, "TR2", "not suspicious"),
    ({"composition": choice("solid"), "echogenicity": choice("isoechoic")}, "TR3", "follow-up by size"),
    ({"punctate": choice(True)}, "TR5", "aspiration"), ({"composition": choice("spongiform")}, "TR1", "benign"),
])  # fmt: skip
def test_thyroid_points_make_a_level(changes: dict[str, Any], level: str, advice: str) -> None:
    found = result("tirads", THYROID | changes)
    assert found["value"] == level
    assert advice in found["text"]


def test_a_thyroid_nodule_of_no_size_gets_no_advice() -> None:
    assert result("tirads", THYROID | {"size": number(0)})["text"] == "TR4, 4 points: moderately suspicious"


def test_a_feature_that_is_missing_makes_no_level() -> None:
    assert result("tirads", THYROID | {"margin": None}) is None


def test_one_point_is_no_level_of_the_table() -> None:
    odd = THYROID | {"composition": choice("mixed"), "echogenicity": choice("anechoic")}
    assert result("tirads", odd) is None

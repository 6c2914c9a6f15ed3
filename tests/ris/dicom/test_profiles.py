from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from ris.dicom.models import DevicePool, DeviceProfile, Node
from ris.dicom.rules import Rules
from ris.dicom.validation import check_charset, check_keywords, check_max_lengths
from tests.world import World


@pytest.mark.parametrize(
    "value", ["", "ISO_IR 100", "ISO_IR 192", "GB18030", "\\ISO 2022 IR 87", "ISO 2022 IR 13\\ISO 2022 IR 87"]
)
def test_the_character_sets_of_dicom_are_taken(value: str) -> None:
    check_charset(value)


@pytest.mark.parametrize("value", ["UTF-8", "ISO_IR 192\\ISO 2022 IR 87", "ISO_IR 100\\nonsense"])
def test_what_is_no_character_set_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        check_charset(value)


@pytest.mark.parametrize("value", [[], {"PatientName": 0}, {"PatientName": "32"}, {"Nobody": 3}, {"PatientName": True}])
def test_lengths_are_whole_numbers_by_keyword(value: Any) -> None:
    with pytest.raises(ValidationError):
        check_max_lengths(value)


@pytest.mark.parametrize("value", ["PatientID", ["Nobody"], [1], {}])
def test_required_keys_are_a_list_of_keywords(value: Any) -> None:
    with pytest.raises(ValidationError):
        check_keywords(value)


def test_what_is_right_is_taken() -> None:
    check_max_lengths({"PatientName": 32})
    check_keywords(["PatientID", "PatientBirthDate"])


def test_a_device_without_a_profile_follows_the_defaults_in_its_own_character_set() -> None:
    assert Node(charset="ISO_IR 100").rules == Rules(charset="ISO_IR 100")


def test_a_profile_says_what_holds() -> None:
    profile = DeviceProfile(name="old", charset="ISO_IR 100", required_keys=["PatientID"], arrived_only=True)
    rules = Node(charset="GBK", profile=profile).rules
    assert (rules.charset, rules.required_keys, rules.arrived_only) == ("ISO_IR 100", ("PatientID",), True)
    assert (rules.days_back, rules.days_ahead, rules.result_limit) == (0, None, 500)


@pytest.mark.django_db
def test_a_device_stands_in_no_pool_of_another_site(world: World) -> None:
    node = world.node("CT1")
    node.pool = DevicePool.objects.create(site=world.south, name="portable")
    with pytest.raises(ValidationError, match="another site"):
        node.full_clean()

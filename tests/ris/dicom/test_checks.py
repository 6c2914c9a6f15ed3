from __future__ import annotations

import pytest
from django.core import checks
from pytest_django import Settings


def found(*ids: str) -> set[str | None]:
    return {message.id for message in checks.run_checks(include_deployment_checks=True)} & set(ids)


@pytest.mark.parametrize(
    ("password", "token", "problems"),
    [("", "", {"ris.dicom.E002"}), ("p", "", set()), ("", "t", set())],
)
def test_an_archive_without_credentials_is_an_error(
    settings: Settings, password: str, token: str, problems: set[str]
) -> None:
    settings.ORTHANC_PASSWORD, settings.ORTHANC_TOKEN = password, token
    assert found("ris.dicom.E002") == problems


@pytest.mark.parametrize(("secret", "problems"), [("", {"ris.dicom.W002"}), ("s", set())])
def test_a_hook_without_a_secret_is_a_warning(settings: Settings, secret: str, problems: set[str]) -> None:
    settings.HOOK_SECRET = secret
    assert found("ris.dicom.W002") == problems

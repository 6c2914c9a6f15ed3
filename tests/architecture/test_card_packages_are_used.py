"""The project was promised on these packages; each does real work somewhere."""

from __future__ import annotations

import pytest

from tests.architecture.sources import CODE, imported_packages, python_files

IN_THE_CODE = (
    "django",
    "rest_framework",
    "allauth",
    "celery",
    "redis",
    "pydicom",
    "pynetdicom",
    "dicomweb_client",
    "highdicom",
    "reportlab",
)


@pytest.mark.parametrize("package", IN_THE_CODE)
def test_the_code_imports(package: str) -> None:
    assert [path for path in python_files(*CODE) if package in imported_packages(path)]


def test_the_tests_import_pytest_django() -> None:
    assert [path for path in python_files("tests") if "pytest_django" in imported_packages(path)]

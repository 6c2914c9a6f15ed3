"""Programs that speak with the API, each with a token of its person."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from ris.accounts.models import ApiToken, User
from tests.world import World


def program_of(user: User, *, read_only: bool = False) -> APIClient:
    """A client with a fresh token of this person."""
    _token, key = ApiToken.issue(user, "a program of the tests", read_only=read_only)
    client = APIClient(raise_request_exception=True)
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


@pytest.fixture
def clerk(world: World) -> APIClient:
    return program_of(world.clerk)


@pytest.fixture
def technologist(world: World) -> APIClient:
    return program_of(world.technologist)


@pytest.fixture
def radiologist(world: World) -> APIClient:
    return program_of(world.radiologist)


@pytest.fixture
def referrer(world: World) -> APIClient:
    return program_of(world.referrer)


@pytest.fixture
def outsider(world: World) -> APIClient:
    """Radiologist and clerk of the other site."""
    return program_of(world.outsider)

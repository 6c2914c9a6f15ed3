"""What is sealed opens under the secret and for the purpose that it was sealed with, and for nothing else."""

from __future__ import annotations

import pytest
from cryptography.fernet import InvalidToken
from pytest_django import Settings

from ris.core.sealing import own_ring, ring


def test_the_first_secret_seals_and_all_of_them_open() -> None:
    sealed = ring(["old"], "letters").encrypt(b"kept")
    assert ring(["new", "old"], "letters").decrypt(sealed) == b"kept"
    with pytest.raises(InvalidToken):
        ring(["new"], "letters").decrypt(sealed)


def test_one_purpose_does_not_open_what_another_sealed() -> None:
    with pytest.raises(InvalidToken):
        ring(["one"], "letters").decrypt(ring(["one"], "keys").encrypt(b"kept"))


def test_a_former_secret_key_opens_while_it_is_among_the_fallbacks(settings: Settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "former", []
    sealed = own_ring("letters").encrypt(b"kept")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "present", ["former"]
    assert own_ring("letters").decrypt(sealed) == b"kept"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        own_ring("letters").decrypt(sealed)

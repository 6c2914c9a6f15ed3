"""Why a delivery did not succeed."""

from __future__ import annotations


class DeliveryError(Exception):
    """A subscriber could not do its work; a permanent one is parked for a person, others are tried again."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent

"""Bodies of the API: UTF-8 JSON in which every text can be stored and every number is finite."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from ris.core.texts import UNSTORABLE


class StrictJSONParser(JSONParser):
    """JSON as RFC 8259 has it. Raises ParseError, never anything else; Django bounds what is read."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            data = json.loads(stream.read().decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
        except (ValueError, RecursionError):
            raise ParseError("The body is not JSON.") from None
        require_storable(data)
        return data


def require_storable(data: object) -> None:
    """Raise ParseError when any text or name holds NUL or half of a surrogate pair. Depth costs no stack."""
    left = [data]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            left += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            left += item
        elif isinstance(item, str) and UNSTORABLE.search(item):
            raise ParseError("A text holds NUL or half of a surrogate pair, which no record can keep.")


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number beyond all measure")
    return number

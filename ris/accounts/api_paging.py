"""Pages of the API's lists: limit and offset, both bounded; a wrong one is told and not guessed."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.views import APIView

MOST = 200
FURTHEST = 1_000_000


class PageQuery(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=50)
    offset = serializers.IntegerField(min_value=0, max_value=FURTHEST, default=0)


class Pages(LimitOffsetPagination):
    """At most 200 rows an answer."""

    max_limit = MOST
    template = None

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any] | None:
        query = PageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        self._asked = query.validated_data
        return super().paginate_queryset(queryset, request, view)

    def get_limit(self, request: Request) -> int:
        return int(self._asked["limit"])

    def get_offset(self, request: Request) -> int:
        return int(self._asked["offset"])

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """OpenAPI parameters with the bounds that hold."""
        return [
            _parameter("limit", "How many rows.", {"minimum": 1, "maximum": MOST, "default": 50}),
            _parameter("offset", "How many rows to skip.", {"minimum": 0, "maximum": FURTHEST, "default": 0}),
        ]


def _parameter(name: str, description: str, bounds: dict[str, int]) -> dict[str, Any]:
    schema = {"type": "integer", **bounds}
    return {"name": name, "required": False, "in": "query", "description": description, "schema": schema}

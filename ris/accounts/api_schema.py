"""How the API describes itself: the token, the error answers of every operation, and bodies that are closed."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

READING = {
    "400": "The request is not what this description says.",
    "401": "No valid token or session.",
    "403": "Your roles, or the scopes of the token, do not allow it.",
    "406": "Only the media types of this description are answered.",
}
OF_ONE = {"404": "There is none, or it is not yours to see."}
WRITING = {
    "409": "The state does not allow it any more, or somebody else was first.",
    "413": "The body is too large.",
    "415": "The body is of a media type that this description does not have.",
    "422": "Well-formed, but it cannot be done; `fields` says what is wrong with what.",
    "503": "The database or a peer is busy; nothing was saved.",
}


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error of the API."""

    error = serializers.CharField(help_text="A short name that programs can compare.")
    message = serializers.CharField(help_text="What is wrong and what to do, for people.")
    fields = serializers.DictField(child=serializers.CharField(), help_text="The fault of each field, by its name.")  # type: ignore[assignment]


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "ris.accounts.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Authorization: Token <key>`. It acts as its owner, within its scopes, expires, and reads "
            "only unless issued for writing. A browser session works too; its writes need the X-CSRFToken header.",
        }


class StationSchema(AutoSchema):
    """Adds the error answers, so that no operation can forget one."""

    def get_operation_id(self) -> str:
        """patients_list, orders_cancel: the station and what is done there."""
        return f"{self.get_tags()[0]}_{self.view.action}"

    def get_summary(self) -> str:
        """The first sentence of the description."""
        return str(self.get_description()).partition("\n")[0].partition(". ")[0].rstrip(".")

    def get_operation(self, path: str, *place: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(path, *place)
        if operation is not None:
            reference = self.resolve_serializer(ErrorSerializer, "response").ref
            for status, words in _errors(path, self.method).items():
                body = {"content": {"application/json": {"schema": reference}}, "description": words}
                operation["responses"].setdefault(status, body)
        return operation


def _errors(path: str, method: str) -> dict[str, str]:
    of_one = OF_ONE if "{" in path else {}
    return READING | of_one | (WRITING if method not in {"GET", "HEAD"} else {})


def close_bodies(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: FBT001
    """Say in the schema what `Strict` does: a body has no other fields."""
    for name, component in result["components"]["schemas"].items():
        if name.endswith("Request") and component.get("type") == "object":
            component["additionalProperties"] = False
    return result

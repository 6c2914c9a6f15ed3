"""What the doors of all stations share."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db import models
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from ris.accounts.models import User
from ris.core.errors import NotPermitted
from ris.core.http import get_or_404

M = TypeVar("M", bound=models.Model)


class StationViewSet(GenericViewSet[M]):
    """Loads what the caller may see, hands the rest to the actions.

    `model` and `visible` say what there is for a user; without the permission `needs`, or one of several, somewhere
    the answer is 403. A station of one's own things needs none: ().
    """

    model: ClassVar[type[models.Model]]
    needs: ClassVar[str | tuple[str, ...]]
    lookup_value_converter = "int"

    def visible(self, user: User) -> models.QuerySet[M]:
        raise NotImplementedError

    def get_queryset(self) -> models.QuerySet[M]:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()  # type: ignore[return-value]
        return self.visible(self.user)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        needed = (self.needs,) if isinstance(self.needs, str) else self.needs
        if needed and not any(self.user.may(one, None) for one in needed):
            raise NotPermitted("This part is not open to your roles. Ask an administrator of your site.")

    @property
    def user(self) -> User:
        user = self.request.user
        if not isinstance(user, User):
            raise TypeError("a station is behind the sign-in")
        return user

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {**super().default_response_headers, "Cache-Control": "private, no-store"}

    def one(self) -> M:
        """The object that the address names; NotFound for outsiders too."""
        return get_or_404(self.get_queryset(), self.kwargs["pk"])

    def page(self, rows: models.QuerySet[M], form: type[serializers.BaseSerializer[Any]]) -> Response:
        """One page of `rows` as `form` writes them."""
        written = form(self.paginate_queryset(rows), many=True, context={"user": self.user})
        return self.get_paginated_response(written.data)

    def body(self, form: type[serializers.BaseSerializer[Any]], *, partial: bool = False) -> dict[str, Any]:
        """The body as `form` reads it; raises ValidationError."""
        return self._read(form, self.request.data, partial=partial)

    def query(self, form: type[serializers.BaseSerializer[Any]]) -> dict[str, Any]:
        """The query parameters as `form` reads them; raises ValidationError."""
        return self._read(form, self.request.query_params, partial=False)

    def _read(self, form: type[serializers.BaseSerializer[Any]], data: Any, *, partial: bool) -> dict[str, Any]:
        read = form(data=data, partial=partial, context={"request": self.request})
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)

"""/api/v1/users/: people, switched on and off, and their roles at sites. No password is set here."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_bodies import SiteField, Strict
from ris.accounts.configuring import CONFIGURE
from ris.accounts.models import Membership, Site, User
from ris.accounts.people import save_person, set_roles
from ris.accounts.permissions import ROLES
from ris.accounts.settings_api import SettingsViewSet
from ris.accounts.settings_fields import SettingSerializer
from ris.core.errors import NotPermitted

MOST_ROLES = 200
THEIRS = "Accounts of administrators are changed in the admin, where a second factor was asked."


class RoleSerializer(serializers.ModelSerializer[Membership]):
    """A role at a site."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)

    class Meta:
        model = Membership
        fields = ["site", "role"]
        read_only_fields = fields


class RoleBody(Strict):
    site = SiteField(CONFIGURE)
    role = serializers.ChoiceField(list(ROLES.items()))


class RolesBody(Strict):
    """All that somebody is; what is not named is taken away."""

    roles = RoleBody(many=True, max_length=MOST_ROLES)  # type: ignore[call-arg]


class UserSerializer(SettingSerializer):
    """A person who signs in. `is_administrator`: looks after the installation; made in the admin only."""

    is_administrator = serializers.BooleanField(source="is_superuser", read_only=True)
    roles = RoleSerializer(source="memberships", many=True, read_only=True)

    class Meta:
        model = User
        fields = ["id", "username", "display_name", "dicom_name", "first_name", "last_name", "email", "is_active",
                  "is_administrator", "last_login", "roles"]  # fmt: skip
        read_only_fields = ["last_login"]


class UserQuery(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150, required=False)
    active = serializers.BooleanField(source="is_active", default=None, allow_null=True)


class UserViewSet(SettingsViewSet[User]):
    """People who sign in."""

    model, form = User, UserSerializer

    def visible(self, user: User) -> models.QuerySet[User]:
        return User.objects.prefetch_related("memberships__site").order_by("pk")

    @extend_schema(parameters=[UserQuery], responses=UserSerializer(many=True))
    def list(self, request: Request) -> Response:
        """People who sign in, with their roles."""
        query = {name: value for name, value in self.query(UserQuery).items() if value is not None}
        return self.page(self.get_queryset().filter(**query), UserSerializer)

    @extend_schema(request=RolesBody, responses=UserSerializer)
    @action(detail=True, methods=["put"])
    def roles(self, request: Request, pk: int) -> Response:
        """Give these roles at these sites, and take all others away; they hold from the next request on."""
        person, roles = self._ordinary(self.one()), self.body(RolesBody)["roles"]
        set_roles(person, {(role["site"], role["role"]) for role in roles}, by=self.user)
        return self.shown(self.one())

    def store(self, row: User, *, fields: dict[str, Any], many: dict[str, Any]) -> User:
        return save_person(self._ordinary(row), by=self.user, fields=fields)

    def _ordinary(self, person: User) -> User:
        """A stolen token must not switch the administrators off, or take an account of theirs by its mail address."""
        if person.is_superuser:
            raise NotPermitted(THEIRS)
        return person

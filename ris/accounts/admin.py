from __future__ import annotations

from typing import Any, cast

import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401  these register themselves; what is told of them is told here
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from ris import audit
from ris.accounts import token_admin  # noqa: F401  it registers itself
from ris.accounts.admin_words import Explained
from ris.accounts.models import Membership, Site, User
from ris.accounts.people import note_roles, save_person

admin.site.site_header = "Isocenter administration"
admin.site.site_title = "Isocenter"
admin.site.index_title = "Configuration"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
for hidden in (Group, EmailAddress, Authenticator, UserSession):
    admin.site.unregister(hidden)
# As the front page of the admin calls them.
apps.get_app_config("mfa").verbose_name = "Two-factor sign-in"
apps.get_app_config("usersessions").verbose_name = "Signed-in sessions"
admin.site.disable_action("delete_selected")  # it would pass the audit trail by


class MembershipInline(admin.StackedInline[Membership, User]):
    model = Membership
    extra = 1


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    list_display = ("username", "display_name", "is_active", "is_superuser", "last_login")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("display_name", "dicom_name", "first_name", "last_name", "email")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser")}),
    )
    filter_horizontal = ()
    list_filter = ("is_active", "is_superuser", "memberships__role", "memberships__site")
    inlines = (MembershipInline,)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001  Django's own
        save_person(obj, by=cast("User", request.user), fields=form.changed_data)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001  Django's own
        """Roles are told by [site, role] of what went and what came."""
        was = set(form.instance.memberships.values_list("site_id", "role"))
        super().save_formset(request, form, formset, change)
        now = set(form.instance.memberships.values_list("site_id", "role"))
        if was != now:
            note_roles(form.instance, by=cast("User", request.user), gone=sorted(was - now), come=sorted(now - was))


@admin.register(Site)
class SiteAdmin(Explained):
    list_display = ("name", "code", "time_zone", "patient_id_issuer", "accession_prefix", "discovery")
    labels = {"patient_id_issuer": "Patient ID issuer"}
    explanations = {
        "code": "Short and lasting: it stands in addresses and in the API.",
        "address": "As letters and reports print it.",
        "time_zone": "Of the IANA list, such as Europe/Berlin. All times of the site are shown and sent in it.",
        "accession_prefix": "One to four capitals or digits, before every accession number of this site.",
    }


class Kept(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that the sign-in keeps: to be looked at, not to be written."""

    list_select_related = ("user",)
    search_fields = ("user__username", "user__display_name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(UserSession)
class SignInAdmin(Kept):
    """Who is signed in, and from where."""

    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    fields = ("user", "created_at", "last_seen_at", "ip", "user_agent")

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(Authenticator)
class SecondFactorAdmin(Kept):
    """Second factors, passkeys among them. A lost one is deleted; its secret is shown to nobody."""

    list_display = ("user", "name", "created_at", "last_used_at")
    list_filter = ("type",)
    fields = readonly_fields = ("user", "name", "created_at", "last_used_at")

    @admin.display(description="Factor", ordering="type")
    def name(self, obj: Authenticator) -> str:
        """What it is; of a passkey, what its owner calls it."""
        return f"Passkey “{obj}”" if obj.type == Authenticator.Type.WEBAUTHN else str(obj)

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        if isinstance(request.user, User):
            audit.record("session.factor-removed", obj.user, by=request.user, factor=str(obj.type))
        super().delete_model(request, obj)

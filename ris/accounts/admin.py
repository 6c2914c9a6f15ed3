from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group

from ris.accounts.models import ApiToken, Membership, Site, User

admin.site.site_header = "Isocenter administration"
admin.site.site_title = "Isocenter"
admin.site.index_title = "Configuration"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.unregister(Group)
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


@admin.register(Site)
class SiteAdmin(admin.ModelAdmin[Site]):
    list_display = ("name", "code", "time_zone", "patient_id_issuer", "accession_prefix", "discovery")


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin[ApiToken]):
    list_display = ("name", "user", "read_only", "expires_at")
    readonly_fields = ("digest", "created_at")

    def has_add_permission(self, request: object) -> bool:
        return False

"""All addresses of Isocenter (DESIGN.md §6)."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from ris.accounts.passkey_views import challenge
from worklist.hooks_views import orthanc

handler400 = "ris.home.views.bad_request"
handler403 = "ris.home.views.permission_denied"
handler404 = "ris.home.views.page_not_found"
handler500 = "ris.home.views.server_error"

urlpatterns = [
    path("", include("ris.home.urls")),
    path("", include("viewer.urls")),
    path("accounts/passkey/", challenge, name="passkey"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("patients/", include("ris.patients.urls")),
    path("orders/", include("ris.orders.urls")),
    path("schedule/", include("ris.scheduling.urls")),
    path("print/", include("ris.printing.urls")),
    path("downtime/", include("ris.downtime.urls")),
    path("worklist/", include("worklist.urls")),
    path("reports/", include("reporting.urls")),
    path("dashboards/", include("ris.dashboards.urls")),
    path("deliveries/", include("ris.events.urls")),
    path("messages/", include("ris.notifications.urls")),
    path("hl7/", include("ris.hl7.urls")),
    path("audit/", include("ris.audit.urls")),
    path("api/v1/", include("ris.api_urls")),
    path("fhir/", include("ris.fhir.urls")),
    path("hooks/orthanc", orthanc, name="hook-orthanc"),
]

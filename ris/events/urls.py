from __future__ import annotations

from django.urls import path

from ris.events.views import deliveries, resend, resend_parked

app_name = "events"
urlpatterns = [
    path("", deliveries, name="deliveries"),
    path("resend/", resend_parked, name="resend-parked"),
    path("<int:delivery_id>/resend/", resend, name="resend"),
]

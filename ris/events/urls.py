from __future__ import annotations

from django.urls import path

from ris.events.views import deliveries, resend

app_name = "events"
urlpatterns = [
    path("", deliveries, name="deliveries"),
    path("<int:delivery_id>/resend/", resend, name="resend"),
]

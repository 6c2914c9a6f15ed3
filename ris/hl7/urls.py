from __future__ import annotations

from django.urls import include, path

app_name = "hl7"
urlpatterns = [
    path("in/", include("ris.hl7.incoming.urls")),
    path("out/", include("ris.hl7.outgoing.urls")),
]

from __future__ import annotations

from django.urls import path

from ris.audit.views import trail

app_name = "audit"
urlpatterns = [path("", trail, name="trail")]

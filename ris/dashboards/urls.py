from __future__ import annotations

from django.urls import path

from ris.dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("<slug:key>.csv", views.as_csv, name="csv"),
]

from __future__ import annotations

from django.urls import path

from ris.downtime import views

app_name = "downtime"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("forms/", views.form_list, name="forms"),
    path("forms/print/", views.print_forms, name="print"),
    path("forms/find/", views.find, name="find"),
    path("forms/<int:form_id>/enter/", views.enter, name="enter"),
    path("forms/<int:form_id>/spoil/", views.spoil, name="spoil"),
    path("snapshots/<int:snapshot_id>/", views.snapshot, name="snapshot"),
    path("passphrase/<slug:code>/", views.passphrase, name="passphrase"),
]

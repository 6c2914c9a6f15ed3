from __future__ import annotations

from django.urls import path

from ris.patients import views

app_name = "patients"
urlpatterns = [
    path("", views.patient_list, name="list"),
    path("register/", views.register, name="register"),
    path("temporary/", views.register_temporary, name="register-temporary"),
    path("messages/<str:token>/", views.decline_messages, name="decline-messages"),
    path("<int:patient_id>/", views.detail, name="detail"),
    path("<int:patient_id>/open/", views.open_confidential, name="open"),
    path("<int:patient_id>/edit/", views.edit, name="edit"),
    path("<int:patient_id>/identify/", views.identify, name="identify"),
    path("<int:patient_id>/identifiers/", views.add_identifier, name="add-identifier"),
    path("<int:patient_id>/identifiers/<int:identifier_id>/", views.retire_identifier, name="retire-identifier"),
    path("<int:patient_id>/alerts/", views.add_alert, name="add-alert"),
    path("<int:patient_id>/alerts/<int:alert_id>/", views.end_alert, name="end-alert"),
    path("<int:patient_id>/merge/", views.merge, name="merge"),
    path("<int:patient_id>/unmerge/", views.unmerge, name="unmerge"),
]

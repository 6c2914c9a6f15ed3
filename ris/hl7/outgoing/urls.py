from __future__ import annotations

from django.urls import path

from ris.hl7.outgoing import views

urlpatterns = [
    path("", views.outgoing, name="outgoing"),
    path("<int:message_id>/", views.message, name="outgoing-message"),
    path("<int:message_id>/send/", views.send_again, name="outgoing-send"),
    path("<int:message_id>/set-aside/", views.set_aside, name="outgoing-set-aside"),
]

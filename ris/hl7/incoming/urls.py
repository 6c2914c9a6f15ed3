from __future__ import annotations

from django.urls import path

from ris.hl7.incoming import views

urlpatterns = [
    path("", views.incoming, name="incoming"),
    path("try/", views.rehearse, name="incoming-try"),
    path("<int:message_id>/", views.message, name="incoming-message"),
    path("<int:message_id>/text/", views.text, name="incoming-text"),
    path("<int:message_id>/replay/", views.replay, name="incoming-replay"),
]

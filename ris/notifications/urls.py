from __future__ import annotations

from django.urls import path

from ris.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.notices, name="notices"),
    path("bell/", views.bell, name="bell"),
    path("read/", views.read_all, name="read-all"),
    path("<int:message_id>/read/", views.read, name="read"),
    path("outgoing/", views.outgoing, name="outgoing"),
]

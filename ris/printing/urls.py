from __future__ import annotations

from django.urls import path

from ris.printing import views

app_name = "printing"
urlpatterns = [
    path("day/", views.day, name="day"),
    path("day/<slug:kind>/", views.batch, name="batch"),
    path("appointments/<int:appointment_id>/<slug:kind>/", views.appointment, name="appointment"),
    path("orders/<int:order_id>/<slug:kind>/", views.order, name="order"),
]

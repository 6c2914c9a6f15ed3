from __future__ import annotations

from django.urls import path

from reporting import views

app_name = "reporting"
urlpatterns = [
    path("", views.archive, name="archive"),
    path("cases/<int:task_id>/panel/", views.panel, name="panel"),
    path("<int:report_id>/numbers/", views.numbers, name="numbers"),
    path("<int:report_id>/save/", views.save, name="save"),
    path("<int:report_id>/sign/", views.sign, name="sign"),
    path("<int:report_id>/status/", views.status, name="status"),
    path("<int:report_id>/", views.detail, name="detail"),
    path("versions/<int:version_id>/pdf/", views.pdf, name="pdf"),
]

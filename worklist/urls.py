from __future__ import annotations

from django.urls import path

from worklist import views

app_name = "worklist"
urlpatterns = [
    path("reading/", views.reading_list, name="reading-list"),
    path("reading/rows/", views.reading_rows, name="reading-rows"),
    path("reading/<int:task_id>/claim/", views.claim, name="claim"),
    path("reading/<int:task_id>/release/", views.release, name="release"),
    path("technologist/", views.technologist, name="technologist"),
    path("technologist/rows/", views.technologist_rows, name="technologist-rows"),
    path("steps/<int:step_id>/<slug:verb>/", views.step_verb, name="step-verb"),
    path("studies/", views.studies, name="studies"),
]

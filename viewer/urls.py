"""The viewer's addresses (DESIGN.md §6)."""

from __future__ import annotations

from django.urls import path, re_path

from viewer import views
from viewer.beside import views as beside
from viewer.glass import views as glass
from viewer.ohif import views as ohif
from viewer.proxy import dicomweb, frame_permit

app_name = "viewer"

urlpatterns = [
    path("reading/<int:task_id>/", views.reading_room, name="reading-room"),
    path("reading/<int:task_id>/objects/", beside.beside, name="beside"),
    path("reading/<int:task_id>/objects/<int:delivery_id>/", beside.again, name="beside-again"),
    path("viewer/", views.open_viewer, name="open"),
    path("viewer/screen/<int:number>/", views.screen, name="screen"),
    path("viewer/emergency/", glass.emergency, name="emergency"),
    path("viewer/emergency/<int:access_id>/end/", glass.end, name="emergency-end"),
    path("viewer/emergency/accesses/", glass.accesses, name="emergency-accesses"),
    path("viewer/emergency/accesses/<int:access_id>/", glass.review, name="emergency-review"),
    path("viewer/still/", views.still_open, name="still"),
    path("viewer", views.open_viewer, name="open-short"),
    path("ohif/viewer", views.open_viewer, name="open-ohif"),
    path("viewer/ohif/app-config.js", ohif.app_config, name="ohif-config"),
    path("viewer/ohif/", ohif.files, {"name": "index.html"}, name="ohif"),
    path("viewer/ohif/<path:name>", ohif.files, name="ohif-file"),
    path("viewer/permit", frame_permit, name="permit"),
    # The path is decoded here, and not looked at: the view reads the bytes of the request line.
    re_path(r"^viewer/dicom-web/(?P<rest>(?s:.*))\Z", dicomweb, name="dicomweb"),
]

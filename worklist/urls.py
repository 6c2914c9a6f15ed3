from __future__ import annotations

from django.urls import path

from worklist import views
from worklist.attention import views as attention
from worklist.devices import asking, image_test
from worklist.devices import views as devices
from worklist.exam import views as exam
from worklist.outside import handing
from worklist.outside import views as outside
from worklist.reading import case, handover, ward
from worklist.reading import views as reading
from worklist.reconcile import series
from worklist.reconcile import views as reconcile
from worklist.rehoming import views as rehoming

app_name = "worklist"
urlpatterns = [
    path("reading/", reading.reading_list, name="reading-list"),
    path("reading/rows/", reading.reading_rows, name="reading-rows"),
    path("reading/tabs/", reading.reading_tabs, name="reading-tabs"),
    path("reading/next/", reading.take_next, name="next"),
    path("reading/filters/", reading.keep, name="filter-keep"),
    path("reading/filters/<int:filter_id>/drop/", reading.drop, name="filter-drop"),
    path("reading/hand-over/", handover.hand_over, name="hand-over"),
    path("reading/wet-reads/", ward.wet_reads, name="wet-reads"),
    path("reading/wet-reads/rows/", ward.wet_read_rows, name="wet-read-rows"),
    path("reading/<int:task_id>/", case.case, name="case"),
    path("reading/<int:task_id>/renew/", case.renew, name="renew"),
    path("reading/<int:task_id>/assign/", case.assign, name="assign"),
    path("reading/<int:task_id>/take-over/", case.take_over, name="take-over"),
    path("reading/<int:task_id>/wet-read/", case.wet_read, name="wet-read"),
    path("reading/<int:task_id>/priors/", reading.priors, name="priors"),
    path("reading/<int:task_id>/claim/", reading.claim, name="claim"),
    path("reading/<int:task_id>/release/", reading.release, name="release"),
    path("technologist/", views.technologist, name="technologist"),
    path("technologist/rows/", views.technologist_rows, name="technologist-rows"),
    path("steps/<int:step_id>/<slug:verb>/", views.step_verb, name="step-verb"),
    path("studies/", views.studies, name="studies"),
    path("studies/outside/", outside.deliveries, name="outside"),
    path("studies/outside/<int:delivery_id>/", outside.delivery, name="outside-delivery"),
    path("studies/outside/<int:delivery_id>/progress/", outside.progress, name="outside-progress"),
    path("studies/outside/<int:delivery_id>/files/", outside.part, name="outside-part"),
    path("studies/outside/<int:delivery_id>/<slug:verb>/", outside.verb, name="outside-verb"),
    path("studies/outside-report/<int:outside_id>/<int:number>/", outside.report, name="outside-report"),
    path("studies/<int:study_id>/export/", handing.ask, name="export"),
    path("studies/exports/", handing.exports, name="exports"),
    path("studies/exports/rows/", handing.export_rows, name="export-rows"),
    path("studies/exports/<int:export_id>/", handing.save, name="export-save"),
    path("studies/moves/", rehoming.rehomings, name="rehomings"),
    path("studies/moves/<int:rehoming_id>/retry/", rehoming.retry, name="rehoming-retry"),
    path("studies/moves/<int:rehoming_id>/give-up/", rehoming.give_up, name="rehoming-give-up"),
    path("studies/wrong-patient/", attention.wrong_patients, name="wrong-patients"),
    path("studies/wrong-patient/<int:row_id>/", attention.settle, name="wrong-patient-settle"),
    path("studies/queue/", reconcile.queue, name="queue"),
    path("studies/<int:study_id>/", reconcile.study, name="study"),
    path("studies/<int:study_id>/series/", series.series, name="study-series"),
    path("studies/<int:study_id>/series/<int:series_id>/", series.picture, name="study-series-picture"),
    path("studies/<int:study_id>/<slug:verb>/", reconcile.decide, name="study-decide"),
    path("decisions/<int:decision_id>/undo/", reconcile.undo, name="decision-undo"),
    path("exams/grown/", attention.grown, name="grown"),
    path("exams/grown/<int:task_id>/seen/", attention.grown_seen, name="grown-seen"),
    path("exams/unclosed/", attention.unclosed, name="unclosed"),
    path("exams/unclosed/<int:step_id>/", attention.close, name="unclosed-close"),
    path("exams/<int:step_id>/", exam.exam, name="exam"),
    path("exams/<int:step_id>/live/", exam.live, name="exam-live"),
    path("exams/<int:step_id>/wrong-patient/", exam.mistaken, name="wrong-patient"),
    path("exams/<int:step_id>/record/<slug:what>/", exam.keep, name="exam-record"),
    path("exams/<int:step_id>/<slug:verb>/", exam.verb, name="exam-verb"),
    path("entries/<slug:what>/<int:entry_id>/strike/", exam.strike, name="entry-strike"),
    path("contrast/<int:entry_id>/reaction/", exam.reaction, name="reaction"),
    path("contrast/<int:entry_id>/alert/", exam.alert, name="reaction-alert"),
    path("sides/<int:check_id>/", exam.side, name="side"),
    path("reading/<int:task_id>/exam/", exam.case, name="case-exam"),
    path("incidents/", exam.incidents, name="incidents"),
    path("devices/", devices.devices, name="devices"),
    path("devices/rows/", devices.rows, name="device-rows"),
    path("devices/new/", devices.add, name="device-add"),
    path("devices/<int:node_id>/", devices.device, name="device"),
    path("devices/<int:node_id>/edit/", devices.edit, name="device-edit"),
    path("devices/<int:node_id>/archive/", devices.drift, name="device-drift"),
    path("devices/<int:node_id>/heal/", asking.heal, name="device-heal"),
    path("devices/<int:node_id>/echo/", asking.echo, name="device-echo"),
    path("devices/<int:node_id>/worklist/", asking.worklist, name="device-worklist"),
    path("devices/<int:node_id>/image-test/", image_test.image_test, name="image-test"),
    path("devices/<int:node_id>/image-test/look/", image_test.look, name="image-test-look"),
    path("devices/<int:node_id>/image-test/picture/", image_test.picture, name="image-test-picture"),
    path("devices/<int:node_id>/image-test/delete/", image_test.remove, name="image-test-delete"),
]

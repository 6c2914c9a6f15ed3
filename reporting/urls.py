from __future__ import annotations

from django.urls import path

from reporting import billing_views, number_views, views
from reporting.amending import views as amending
from reporting.autotext import views as autotext
from reporting.batch.views import to_sign
from reporting.calls.views import call_back
from reporting.critical import views as critical
from reporting.delay import views as delay
from reporting.dictation import typing_views as typing
from reporting.dictation import views as dictation
from reporting.finding.views import archive
from reporting.joining.views import joining
from reporting.keys import token_views
from reporting.keys import views as keys
from reporting.previous.views import previous
from reporting.printing import views as printing
from reporting.verifying.views import verify

app_name = "reporting"
urlpatterns = [
    path("", archive, name="archive"),
    path("billing/", billing_views.billing, name="billing"),
    path("cases/<int:task_id>/panel/", views.panel, name="panel"),
    path("<int:report_id>/numbers/", views.numbers, name="numbers"),
    path("<int:report_id>/numbers/choose/", number_views.choose, name="choose"),
    path("<int:report_id>/numbers/compare/", number_views.compare, name="compare"),
    path("<int:report_id>/numbers/seen/", number_views.seen, name="seen"),
    path("<int:report_id>/key-images/", number_views.add_key_image, name="add-key-image"),
    path("key-images/<int:key_image_id>/leave-out/", number_views.leave_out, name="leave-out-key-image"),
    path("key-images/<int:key_image_id>/picture/", number_views.picture, name="key-image-picture"),
    path("cases/<int:task_id>/drawn/", number_views.drawn, name="drawn"),
    path("critical/", critical.critical_list, name="critical"),
    path("critical/export/", critical.critical_export, name="critical-export"),
    path("critical/<int:critical_id>/tell/", critical.critical_tell, name="critical-tell"),
    path("critical/<int:critical_id>/withdraw/", critical.critical_withdraw, name="critical-withdraw"),
    path("cases/<int:task_id>/critical/", critical.critical_case, name="critical-case"),
    path("<int:report_id>/save/", views.save, name="save"),
    path("<int:report_id>/dictations/", dictation.dictations, name="dictations"),
    path("dictations/<int:clip_id>/checked/", dictation.checked, name="dictation-checked"),
    path("dictations/<int:clip_id>/take-back/", dictation.taken_back, name="dictation-take-back"),
    path("dictations/<int:clip_id>/delete/", dictation.deleted, name="dictation-delete"),
    path("dictations/<int:clip_id>/sound/", dictation.sound, name="dictation-sound"),
    path("dictations/", typing.queue, name="dictation-queue"),
    path("dictations/<int:clip_id>/", typing.dictation, name="dictation"),
    path("dictations/<int:clip_id>/claim/", typing.claimed, name="dictation-claim"),
    path("dictations/<int:clip_id>/put-back/", typing.given_back, name="dictation-put-back"),
    path("<int:report_id>/joining/", joining, name="joining"),
    path("<int:report_id>/previous/", previous, name="previous"),
    path("<int:report_id>/autotexts/", autotext.report_autotexts, name="report-autotexts"),
    path("autotexts/", autotext.autotexts, name="autotexts"),
    path("autotexts/export/", autotext.autotexts_export, name="autotexts-export"),
    path("autotexts/import/", autotext.autotexts_import, name="autotexts-import"),
    path("autotexts/<int:autotext_id>/", autotext.autotext, name="autotext"),
    path("<int:report_id>/amend/<slug:kind>/", amending.amendment, name="amendment"),
    path("<int:report_id>/amend/<slug:kind>/save/", amending.save, name="amendment-save"),
    path("<int:report_id>/amend/<slug:kind>/joining/", amending.joining, name="amendment-joining"),
    path("<int:report_id>/withdraw/", amending.withdraw, name="withdraw"),
    path("<int:report_id>/return/", views.send_back, name="return"),
    path("print/", printing.to_print, name="to-print"),
    path("print/file/", printing.printed, name="printed"),
    path("call-back/", call_back, name="call-back"),
    path("to-sign/", to_sign, name="to-sign"),
    path("<int:report_id>/recall/", delay.recall, name="recall"),
    path("<int:report_id>/send-now/", delay.send_now, name="send-now"),
    path("<int:report_id>/doubts/", views.doubts, name="doubts"),
    path("<int:report_id>/sign/", views.sign, name="sign"),
    path("<int:report_id>/status/", views.status, name="status"),
    path("<int:report_id>/", views.detail, name="detail"),
    path("verify/<str:code>/", verify, name="verify"),
    path("keys/", keys.signing_keys, name="signing-keys"),
    path("keys/token/", keys.own_token, name="signing-key-token"),
    path("keys/pins/<int:pin_id>/release/", token_views.release_pin, name="signing-key-pin"),
    path("keys/<int:key_id>/revoke/", keys.revoke, name="signing-key-revoke"),
    path("versions/<int:version_id>/pdf/", views.pdf, name="pdf"),
]

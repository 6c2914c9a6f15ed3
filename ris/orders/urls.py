from __future__ import annotations

from django.urls import path

from ris.orders.views import changing, orders, protocols, safety

app_name = "orders"
urlpatterns = [
    path("", orders.order_list, name="list"),
    path("place/<int:patient_id>/", orders.place, name="place"),
    path("referrers/", orders.referrers, name="referrers"),
    path("protocols/", protocols.protocol_list, name="protocols"),
    path("protocols/<int:protocol_id>/", protocols.protocol, name="protocol"),
    path("protocols/<int:protocol_id>/return/", protocols.send_back, name="protocol-return"),
    path("protocols/<int:protocol_id>/again/", protocols.ask_again, name="protocol-again"),
    path("papers/<int:paper_id>/", safety.paper, name="paper"),
    path("papers/<int:paper_id>/withdraw/", safety.withdraw_paper, name="paper-withdraw"),
    path("answers/<int:answer_id>/override/", safety.override, name="override"),
    path("<int:order_id>/", orders.detail, name="detail"),
    path("<int:order_id>/modify/", changing.modify, name="modify"),
    path("<int:order_id>/replace/", changing.replace, name="replace"),
    path("<int:order_id>/cancel/", changing.cancel, name="cancel"),
    path("<int:order_id>/discontinue/", changing.discontinue, name="discontinue"),
    path("<int:order_id>/answer/<slug:kind>/", safety.answer, name="answer"),
    path("<int:order_id>/papers/", safety.attach, name="attach"),
]

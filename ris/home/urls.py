from __future__ import annotations

from django.urls import path

from ris.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("home/cards/", views.cards, name="home-cards"),
    path("home/alive/", views.alive, name="home-alive"),
    path("favicon.ico", views.favicon, name="favicon"),
]

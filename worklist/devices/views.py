"""Devices of one's sites: the list, one of them, adding and changing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from ris.accounts.models import Site
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.dicom.actions import add_device, change_device
from ris.dicom.forms import DeviceForm, NewDeviceForm
from ris.dicom.models import Node
from ris.dicom.permissions import WORDS
from worklist.devices import lists

PAGE = 50


@login_required
@require_GET
def devices(request: SignedInRequest) -> HttpResponse:
    """The devices of one's sites; the archive is asked by the part that the page fetches next."""
    require_somewhere(request.user, "device.manage", WORDS)
    context = lists.device_rows(request.user, None) | {"strangers": lists.strangers(request.user)}
    return render(request, "worklist/devices/list.html", context)


@login_required
@require_GET
def rows(request: SignedInRequest) -> HttpResponse:
    """The rows, with what the archive says of each."""
    require_somewhere(request.user, "device.manage", WORDS)
    return render(request, "worklist/devices/_rows.html", lists.device_rows(request.user, lists.archive_book()))


@login_required
@require_GET
def device(request: SignedInRequest, node_id: int) -> HttpResponse:
    """One device: what is set, when it was seen, and what it asked and sent, a page at a time."""
    node = node_of(request, node_id)
    page = Paginator(lists.contacts_of(node), PAGE).get_page(request.GET.get("page"))
    log = [lists.ContactRow.of(contact) for contact in page]
    return render(request, "worklist/devices/device.html", {"node": node, "page_obj": page, "log": log})


@login_required
@require_GET
def drift(request: SignedInRequest, node_id: int) -> HttpResponse:
    """How the archive knows it."""
    node = node_of(request, node_id)
    book = lists.archive_book()
    context = {"node": node, "drift": book.drift(node), "silence": book.silence}
    return render(request, "worklist/devices/_drift.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, node_id: int) -> HttpResponse:
    """Change a device."""
    node = node_of(request, node_id)
    form = DeviceForm(request.POST or None, instance=node_of(request, node_id), site=node.site)
    if request.method == "POST" and form.is_valid():
        saved = attempt(form, lambda: change_device(node, data=form.device(), by=request.user))
        if saved is not None:
            messages.success(request, "Saved. The archive is told.")
            return redirect("worklist:device", node_id=node.pk)
    return _form(request, form, node)


@login_required
@require_http_methods(["GET", "POST"])
def add(request: SignedInRequest) -> HttpResponse:
    """A new device."""
    require_somewhere(request.user, "device.manage", WORDS)
    sites = Site.objects.filter(pk__in=request.user.sites_where("device.manage"))
    form = NewDeviceForm(request.POST or None, sites=sites, initial=_prefilled(request))
    if request.method == "POST" and form.is_valid():
        site = form.cleaned_data["site"]
        node = attempt(form, lambda: add_device(form.device(), site=site, by=request.user))
        if node is not None:
            messages.success(request, "Added. Give it to a room, and set the worklist on the device.")
            return redirect("worklist:device", node_id=node.pk)
    return _form(request, form, None)


def node_of(request: SignedInRequest, node_id: int) -> Node:
    """The device, for who looks after its site."""
    require_somewhere(request.user, "device.manage", WORDS)
    return get_or_404(lists.devices_of(request.user), node_id)


def _form(request: SignedInRequest, form: DeviceForm, node: Node | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "node": node}
    return render(request, "worklist/devices/form.html", context, status=422 if form.errors else 200)


def _prefilled(request: SignedInRequest) -> dict[str, str]:
    """Whoever called and was not known can be added without typing it again."""
    given = {"ae_title": request.GET.get("ae_title", ""), "host": request.GET.get("host", "")}
    return {name: value[:255] for name, value in given.items() if value}

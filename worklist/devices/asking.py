"""Asking: the device by an echo, our own server for the device's worklist; and having the archive told again."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from ris.core.http import SignedInRequest
from ris.dicom.actions import announce_device
from worklist.devices.preview import SHOWN, columns
from worklist.devices.talking import echo_of, worklist_of
from worklist.devices.views import node_of


@login_required
@require_POST
def echo(request: SignedInRequest, node_id: int) -> HttpResponse:
    """C-ECHO, now, and what became of it."""
    node = node_of(request, node_id)
    found = echo_of(node, by=request.user)
    return render(request, "worklist/devices/_echo.html", {"node": node, "found": found, "at": timezone.now()})


@login_required
@require_GET
def worklist(request: SignedInRequest, node_id: int) -> HttpResponse:
    """What the device would be shown at this moment: patients' names, so it is audited as a look."""
    node = node_of(request, node_id)
    only_today = request.GET.get("day") == "today"
    found = worklist_of(node, only_today=only_today, by=request.user)
    context = {"node": node, "found": found, "columns": columns(), "only_today": only_today, "shown": SHOWN}
    return render(request, "worklist/devices/worklist.html", context)


@login_required
@require_POST
def heal(request: SignedInRequest, node_id: int) -> HttpResponse:
    """The archive is told again what the RIS says."""
    node = node_of(request, node_id)
    announce_device(node, by=request.user)
    messages.success(request, "The archive is being told. It shows here within seconds.")
    return redirect("worklist:device", node_id=node.pk)

"""The image test: begin, wait for what the device sends, look, delete it. Its state stands in a signed address."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ris.core.errors import InvalidInput, NotFound, TransitionError
from ris.core.http import SignedInRequest
from ris.dicom.archive.devices import get_devices
from ris.dicom.archive.errors import ArchiveError
from ris.dicom.models import Node
from worklist.actions.image_tests import ImageTest, begin_image_test, delete_test_study
from worklist.devices.testing import look_at, picture_of, read_ticket, ticket_of
from worklist.devices.views import node_of


@login_required
@require_http_methods(["GET", "POST"])
def image_test(request: SignedInRequest, node_id: int) -> HttpResponse:
    """What it does, a button to begin; and, once begun, the part that waits."""
    node = node_of(request, node_id)
    if request.method == "POST":
        return _begin(request, node)
    context: dict[str, Any] = {"node": node}
    if "test" in request.GET:
        context |= {"token": request.GET["test"], "at": _test_of(request, node).position, "waiting": True}
    return render(request, "worklist/devices/image_test.html", context)


def _begin(request: SignedInRequest, node: Node) -> HttpResponse:
    here = reverse("worklist:image-test", args=[node.pk])
    try:
        test = begin_image_test(node, devices=get_devices(), by=request.user)
    except ArchiveError as error:
        messages.error(request, f"{error.message} The test did not begin.")
        return redirect(here)
    return redirect(f"{here}?test={ticket_of(test)}")


@login_required
@require_GET
def look(request: SignedInRequest, node_id: int) -> HttpResponse:
    """What has arrived since the last look; the fragment asks again by itself until something has."""
    node = node_of(request, node_id)
    test, ticket = _test_of(request, node), request.GET["test"]
    since = max(test.position, _number(request.GET.get("at")))
    context: dict[str, Any] = {"node": node, "token": ticket, "at": since, "waiting": True}
    try:
        found = look_at(node, test, since=since, devices=get_devices(), by=request.user)
    except ArchiveError as error:
        return render(request, "worklist/devices/_image_test.html", context | {"silence": error.message})
    context |= {"at": found.position, "waiting": found.arrival is None, "arrival": found.arrival}
    context |= {"of_an_exam": found.of_an_exam, "tags": found.tags, "transfer_syntax": found.transfer_syntax}
    return render(request, "worklist/devices/_image_test.html", context)


@login_required
@require_GET
def picture(request: SignedInRequest, node_id: int) -> HttpResponse:
    """The first frame of the image that arrived, through us: the archive is never asked by a browser."""
    node = node_of(request, node_id)
    test, instance = _test_of(request, node), request.GET.get("instance", "")
    found = picture_of(node, test, instance=instance, devices=get_devices(), by=request.user)
    return HttpResponse(found, content_type="image/png")


@login_required
@require_POST
def remove(request: SignedInRequest, node_id: int) -> HttpResponse:
    """Delete the test's study from the archive."""
    node = node_of(request, node_id)
    try:
        count = _delete(request, node)
    except (ArchiveError, InvalidInput, NotFound, TransitionError) as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Deleted from the archive: {count} image{'' if count == 1 else 's'}.")
    return redirect("worklist:device", node_id=node.pk)


def _delete(request: SignedInRequest, node: Node) -> int:
    if "sure" not in request.POST:
        raise InvalidInput("The image stays: the box above the button was not ticked.")
    study = request.POST.get("study", "")
    return delete_test_study(node, test=_test_of(request, node), study_id=study, devices=get_devices(), by=request.user)


def _test_of(request: SignedInRequest, node: Node) -> ImageTest:
    """The test that the address or the form names."""
    return read_ticket(request.GET.get("test") or request.POST.get("test", ""), node)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 16 else 0

"""The image test: begin, wait for what the device sends, look, delete it. Its state stands in a signed address."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ris import audit
from ris.core.errors import InvalidInput, NotFound, TransitionError
from ris.core.http import SignedInRequest
from ris.dicom.archive.devices import Arrival, OrthancDevices, get_devices
from ris.dicom.archive.errors import ArchiveError
from ris.dicom.models import Node
from worklist.actions.image_tests import GONE, ImageTest, begin_image_test, delete_test_study, is_of_an_exam
from worklist.devices.views import node_of

SALT = "worklist.image-test"
LASTS = 3600  # seconds


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
    return redirect(f"{here}?test={signing.dumps(asdict(test), salt=SALT)}")


@login_required
@require_GET
def look(request: SignedInRequest, node_id: int) -> HttpResponse:
    """What has arrived since the last look; the fragment asks again by itself until something has."""
    node = node_of(request, node_id)
    test, devices = _test_of(request, node), get_devices()
    since = max(test.position, _number(request.GET.get("at")))
    context: dict[str, Any] = {"node": node, "token": request.GET["test"], "at": since, "waiting": True}
    try:
        arrival, context["at"] = devices.arrived(node.ae_title, since)
        context |= {"waiting": False, **_arrived(arrival, devices)} if arrival else {}
    except ArchiveError as error:
        return render(
            request, "worklist/devices/_image_test.html", context | {"waiting": True, "silence": error.message}
        )
    if arrival is not None:
        audit.record("device.image-arrived", node, by=request.user, of_an_exam=context["of_an_exam"])
    return render(request, "worklist/devices/_image_test.html", context)


@login_required
@require_GET
def picture(request: SignedInRequest, node_id: int) -> HttpResponse:
    """The first frame of the image that arrived, through us: the archive is never asked by a browser."""
    node = node_of(request, node_id)
    test, devices = _test_of(request, node), get_devices()
    arrival = devices.arrival(request.GET.get("instance", ""))
    row = devices.study(arrival.study_id)
    if row is None or is_of_an_exam(row) or not test.holds(arrival) or not devices.sent_by(arrival, node.ae_title):
        raise NotFound(GONE)
    audit.record("study.previewed", node, by=request.user, study_uid=row.study_instance_uid)
    return HttpResponse(devices.picture(arrival.instance_id), content_type="image/png")


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


def _arrived(arrival: Arrival, devices: OrthancDevices) -> dict[str, Any]:
    """Of an image that belongs to an exam only that it came: who runs the devices need not see whose it is."""
    row = devices.study(arrival.study_id)
    private = row is None or is_of_an_exam(row)
    context: dict[str, Any] = {"arrival": arrival, "of_an_exam": private}
    if not private:
        context["tags"] = devices.tags(arrival.instance_id)
        context["transfer_syntax"] = devices.transfer_syntax(arrival.instance_id)
    return context


def _test_of(request: SignedInRequest, node: Node) -> ImageTest:
    """The test that the address names; one that is over or of another device is refused."""
    try:
        test = ImageTest(**_signed(request))
    except (signing.BadSignature, TypeError) as error:
        raise NotFound("This test is over: begin a new one on the page of the device.") from error
    if test.node_id != node.pk:
        raise NotFound("This test is over: begin a new one on the page of the device.")
    return test


def _signed(request: SignedInRequest) -> dict[str, Any]:
    token = request.GET.get("test") or request.POST.get("test", "")
    return dict(signing.loads(token, salt=SALT, max_age=LASTS))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 16 else 0

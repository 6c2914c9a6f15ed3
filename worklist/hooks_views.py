"""/hooks/orthanc: the archive tells that it has something new (its Python plugin, deploy/orthanc/hook.py)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ris.core.actors import SystemActor
from ris.dicom.orthanc import webhook
from worklist.actions.notices import notice_study


@csrf_exempt
@require_POST
def orthanc(request: HttpRequest) -> JsonResponse:
    """Accept {"event", "id"} under the shared secret; 202 once it is a row."""
    if not webhook.is_authorised(request.headers.get("Authorization", ""), settings.HOOK_SECRET):
        return JsonResponse({"error": "not-permitted", "message": "The hook's secret is wrong."}, status=401)
    try:
        told = webhook.read(request.body)
    except ValueError as error:
        return JsonResponse({"error": "invalid", "message": str(error)}, status=422)
    notice_study(archive_id=told.archive_id, by=SystemActor("orthanc"))
    return JsonResponse({"accepted": True}, status=202)

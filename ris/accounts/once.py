"""A form that is sent twice is done once: a button pressed twice, a page sent again, an impatient network.

The page carries a key (`{% once %}`). Whoever claims it first does the work; the others are led to what came of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from ris.accounts.models import Submission
from ris.core.http import SignedInRequest

P = ParamSpec("P")
View = Callable[Concatenate[SignedInRequest, P], HttpResponse]

FIELD = "once"
KEPT = timedelta(days=1)
TOLD = "This was sent twice. It was done once: here is what came of it."


def once(view: View[P], *, within: timedelta = KEPT) -> View[P]:
    """Do what a form asks once, however often the same form with the same text arrives `within` that time.

    Done means that the view redirects; where it answers otherwise (422) or raises, the form may be sent again.
    """

    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.POST.get(FIELD):
            return view(request, *args, **kwargs)
        return _first_or_again(request, within, lambda: view(request, *args, **kwargs))

    return guarded


def forget_old() -> None:
    """Keys that no browser sends any more. Run by `run_deliveries`."""
    Submission.objects.filter(at__lt=timezone.now() - KEPT).delete()


def _first_or_again(request: SignedInRequest, within: timedelta, act: Callable[[], HttpResponse]) -> HttpResponse:
    digest = _digest(request)
    with transaction.atomic():
        Submission.objects.filter(digest=digest, at__lt=timezone.now() - within).delete()
        if _claim(digest):
            answer = act()
            done = Submission.objects.filter(digest=digest)
            if 300 <= answer.status_code < 400:
                done.update(answer=answer.headers["Location"][:500])
            else:
                done.delete()
            return answer
    messages.info(request, TOLD)
    return redirect(Submission.objects.get(digest=digest).answer)


def _claim(digest: str) -> bool:
    """Whether this one is the first. A second one waits here until the first is done, or has failed."""
    try:
        with transaction.atomic():
            Submission.objects.create(digest=digest, at=timezone.now())
    except IntegrityError:
        return False
    return True


def _digest(request: SignedInRequest) -> str:
    """Of who sent what where: the same key with another text is another form."""
    fields = sorted((name, request.POST.getlist(name)) for name in request.POST if name != "csrfmiddlewaretoken")
    files = [(name, file.name, file.size) for name in request.FILES for file in request.FILES.getlist(name)]
    return hashlib.sha256(repr((request.user.pk, request.path, fields, files)).encode()).hexdigest()

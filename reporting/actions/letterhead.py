"""Setting what stands at the head of a site's reports; those that were signed keep theirs."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from django.db import transaction

from reporting.letterhead.record import SiteLetterhead
from ris import audit
from ris.accounts.models import Site, User
from ris.core.errors import InvalidInput, NotPermitted
from ris.core.texts import fault_of_text
from ris.dicom import sandbox

LARGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class Head:
    """`logo`: the bytes of a new one; None keeps the one that is there, b"" takes it away."""

    phone: str = ""
    logo: bytes | None = None


def set_letterhead(site: Site, head: Head, *, by: User) -> SiteLetterhead:
    """Raises NotPermitted, InvalidInput for a picture or a phone that cannot be printed."""
    if not by.may("site.manage", site.pk):
        raise NotPermitted("Letterheads are for the administrators of the site.")
    phone = " ".join(head.phone.split())
    if fault := fault_of_text(phone, longest=40):
        raise InvalidInput("The letterhead was not kept.", fields={"phone": fault})
    logo = _drawn(head.logo) if head.logo else head.logo
    return _keep(site, phone, logo, by=by)


def _drawn(picture: bytes) -> bytes:
    if len(picture) > LARGEST:
        raise InvalidInput("The letterhead was not kept.", fields={"file": "At most 2 MB."})
    try:
        return base64.b64decode(sandbox.call("reporting.letterhead.drawn.drawn", picture))
    except sandbox.SandboxRefused as refused:
        raise InvalidInput("The letterhead was not kept.", fields={"file": refused.reason}) from None


@transaction.atomic
def _keep(site: Site, phone: str, logo: bytes | None, *, by: User) -> SiteLetterhead:
    Site.objects.select_for_update().get(pk=site.pk)
    found, _made = SiteLetterhead.objects.get_or_create(site=site)
    found.phone = phone
    if logo is not None:
        found.logo, found.logo_sha256 = logo, hashlib.sha256(logo).hexdigest() if logo else ""
    found.save(update_fields=["phone", "logo", "logo_sha256"])
    audit.record("report.letterhead-set", site, by=by, site_id=site.pk, logo=found.logo_sha256)
    return found

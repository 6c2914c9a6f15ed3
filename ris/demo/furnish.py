"""Furnish an installation from the catalogue; running it again changes nothing."""

from __future__ import annotations

from datetime import time

from django.db import transaction

from reporting.actions.starter import load_starter
from ris.accounts.models import Membership, Site, User
from ris.core.actors import SystemActor
from ris.demo.catalogue import PEOPLE, PROCEDURES, ROOMS, SITES, Person, Room
from ris.dicom.models import Node
from ris.orders.models import Procedure
from ris.scheduling.models import WEEKDAYS, Opening, Resource
from worklist.exam import starter
from worklist.exam.record import ContrastAgent, RejectReason


def furnish(password: str) -> None:
    """Sites, people (all with this password), rooms with devices and hours, procedures, templates."""
    for site in SITES:
        Site.objects.get_or_create(code=site["code"], defaults=site)
    for person in PEOPLE:
        _person(person, password)
    for room in ROOMS:
        _room(room)
    for procedure in PROCEDURES:
        Procedure.objects.get_or_create(code=procedure["code"], defaults=procedure)
    load_starter(by=SystemActor("setup"))
    starter.fill(ContrastAgent, RejectReason)


@transaction.atomic
def _person(person: Person, password: str) -> None:
    user, created = User.objects.get_or_create(
        username=person.username,
        defaults={
            "display_name": person.display_name,
            "dicom_name": person.dicom_name,
            "is_staff": person.admin,
            "is_superuser": person.admin,
        },
    )
    if created:
        user.set_password(password)
        user.save(update_fields=["password"])
    for code, role in person.roles:
        Membership.objects.get_or_create(user=user, site=Site.objects.get(code=code), role=role)


@transaction.atomic
def _room(room: Room) -> None:
    site = Site.objects.get(code=room.site)
    node, _ = Node.objects.get_or_create(
        ae_title=room.ae_title, defaults={"site": site, "name": room.name, "modality": room.modality}
    )
    resource, created = Resource.objects.get_or_create(
        site=site, name=room.name, defaults={"modality": room.modality, "node": node}
    )
    if created:
        hours = [Opening(resource=resource, weekday=day, opens=time(0, 0), closes=time(23, 59)) for day, _ in WEEKDAYS]
        Opening.objects.bulk_create(hours)

"""The doors of /fhir/: thin, and the same for every type."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from rest_framework.exceptions import NotFound as NoSuchAddress
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from reporting.handing import STANDING, handed, note_handed
from reporting.lifecycle import REPORT
from reporting.models import ReportVersion
from ris import audit
from ris.accounts.api_files import PdfRenderer
from ris.accounts.models import User
from ris.core.errors import NotFound, NotPermitted
from ris.core.http import get_or_404
from ris.fhir.errors import answer
from ris.fhir.house import house
from ris.fhir.mapping.bundle import MOST_INCLUDED, searchset
from ris.fhir.mapping.capability import capability_statement
from ris.fhir.mapping.datatypes import Json
from ris.fhir.mapping.diagnostic_report import binary
from ris.fhir.media import FhirParser, FhirRenderer, Negotiation, PlainJson
from ris.fhir.resources.station import NOWHERE, Asked, Station
from ris.fhir.search.including import included, keys_in
from ris.fhir.search.reading import asked_of, pairs_of
from ris.fhir.stations import STATIONS, claims

VERSION = "0.1.0"
# Where a resource says whom it is about.
ABOUT = ("subject", "participant.actor")
# R4 §3.1.1.1: parameters that a type does not have are left out and not refused.
LENIENT = "handling=lenient"
LEFT_OUT = f"More than {MOST_INCLUDED} resources go with these: the others are left out. Ask for fewer (_count)."
CLOSED = "This part is not open to your roles. Ask an administrator of your site."


class Door(APIView):
    """What all doors share: JSON alone, errors as OperationOutcome, nothing kept by a cache."""

    schema = None
    renderer_classes = [FhirRenderer, PlainJson]
    parser_classes = [FhirParser, FhirParser.__base__]  # type: ignore[list-item]
    content_negotiation_class = Negotiation
    needs: str = ""

    def get_exception_handler(self) -> Any:
        return answer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.needs and not self.user.may(self.needs, None):
            raise NotPermitted(CLOSED)

    @property
    def user(self) -> User:
        user = self.request.user
        if not isinstance(user, User):
            raise TypeError("this door is behind the sign-in")
        return user

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {**super().default_response_headers, "Cache-Control": "private, no-store"}


class Metadata(Door):
    """What this server can do; open to everybody, as it says nothing of anybody."""

    authentication_classes = []
    permission_classes = []

    def get(self, request: Request) -> Response:
        return Response(capability_statement(claims(), house(), version=VERSION))


class Nothing(Door):
    """An address that does not exist, told as FHIR tells errors."""

    authentication_classes = []
    permission_classes = []

    def get(self, request: Request, rest: str) -> Response:
        raise NoSuchAddress("There is no such address here. /fhir/metadata lists what there is.")

    post = get


class OfStation(Door):
    """A door of one type; `type_` is set by the address."""

    type_: str = ""

    @property
    def station(self) -> Station:
        return STATIONS[self.type_]


class Reading(OfStation):
    def get(self, request: Request, key: str) -> Response:
        resource = self.station.read(self.user, key, request.query_params)
        tag = etag(resource)
        known = [one.strip() for one in request.headers.get("If-None-Match", "").split(",")]
        if tag in known or "*" in known:
            return Response(status=304, headers={"ETag": tag})
        return Response(resource, headers={"ETag": tag})


def etag(resource: Json) -> str:
    """Of what is told and not of a version: there are none to go back to (R4 §3.1.0.5)."""
    said = json.dumps(resource, sort_keys=True).encode()
    return f'W/"{hashlib.sha256(said).hexdigest()[:32]}"'


class Searching(OfStation):
    def get(self, request: Request) -> Response:
        return self.found(request.query_params)

    def found(self, query: QueryDict) -> Response:
        """The Bundle of a search; `self` says what was understood, and leaves out what a lenient search ignored."""
        station, lenient = self.station, LENIENT in self.request.headers.get("Prefer", "")
        asked = asked_of(station, query, self.user, lenient=lenient)
        page = station.search(self.user, asked)
        more = included(station, list(page.resources), query, self.user, STATIONS)
        self._note(asked, query, [*page.resources, *more.resources])
        pairs = [pair for pair in pairs_of(query) if pair[0] not in ("_cursor", *asked.ignored)]
        links = [("self", self._link(pairs, asked.cursor))]
        links += [("next", self._link(pairs, page.cursor))] if page.cursor else []
        found, warning = (page.resources, more.resources), LEFT_OUT if more.cut else ""
        return Response(searchset(*found, house(), total=page.total, links=links, warning=warning))

    def _link(self, pairs: list[tuple[str, str]], cursor: str) -> str:
        query = urlencode([*pairs, *([("_cursor", cursor)] if cursor else [])])
        return f"{house().base}/{self.type_}" + (f"?{query}" if query else "")

    def _note(self, asked: Asked, query: QueryDict, told: list[Json]) -> None:
        """Searching the data of named patients is looking at them; so is finding that of one, by whatever means.

        Searching through a number or a name, and having data brought along (`_revinclude`), is recorded as one search
        where it found the data of several, or of nobody.
        """
        people: list[int | None] = [int(key) for one in asked.people if (key := one.rpartition("/")[2]).isdigit()]
        met = _people_in(told)
        if not people and (len(met) == 1 or asked.chained or "_revinclude" in query):
            people = [met.pop() if len(met) == 1 else None]
        for person in dict.fromkeys(people):
            audit.record("fhir.searched", ("fhir", self.type_), by=self.user, patient=person)


def _people_in(told: list[Json]) -> set[int]:
    """Whose data was told."""
    named = {int(one["id"]) for one in told if one["resourceType"] == "Patient"}
    return named | {int(key) for one in told for element in ABOUT for key in keys_in(one, element, "Patient")}


class Posted(Searching):
    """[type]/_search (R4 §3.1.1.3): the same search with its parameters in a form, so that no log has them."""

    parser_classes = [FormParser]
    http_method_names = ["post", "options"]

    def post(self, request: Request) -> Response:
        query = request.query_params.copy()
        query.update(request.data)
        return self.found(query)


class Making(Searching):
    """A type that others may create."""

    def post(self, request: Request) -> Response:
        made = self.station.create(self.user, request.data, request.headers.get("If-None-Exist", ""))
        where = {"Location": f"{house().base}/{self.type_}/{made.resource['id']}"}
        return Response(made.resource, status=201 if made.new else 200, headers=where)


class Presented(Door):
    """Binary: a signed PDF in its own type, or as a resource for who accepts FHIR's JSON."""

    needs = "report.view"
    renderer_classes = [PdfRenderer, FhirRenderer]  # Binary in its own type (R4 §2.43.4)

    def get(self, request: Request, key: int) -> Response | HttpResponse:
        # What waits for its release leaves by no door, whoever asks.
        left = ReportVersion.objects.readable_by(self.user).have_left()
        left = left.exclude(report__state__in=REPORT.groups["withdrawn"])  # as it is presented no more
        version = get_or_404(left.select_related("report__task"), key)
        paper = handed(version)
        if paper is None:
            raise NotFound(NOWHERE)
        note_handed(paper, by=self.user)
        if isinstance(request.accepted_renderer, FhirRenderer):
            stands = {STANDING: paper.standing}
            return Response(binary(version.pk, paper.body, house(), standing=paper.standing), headers=stands)
        headers = paper.headers(f"report-{version.report_id}")
        return HttpResponse(paper.body, content_type="application/pdf", headers=headers)

"""The DICOMweb grammar of the proxy (PS3.18 §10): bytes in, a typed request or a refusal out.

Pure. Nothing of what the client wrote is forwarded: the upstream address is built again from typed UIDs and an
allow-list of query keys, so a path that Orthanc would resolve differently cannot be expressed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from viewer.grammar_query import ABSENT, Query, chosen_by, read_query

PATH_MAX = 2048
QUERY_MAX = 8192
UID_MAX = 64
FRAMES_MAX = 100
UID = r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*"
BULK = r"[0-9a-fA-F]{8}(?:/[1-9][0-9]{0,5}/[0-9a-fA-F]{8}){0,16}"
FRAMES = r"[1-9][0-9]{0,5}(?:,[1-9][0-9]{0,5})*"


class Endpoint(StrEnum):
    """What a grammatical path asks for."""

    STUDIES = "studies"
    STUDY_METADATA = "study-metadata"
    STUDY_SERIES = "study-series"
    STUDY_INSTANCES = "study-instances"
    SERIES_METADATA = "series-metadata"
    SERIES_INSTANCES = "series-instances"
    SERIES_RENDERED = "series-rendered"
    INSTANCE = "instance"
    INSTANCE_METADATA = "instance-metadata"
    FRAMES = "frames"
    INSTANCE_RENDERED = "instance-rendered"
    BULK = "bulk"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class Dicomweb:
    """One grammatical request; the UIDs are at most 64 ASCII digits and dots."""

    endpoint: Endpoint
    study: str = ""
    series: str = ""
    instance: str = ""
    detail: str = ""
    query: Query = ABSENT

    @property
    def studies(self) -> tuple[str, ...]:
        """The studies that must be granted: that of the path, else those of the query."""
        return (self.study,) if self.study else self.query.studies


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why bytes are not a request of ours; `reason` is for the audit trail, of who looks for what is not theirs.

    `named` are the studies that were meant, "" for a person or for what is no UID: asking for one's own in a form that
    is not understood or not offered is no alarm.
    """

    status: int
    reason: str = ""
    named: tuple[str, ...] = ()

    @property
    def alarm(self) -> bool:
        return bool(self.reason)


_STUDY = rf"studies/(?P<study>{UID})"
_SERIES = rf"{_STUDY}/series/(?P<series>{UID})"
_INSTANCE = rf"{_SERIES}/instances/(?P<instance>{UID})"
_ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", r"studies", Endpoint.STUDIES),
    ("GET", rf"{_STUDY}/metadata", Endpoint.STUDY_METADATA),
    ("GET", rf"{_STUDY}/series", Endpoint.STUDY_SERIES),
    ("GET", rf"{_STUDY}/instances", Endpoint.STUDY_INSTANCES),
    ("GET", rf"{_SERIES}/metadata", Endpoint.SERIES_METADATA),
    ("GET", rf"{_SERIES}/instances", Endpoint.SERIES_INSTANCES),
    ("GET", rf"{_SERIES}/(?:rendered|thumbnail)", Endpoint.SERIES_RENDERED),
    ("GET", _INSTANCE, Endpoint.INSTANCE),
    ("GET", rf"{_INSTANCE}/metadata", Endpoint.INSTANCE_METADATA),
    ("GET", rf"{_INSTANCE}/frames/(?P<detail>{FRAMES})", Endpoint.FRAMES),
    ("GET", rf"{_INSTANCE}/(?:rendered|thumbnail)", Endpoint.INSTANCE_RENDERED),
    ("GET", rf"{_INSTANCE}/bulk/(?P<detail>{BULK})", Endpoint.BULK),
    ("POST", r"studies", Endpoint.STORE),
    ("POST", _STUDY, Endpoint.STORE),
)
# What DICOMweb has besides (PS3.18 §10.4.1) and is not offered: no alarm to ask for it of one's own study.
_ELSEWHERE = re.compile(
    rf"{_STUDY}(?:/series/{UID}(?:/instances/{UID}(?:/frames/{FRAMES})?)?)?(?:/rendered|/thumbnail|/bulkdata)?"
)
_TABLE = tuple((method, re.compile(pattern), endpoint) for method, pattern, endpoint in _ROUTES)


def parse(method: str, path: bytes, query: bytes) -> Dicomweb | Refusal:
    """Read the raw bytes after the proxy's own prefix.

    Args: method as sent; path still percent-encoded, without leading slash; query without the question mark.
    Returns the request, or a Refusal with 400, 404, 405, 406 or 414.
    """
    if len(path) > PATH_MAX or len(query) > QUERY_MAX:
        return Refusal(414)
    try:
        text = path.decode("ascii")
    except UnicodeDecodeError:
        return Refusal(404)
    matches = [(verb, found, end) for verb, rule, end in _TABLE if (found := rule.fullmatch(text)) is not None]
    for verb, found, endpoint in matches:
        if verb == method:
            return _typed(endpoint, found.groupdict(), query)
    status = 405 if matches and method != "GET" else 404
    below = _ELSEWHERE.fullmatch(text) if method == "GET" or matches else None
    if below is not None:
        return Refusal(status, "a request that is not offered", (below["study"],))
    return Refusal(status) if matches else Refusal(status, "an address outside the viewer's grammar")


def _typed(endpoint: Endpoint, named: dict[str, str | None], raw_query: bytes) -> Dicomweb | Refusal:
    study, series, instance, detail = (named.get(name) or "" for name in ("study", "series", "instance", "detail"))
    if any(len(uid) > UID_MAX for uid in (study, series, instance)) or detail.count(",") >= FRAMES_MAX:
        return Refusal(404)
    query = read_query(endpoint.value, raw_query)
    if isinstance(query, int):
        return _not_understood(query, study, raw_query)
    return Dicomweb(endpoint, study, series, instance, detail, query)


def _not_understood(status: int, study: str, raw_query: bytes) -> Refusal:
    """Whoever names persons or other studies in a question that is refused may look for more than what is theirs."""
    others = [value for value in chosen_by(raw_query) if not study or value != study]
    if not others:
        return Refusal(status)
    named = tuple(value if len(value) <= UID_MAX and re.fullmatch(UID, value) else "" for value in others)
    return Refusal(status, "a question for studies that is outside the viewer's grammar", named)


_TAILS = {
    Endpoint.STUDY_METADATA: "/metadata",
    Endpoint.STUDY_SERIES: "/series",
    Endpoint.STUDY_INSTANCES: "/instances",
    Endpoint.SERIES_METADATA: "/metadata",
    Endpoint.SERIES_INSTANCES: "/instances",
    Endpoint.SERIES_RENDERED: "/rendered",
    Endpoint.INSTANCE_METADATA: "/metadata",
    Endpoint.INSTANCE_RENDERED: "/rendered",
}


def upstream_path(request: Dicomweb) -> str:
    """The path below the archive's DICOMweb root, built from the typed parts alone, with leading slash."""
    path = "/studies"
    if request.study:
        path += f"/{request.study}"
    if request.series:
        path += f"/series/{request.series}"
    if request.instance:
        path += f"/instances/{request.instance}"
    if request.endpoint is Endpoint.FRAMES:
        return f"{path}/frames/{request.detail}"
    if request.endpoint is Endpoint.BULK:
        return f"{path}/bulk/{request.detail}"
    return path + _TAILS.get(request.endpoint, "")


def upstream_query(request: Dicomweb, studies: Sequence[str] = ()) -> str:
    """The query string for the archive: literal commas (Orthanc does not decode %2C), only checked characters."""
    query = request.query
    pairs = [("StudyInstanceUID", ",".join(studies))] if studies else []
    pairs += list(query.filters)
    if query.includefield:
        pairs.append(("includefield", ",".join(query.includefield)))
    if query.limit is not None:
        pairs.append(("limit", str(query.limit)))
    if query.offset:
        pairs.append(("offset", str(query.offset)))
    return "&".join(f"{key}={value}" for key, value in pairs)

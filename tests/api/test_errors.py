"""Every error has one shape, and nothing that a program sends is an error of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings
from rest_framework.test import APIClient

from tests.world import World

pytestmark = pytest.mark.db
PATIENTS = "/api/v1/patients/"


def send(client: APIClient, body: bytes, *, method: str = "POST", content_type: str = "application/json") -> Any:
    """These very bytes, whatever they are called."""
    return client.generic(method, PATIENTS, body, content_type=content_type)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "This field is required."),
        (b"{", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b'{"family_name": "\xff"}', "not JSON"),
        (b'{"family_name": NaN}', "not JSON"),
        (b'{"family_name": 1e999}', "not JSON"),
        (b'{"family_name": ' + b"1" * 5000 + b"}", "not JSON"),
        (b'{"family_name": "\\ud800"}', "surrogate"),
        (b'{"\\udfff": 1}', "surrogate"),
        (b'{"family_name": "\\u0000"}', "NUL"),
        (b'[["\\u0000"]]', "NUL"),
        (b"[]", "dictionary"),
        (b'"text"', "dictionary"),
        (b"null", ""),
        (b'{"family_name": {"a": ["b"]}, "site": []}', "valid string"),
    ],
)
def test_a_body_that_means_nothing_is_a_400(clerk: APIClient, body: bytes, words: str) -> None:
    answer = send(clerk, body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "message", "fields"}
    assert words in answer.content.decode()


@pytest.mark.parametrize("charset", ["utf-16", "rot13", "bz2_codec", "nonsense"])
def test_a_charset_cannot_change_what_json_is(clerk: APIClient, charset: str) -> None:
    body = b'{"family_name": "Plain", "site": "north", "sparse": true}'
    answer = send(clerk, body, content_type=f"application/json; charset={charset}")
    assert answer.status_code == 201


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
def test_a_body_that_is_too_large_is_a_413(clerk: APIClient) -> None:
    answer = clerk.post(PATIENTS, {"family_name": "x" * 200, "site": "north"}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (413, "too-large")


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/xml", ""])
def test_another_media_type_is_a_415(clerk: APIClient, content_type: str) -> None:
    answer = send(clerk, b"family_name=x", content_type=content_type)
    assert (answer.status_code, answer.json()["error"]) == (415, "unsupported-media-type")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense"])
def test_another_answer_is_a_406(clerk: APIClient, accept: str) -> None:
    answer = clerk.get(PATIENTS, headers={"accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (406, "application/json")
    assert answer.json()["error"] == "not-acceptable"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"])
def test_another_method_is_a_405(clerk: APIClient, method: str) -> None:
    answer = send(clerk, b"{}", method=method)
    assert (answer.status_code, answer.json()["error"]) == (405, "method-not-allowed")


@pytest.mark.parametrize("key", ["0", str(2**63), str(10**30), "9" * 5000, "-1", "abc", "1%00", "..", "1.5"])
def test_an_address_of_nothing_is_a_404_in_json(clerk: APIClient, key: str) -> None:
    answer = clerk.get(f"{PATIENTS}{key}/")
    assert answer.status_code == 404
    assert answer.json()["error"] == "not-found"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_mistyped_address_is_a_404_in_json_for_every_method(method: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, "/api/v1/patiens/1/")
    assert answer.status_code == 404
    assert answer.json()["error"] == "not-found"


def test_a_missing_slash_leads_there(clerk: APIClient) -> None:
    assert clerk.get("/api/v1/patients").headers["Location"] == PATIENTS
    assert clerk.get("/api/v1/patients?q=x").headers["Location"] == f"{PATIENTS}?q=x"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=-1", "limit=many", f"offset={2**63}", "offset=-1", "offset=1e3", "limit=%00",
     "q=%00", "q=" + "x" * 101],
)  # fmt: skip
def test_a_query_out_of_bounds_is_a_400(clerk: APIClient, query: str) -> None:
    answer = clerk.get(f"{PATIENTS}?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [query.partition("=")[0]]


def test_pages_follow_each_other(world: World, clerk: APIClient) -> None:
    people = [world.patient("Page", f"Number{n}").pk for n in range(5)]
    seen, address = [], f"{PATIENTS}?limit=2"
    while address:
        page = clerk.get(address).json()
        assert page["count"] == 5
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert seen == people

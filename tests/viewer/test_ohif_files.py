"""/viewer/ohif/…: files, the document for every route, the configuration."""

from __future__ import annotations

import gzip
import hashlib
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from tests.viewer.hospital import Browser, Hospital
from tests.world import World
from viewer.ohif.config import Values, render
from viewer.ohif.library import BASE, WORKER_POLICY, library


@pytest.fixture
def rita_(world: World, client: Client) -> Client:
    client.force_login(world.radiologist)
    return client


@pytest.fixture
def bundle(settings: Settings) -> str:
    """The name of the real main script."""
    shelf = library(settings.OHIF_DIR)
    assert shelf is not None, "run `manage.py fetch_ohif` first"
    return next(name for name in shelf.files if name.startswith("app.bundle.") and name.endswith(".js"))


def test_a_script_is_served_compressed_for_ever_and_with_the_policy_of_a_worker(client: Client, bundle: str) -> None:
    plain = client.get(BASE + bundle)
    packed = client.get(BASE + bundle, headers={"Accept-Encoding": "gzip, deflate"})
    assert plain["Content-Type"] == "text/javascript"
    assert plain["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain["Content-Security-Policy"] == WORKER_POLICY
    assert (packed["Content-Encoding"], packed["Vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 3


def test_brotli_is_preferred_and_a_refused_encoding_is_respected(client: Client, bundle: str) -> None:
    def encoding(accept: str) -> str | None:
        return client.get(BASE + bundle, headers={"Accept-Encoding": accept}).get("Content-Encoding")

    assert [encoding(accept) for accept in ("gzip, br", "gzip, br;q=0", "identity", "")] == ["br", "gzip", None, None]


def test_a_file_that_did_not_change_is_not_sent_again(client: Client, bundle: str) -> None:
    tag = client.get(BASE + bundle)["ETag"]
    again = client.get(BASE + bundle, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name", ["../prepared.json", "..%2fprepared.json", "nothing.js", "sw.js", "index.html.gz", "a//b.js"]
)
def test_only_files_of_the_manifest_exist(client: Client, name: str, db: None) -> None:
    assert client.get(BASE + name).status_code == 404


@pytest.mark.parametrize("route", ["", "viewer", "viewer?StudyInstanceUIDs=1.2.3", "segmentation", "index.html"])
def test_every_route_gets_the_document_with_its_own_policy(rita_: Client, settings: Settings, route: str) -> None:
    answer = rita_.get(BASE + route)
    shelf = library(settings.OHIF_DIR)
    assert shelf is not None
    policy = answer["Content-Security-Policy"]
    assert answer.status_code == 200
    assert f"<title>{settings.VIEWER_BRAND}</title>" in answer.content.decode()
    assert f"script-src 'self' {' '.join(shelf.scripts)};" in policy
    assert "object-src 'self' blob:; frame-src 'self' blob:" in policy
    assert "frame-ancestors 'self'" in policy
    assert answer["Cache-Control"] == "private, no-store"


def test_the_document_asks_strangers_to_sign_in_and_leads_back(client: Client, db: None) -> None:
    answer = client.get(f"{BASE}viewer?StudyInstanceUIDs=1.2.3")
    assert answer.status_code == 302
    assert "next=/viewer/ohif/viewer%3FStudyInstanceUIDs%3D1.2.3" in answer["Location"]


def test_a_viewer_that_is_not_installed_is_said_so(rita_: Client, settings: Settings, tmp_path: object) -> None:
    settings.OHIF_DIR = tmp_path
    answer = rita_.get(BASE)
    assert answer.status_code == 503
    assert "fetch_ohif" in answer.content.decode()


# The configuration


def values_of(script: str) -> dict[str, str]:
    first = script.splitlines()[0]
    return dict(json.loads(first.removeprefix("const RIS = ").removesuffix(";")))


def test_the_configuration_carries_the_sessions_value_and_the_observer(rita_: Client, world: World) -> None:
    answer = rita_.get(f"{BASE}app-config.js")
    found = values_of(answer.content.decode())
    assert found["dicomweb"] == "/viewer/dicom-web"
    assert found["observer"] == world.radiologist.observer_name
    assert len(found["csrf"]) == 64
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Isocenter-User"] == str(world.radiologist.pk)


def test_strangers_get_no_value(client: Client, db: None) -> None:
    answer = client.get(f"{BASE}app-config.js")
    assert (answer.status_code, values_of(answer.content.decode())["csrf"]) == (401, "")
    assert "X-Isocenter-User" not in answer


def test_the_configurations_value_lets_a_measurement_in(hospital: Hospital, rita: Browser) -> None:
    """OHIF sends it as the bearer; a wrong one is refused (test_proxy_stow.py), so this one is why it is let in."""
    script = hospital.ask(f"{BASE}app-config.js", rita).body.decode()
    answer = hospital.store(rita, b"no dicom", Authorization=f"Bearer {values_of(script)['csrf']}")
    assert answer.status == 409


def test_the_configuration_knows_one_source_and_none_that_follows_addresses() -> None:
    script = render(Values(dicomweb="/viewer/dicom-web"))
    assert script.count("namespace:") == 1
    assert "dicomjson" not in script
    assert "dicomwebproxy" not in script


@pytest.mark.parametrize("hostile", ["</script><script>alert(1)</script>", '"; alert(1); "', "\u2028alert(1)", "\\"])
def test_no_value_can_leave_its_string(hostile: str) -> None:
    script = render(Values(dicomweb="/x", observer=hostile))
    first = script.splitlines()[0]
    assert values_of(script)["observer"] == hostile
    assert "<" not in first
    assert "\u2028" not in first


def test_the_command_prints_the_configuration_for_any_endpoint() -> None:
    out = StringIO()
    call_command("ohif_config", "--dicomweb", "/pacs/dicom-web", "--observer", "DOE^Jo", stdout=out)
    found = values_of(out.getvalue())
    assert (found["dicomweb"], found["observer"], found["csrf"]) == ("/pacs/dicom-web", "DOE^Jo", "")
    assert (
        hashlib.sha256(out.getvalue().encode()).digest()
        != hashlib.sha256(render(Values(dicomweb="/x")).encode()).digest()
    )

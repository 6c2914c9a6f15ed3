from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from ris.dicom.orthanc.config import Device, OrthancOptions, build
from ris.dicom.tls import Files

OPTIONS = OrthancOptions(storage=Path("/var/images"), username="u", password="p", http_port=1, dicom_port=2)


def test_the_configuration_is_json_and_names_plugins_by_file() -> None:
    told = json.loads(json.dumps(build(OPTIONS)))
    assert told["StorageDirectory"] == "/var/images"
    assert (told["HttpPort"], told["DicomPort"], told["DicomAet"]) == (1, 2, "ORTHANC")
    assert all(plugin.endswith(".so") for plugin in told["Plugins"])
    assert told["DicomWeb"]["Root"] == "/dicom-web/"
    assert Path(told["PythonScript"]).is_file()


def test_nothing_is_open_that_security_closes() -> None:
    told = build(OPTIONS)
    for name in (
        "OverwriteInstances",
        "WebDavEnabled",
        "ExecuteLuaEnabled",
        "RestApiWriteToFileSystemEnabled",
        "SslEnabled",
        "RemoteAccessAllowed",
        "HttpCompressionEnabled",
        "DicomAlwaysAllowFind",
        "DicomAlwaysAllowGet",
        "DicomAlwaysAllowMove",
    ):
        assert told[name] is False, name
    assert told["AuthenticationEnabled"] is True
    assert told["RegisteredUsers"] == {"u": "p"}
    assert told["DicomWeb"]["Servers"] == {}
    assert told["DicomWeb"]["EnableWado"] is False
    assert told["LuaScripts"] == []


@pytest.mark.parametrize("change", [{"username": ""}, {"password": ""}])
def test_an_orthanc_without_credentials_is_not_configured(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="needs a user name and a password"):
        build(replace(OPTIONS, **change))  # type: ignore[arg-type]


def test_a_known_device_may_store_but_not_search() -> None:
    told = build(replace(OPTIONS, devices=[Device("CT1", "10.0.0.7", 104)], devices_in_file=True, any_sender=False))
    device = told["DicomModalities"]["CT1"]
    assert (device["AET"], device["Host"], device["Port"]) == ("CT1", "10.0.0.7", 104)
    assert (device["AllowStore"], device["AllowNAction"], device["UseDicomTls"]) == (True, True, False)
    assert told["DicomModalitiesInDatabase"] is False
    assert not any(device[name] for name in ("AllowFind", "AllowGet", "AllowMove", "AllowFindWorklist"))
    assert told["DicomAlwaysAllowStore"] is False


def test_devices_that_the_ris_writes_itself_do_not_stand_in_the_file() -> None:
    told = build(replace(OPTIONS, devices=[Device("CT1", "10.0.0.7", 104)]))
    assert (told["DicomModalitiesInDatabase"], told["DicomModalities"]) == (True, {})


def test_orthanc_calls_devices_over_tls_by_our_files_when_all_are_there() -> None:
    whole = build(replace(OPTIONS, tls=Files("/tls/own.crt", "/tls/own.key", "/tls/ca.pem")))
    assert whole["DicomTlsEnabled"] is False
    assert whole["DicomTlsTrustedCertificates"] == "/tls/ca.pem"
    assert "DicomTlsCertificate" not in build(replace(OPTIONS, tls=Files("/tls/own.crt", "/tls/own.key")))


def test_a_missing_decoder_plugin_is_left_out(tmp_path: Path) -> None:
    without = build(replace(OPTIONS, plugins_dir=tmp_path))["Plugins"]
    (tmp_path / "libOrthancGdcm.so").touch()
    with_decoder = build(replace(OPTIONS, plugins_dir=tmp_path))["Plugins"]
    assert [os.path.basename(plugin) for plugin in without] == ["libOrthancDicomWeb.so", "libOrthancPython.so"]  # noqa: PTH119
    assert len(with_decoder) == 3

"""Orthanc's configuration, generated: what Isocenter needs, and nothing that a stranger could use.

Every hardening line answers something that was seen to work against an unhardened Orthanc 1.10.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ris.dicom.modalities import entry
from ris.dicom.tls import NO_FILES, Files

HOOK_SCRIPT = Path(__file__).resolve().parents[3] / "deploy" / "orthanc" / "hook.py"
PLUGINS_DIR = Path("/usr/share/orthanc/plugins")


@dataclass(frozen=True, slots=True)
class Device:
    """A modality that Orthanc knows: it may store and ask for storage commitment, nothing else."""

    ae_title: str
    host: str
    port: int
    tls: bool = False


@dataclass(frozen=True, slots=True)
class OrthancOptions:
    """What differs between installations. `storage` is a directory; ages are seconds.

    `remote_access` is for an Orthanc in a container or on another host than the RIS: it then answers others than
    loopback, still only with its credentials. `any_sender` accepts images from AE titles that Orthanc does not know.
    `tls` names our PEM files, as the machine of Orthanc sees them.
    Without `devices_in_file` Orthanc keeps its modalities in its database, where the RIS writes them.
    """

    storage: Path
    username: str
    password: str
    http_port: int = 8042
    dicom_port: int = 4242
    ae_title: str = "ORTHANC"
    dicomweb_root: str = "/dicom-web"
    stable_age: int = 3
    remote_access: bool = False
    any_sender: bool = True
    devices: Sequence[Device] = ()
    devices_in_file: bool = False
    tls: Files = NO_FILES
    plugins_dir: Path = PLUGINS_DIR
    hook_script: Path = HOOK_SCRIPT


def build(options: OrthancOptions) -> dict[str, Any]:
    """The configuration as JSON-able data; ValueError when it would leave Orthanc open."""
    if not options.username or not options.password:
        raise ValueError("Orthanc needs a user name and a password: without them it answers everybody.")
    return {
        "Name": "Isocenter",
        **_storage(options),
        **_http(options),
        **_dicom(options),
        **_closed_doors(),
        **_plugins(options),
    }


def _storage(options: OrthancOptions) -> dict[str, Any]:
    return {
        "StorageDirectory": str(options.storage),
        "IndexDirectory": str(options.storage),
        "StorageCompression": False,
        "SyncStorageArea": True,
        "OverwriteInstances": False,
        "StoreMD5ForAttachments": True,
        "StableAge": options.stable_age,
        "DefaultEncoding": "Utf8",
        "CaseSensitivePN": False,
        "SaveJobs": False,
        "JobsHistorySize": 10,
        "LogExportedResources": False,
        "DeidentifyLogs": True,
    }


def _http(options: OrthancOptions) -> dict[str, Any]:
    return {
        "HttpServerEnabled": True,
        "HttpPort": options.http_port,
        "HttpThreadsCount": 50,
        "HttpRequestTimeout": 30,
        "HttpCompressionEnabled": False,
        "HttpDescribeErrors": False,
        "KeepAlive": True,
        "TcpNoDelay": True,
        # TLS ends before Orthanc: 1.10.1 dies at the first HTTPS connection.
        "SslEnabled": False,
        "RemoteAccessAllowed": options.remote_access,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {options.username: options.password},
    }


def _dicom(options: OrthancOptions) -> dict[str, Any]:
    return {
        "DicomServerEnabled": True,
        "DicomAet": options.ae_title,
        "DicomPort": options.dicom_port,
        "DicomCheckCalledAet": True,
        "DicomCheckModalityHost": False,
        "DicomThreadsCount": 16,
        "DicomScpTimeout": 120,  # a device that builds images while it sends may pause
        "DicomAlwaysAllowEcho": True,
        "DicomAlwaysAllowStore": options.any_sender,
        "DicomAlwaysAllowFind": False,
        "DicomAlwaysAllowFindWorklist": False,
        "DicomAlwaysAllowGet": False,
        "DicomAlwaysAllowMove": False,
        "UnknownSopClassAccepted": False,
        "StorageCommitmentReportsSize": 100,
        **_modalities(options),
        **_tls(options.tls),
    }


def _tls(files: Files) -> dict[str, Any]:
    """As a caller Orthanc speaks TLS with devices that are set so, by our files; as server it stays plain."""
    named = {
        "DicomTlsCertificate": files.certificate,
        "DicomTlsPrivateKey": files.key,
        "DicomTlsTrustedCertificates": files.authorities,
    }
    complete = files.complete and bool(files.authorities)
    return {"DicomTlsEnabled": False, **(named if complete else {})}


def _modalities(options: OrthancOptions) -> dict[str, Any]:
    """In the file, or in the database: with the database Orthanc reads none from the file."""
    listed = {device.ae_title: _device(device) for device in options.devices if options.devices_in_file}
    return {"DicomModalitiesInDatabase": not options.devices_in_file, "DicomModalities": listed}


def _device(device: Device) -> dict[str, Any]:
    return dict(entry(device.ae_title, device.host, device.port, secured=device.tls))


def _closed_doors() -> dict[str, Any]:
    return {
        "WebDavEnabled": False,
        "WebDavUploadAllowed": False,
        "WebDavDeleteAllowed": False,
        "OrthancExplorerEnabled": False,
        "ExecuteLuaEnabled": False,
        "LuaScripts": [],
        "RestApiWriteToFileSystemEnabled": False,
        "OrthancPeers": {},
        "OrthancPeersInDatabase": False,
    }


def _plugins(options: OrthancOptions) -> dict[str, Any]:
    # Files, not the directory: a directory would load whatever else is installed there.
    wanted = [options.plugins_dir / f"libOrthanc{name}.so" for name in ("DicomWeb", "Python")]
    decoder = options.plugins_dir / "libOrthancGdcm.so"
    if decoder.exists():
        wanted.append(decoder)
    return {
        "Plugins": [str(plugin) for plugin in wanted],
        "DicomWeb": {
            "Enable": True,
            "Root": f"/{options.dicomweb_root.strip('/')}/",
            "EnableWado": False,
            "Servers": {},
            "StudiesMetadata": "Full",
            "SeriesMetadata": "Full",
        },
        "Gdcm": {"Enable": True, "Throttling": 4},
        "PythonScript": str(options.hook_script),
        "PythonVerbose": False,
    }

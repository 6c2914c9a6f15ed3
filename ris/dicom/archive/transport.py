"""HTTP to the archive: timeouts, credentials, no redirects, no compression, and errors in our words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.exceptions import ProtocolError

from ris.dicom.archive.errors import ArchiveError, NotInArchive

TRANSIENT = frozenset({408, 423, 425, 429})


@dataclass(frozen=True, slots=True)
class Access:
    """Where the archive is and how to get in; `timeout` is (seconds to connect, seconds to answer)."""

    url: str
    dicomweb_root: str = "/dicom-web"
    username: str = ""
    password: str = ""
    token: str = ""
    timeout: tuple[float, float] = (3.0, 30.0)

    def __repr__(self) -> str:
        return f"Access({self.url!r})"


class ArchiveSession(requests.Session):
    """A session for one thread. Its `request` raises ArchiveError unless the answer is 2xx."""

    def __init__(self, access: Access) -> None:
        super().__init__()
        self.trust_env = False  # neither a proxy nor a .netrc may take part in this conversation
        # Orthanc compresses pixels when asked to, at ten times the cost; requests asks by default.
        self.headers.update({"Accept-Encoding": "identity", "User-Agent": "Isocenter"})
        self._timeout = access.timeout
        if access.token:
            self.headers["Authorization"] = f"Bearer {access.token}"
        elif access.username:
            self.auth = (access.username, access.password)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        return checked(self.exchange(method, url, **options))

    def exchange(self, method: str, url: str, **options: Any) -> requests.Response:
        """The answer whatever its status; ArchiveError only when there is none."""
        options |= {"allow_redirects": False, "timeout": self._timeout}
        options["headers"] = _headers(options.get("headers") or {})
        try:
            return self._once_more_if_stale(method, url, options)
        except requests.ConnectTimeout as error:
            raise ArchiveError("The archive cannot be reached.", permanent=False) from error
        except requests.Timeout as error:
            raise ArchiveError("The archive did not answer in time.", permanent=False) from error
        except requests.RequestException as error:
            raise ArchiveError("The connection to the archive failed.", permanent=False) from error

    def _once_more_if_stale(self, method: str, url: str, options: dict[str, Any]) -> requests.Response:
        """Orthanc drops an idle connection after a second; a read that met that moment is repeated once."""
        try:
            return super().request(method, url, **options)
        except requests.ConnectionError as error:
            dropped = bool(error.args) and isinstance(error.args[0], ProtocolError)
            if method.upper() != "GET" or not dropped:
                raise
            return super().request(method, url, **options)


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    """dicomweb-client names the host without its port, and asks for two media types, which Orthanc logs as an error."""
    kept = {name: value for name, value in given.items() if name != "Host"}
    if kept.get("Accept", "").startswith("application/dicom+json"):
        kept["Accept"] = "application/dicom+json"
    return kept


def checked(response: requests.Response) -> requests.Response:
    """The response when it is 2xx; otherwise the ArchiveError that says what it means."""
    status = response.status_code
    if 200 <= status < 300:
        return response
    if status == 404:
        raise NotInArchive
    if status in {401, 403}:
        raise ArchiveError("The archive refuses the credentials of the RIS.", permanent=False)
    if status >= 500 or status in TRANSIENT:
        raise ArchiveError(f"The archive has a fault of its own (HTTP {status}).", permanent=False)
    raise ArchiveError(f"The archive refused the request (HTTP {status}).", permanent=True)

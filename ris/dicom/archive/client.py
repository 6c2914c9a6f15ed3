"""dicomweb-client, with STOW and single-object retrieval of exact bytes.

The library's own `store_instances` re-encodes every object and uses one constant multipart boundary: a hostile object
could carry that boundary and smuggle a second object past our checks. Here bytes are sent as they are, behind a
random boundary.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import requests
from dicomweb_client.web import DICOMwebClient

from ris.dicom.archive.errors import ArchiveError
from ris.dicom.archive.transport import Access, ArchiveSession, checked
from ris.dicom.datasets import InstanceRef, Window

PART10 = 'multipart/related; type="application/dicom"; transfer-syntax=*'
DICOM_JSON = "application/dicom+json"


class ArchiveClient(DICOMwebClient):
    """A DICOMweb client for one thread."""

    def __init__(self, access: Access) -> None:
        self.base = access.url.rstrip("/")
        self.http = ArchiveSession(access)
        super().__init__(self.base + "/" + access.dicomweb_root.strip("/"), session=self.http)
        # Its retries would repeat a STOW five times, with pauses; our retry policy lives in the deliveries.
        self.set_http_retry_params(retry=False)

    def native(self, method: str, path: str, **options: Any) -> Any:
        """A request to the archive's own REST API, answered as JSON."""
        return self.http.request(method, self.base + path, **options).json()

    def native_bytes(self, path: str) -> bytes:
        return self.http.request("GET", self.base + path).content

    def store_part10(self, parts: Sequence[bytes]) -> Mapping[str, Any]:
        """STOW the files as they are; the response module as DICOM JSON (PS3.18 §10.5), {} when it had no body.

        A refusal of some or all objects (400, 409) is an answer too; one without a module raises ArchiveError.
        """
        boundary = secrets.token_hex(16)
        head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        body = b"".join(piece for part in parts for piece in (head, part, b"\r\n")) + f"--{boundary}--".encode()
        content_type = f'multipart/related; type="application/dicom"; boundary={boundary}'
        headers = {"Content-Type": content_type, "Accept": DICOM_JSON}
        response = self.http.exchange("POST", f"{self.base_url}/studies", data=body, headers=headers)
        module = _module(response)
        if response.status_code not in {400, 409} or not module:
            checked(response)
        return module

    def part10(self, ref: InstanceRef) -> bytes:
        """One object as a Part 10 file in the transfer syntax in which it is stored."""
        path = f"/studies/{ref.study_instance_uid}/series/{ref.series_instance_uid}/instances/{ref.sop_instance_uid}"
        response = self.http.request("GET", self.base_url + path, headers={"Accept": PART10})
        if response.headers.get("Content-Type", "").startswith("application/dicom"):
            return response.content
        found = [bytes(part) for part in self._decode_multipart_message(response, stream=False)]
        if len(found) != 1:
            raise ArchiveError("The archive answered with more or less than the one object.", permanent=False)
        return found[0]

    def rendered(self, ref: InstanceRef, frame: int, window: Window | None = None) -> bytes:
        """One frame as JPEG (PS3.18 §8.3.5 and §10.4), in this window or in the archive's own."""
        path = f"/studies/{ref.study_instance_uid}/series/{ref.series_instance_uid}/instances/{ref.sop_instance_uid}"
        address = f"{self.base_url}{path}/frames/{frame}/rendered" + (f"?{window.query()}" if window else "")
        return self.http.request("GET", address, headers={"Accept": "image/jpeg"}).content


def _module(response: requests.Response) -> Mapping[str, Any]:
    """The response module, {} when there is none. Orthanc's 400 carries one without saying that it is JSON; some
    archives put it into a list of one."""
    try:
        answer = response.json()
    except ValueError:
        return {}
    first = answer[0] if isinstance(answer, list) and answer else answer
    return first if isinstance(first, Mapping) else {}

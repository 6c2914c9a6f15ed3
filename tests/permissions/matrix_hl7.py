"""HL7 messages: for those who look after deliveries."""

from __future__ import annotations

from tests.permissions.answers import ADMINS, Row, to
from tests.permissions.bodies import WHY

MESSAGE = {"message_id": "hl7_out"}

HL7: dict[str, Row] = {
    "hl7:outgoing": Row(get=to(ADMINS)),
    "hl7:outgoing-message": Row(MESSAGE, get=to(ADMINS)),
    "hl7:outgoing-send": Row(MESSAGE, post=to(ADMINS, 302)),
    "hl7:outgoing-set-aside": Row(MESSAGE, post=to(ADMINS, 302), body=WHY),
}

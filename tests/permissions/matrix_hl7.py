"""HL7 messages: for those who look after deliveries and interfaces."""

from __future__ import annotations

from tests.permissions.answers import ADMINS, Row, to
from tests.permissions.bodies import WHY

MESSAGE = {"message_id": "hl7_out"}
CAME = {"message_id": "hl7_in"}

HL7: dict[str, Row] = {
    "hl7:incoming": Row(get=to(ADMINS)),
    "hl7:incoming-message": Row(CAME, get=to(ADMINS)),
    "hl7:incoming-text": Row(CAME, get=to(ADMINS)),
    "hl7:incoming-replay": Row(CAME, post=to(ADMINS, 302)),
    "hl7:incoming-try": Row(
        get=to(ADMINS), post=to(ADMINS), body={"sender": "{hl7_sender}", "text": "MSH|^~\\&|EPIC|WARD"}
    ),
    "hl7:outgoing": Row(get=to(ADMINS)),
    "hl7:outgoing-message": Row(MESSAGE, get=to(ADMINS)),
    "hl7:outgoing-send": Row(MESSAGE, post=to(ADMINS, 302)),
    "hl7:outgoing-set-aside": Row(MESSAGE, post=to(ADMINS, 302), body=WHY),
}

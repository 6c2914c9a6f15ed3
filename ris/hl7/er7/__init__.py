"""HL7 v2 messages as text with delimiters (HL7 v2.5.1 chapter 2). Pure: no Django, no socket.

`read(bytes)` gives a Message, `write(message)` the text, `encode` its bytes; `segment` and `header` build what goes
out, `acknowledge` what goes back.
"""

from ris.hl7.er7.acks import Answer, Fault, acknowledge
from ris.hl7.er7.building import Heading, header, segment
from ris.hl7.er7.charsets import CHARSETS, codec_of, encode, header_of
from ris.hl7.er7.delimiters import USUAL, Delimiters
from ris.hl7.er7.errors import Malformed, Unwritable
from ris.hl7.er7.message import NULL, Message, Segment
from ris.hl7.er7.reading import read, read_text
from ris.hl7.er7.writing import write

__all__ = [
    "CHARSETS",
    "NULL",
    "USUAL",
    "Answer",
    "Delimiters",
    "Fault",
    "Heading",
    "Malformed",
    "Message",
    "Segment",
    "Unwritable",
    "acknowledge",
    "codec_of",
    "encode",
    "header",
    "header_of",
    "read",
    "read_text",
    "segment",
    "write",
]

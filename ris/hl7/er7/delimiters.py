"""MSH-1 and MSH-2: each message says which characters divide it (chapter 2.5.4)."""

from __future__ import annotations

from dataclasses import dataclass

from ris.hl7.er7.errors import REQUIRED_FIELD_MISSING, Malformed


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The usual ones are |^~\\&; a fifth in MSH-2 is v2.7's truncation character."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""

    @property
    def encoding(self) -> str:
        """MSH-2 as it is written."""
        return self.component + self.repetition + self.escape + self.subcomponent + self.truncation

    @property
    def letters(self) -> dict[str, str]:
        """What stands between two escape characters for each delimiter."""
        named = {"F": self.field, "S": self.component, "T": self.subcomponent, "R": self.repetition, "E": self.escape}
        return named | ({"P": self.truncation} if self.truncation else {})


USUAL = Delimiters()


def of_header(text: str) -> Delimiters:
    """The delimiters that the first segment declares. Raises Malformed when they cannot be told apart."""
    if not text.startswith("MSH"):
        raise Malformed("The message does not begin with MSH.")
    if len(text) < 8:
        raise Malformed("MSH ends before its delimiters.", code=REQUIRED_FIELD_MISSING, location="MSH^1^2")
    field = text[3]
    encoding = text[4:12].splitlines()[0].split(field, 1)[0]
    found = field + encoding
    if not 4 <= len(encoding) <= 5 or len(set(found)) != len(found) or any(_unfit(char) for char in found):
        raise Malformed("MSH-1 and MSH-2 are no set of delimiters.", code=REQUIRED_FIELD_MISSING, location="MSH^1^2")
    return Delimiters(field, *encoding)


def _unfit(char: str) -> bool:
    return char.isalnum() or not char.isprintable() or char in ' "'

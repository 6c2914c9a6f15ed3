"""What became of an emergency access: somebody else looks at each one (45 CFR 164.312(a)(2)(ii), security.md §1)."""

from __future__ import annotations

from ris.core.lifecycle import lifecycle

GLASS = lifecycle(
    "state",
    {("waiting", "justify"): "justified", ("waiting", "question"): "questioned"},
    waiting=("waiting",),
)

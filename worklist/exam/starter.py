"""A small set of contrast agents and reject reasons to begin with; the admin changes them."""

from __future__ import annotations

from typing import Any

# Each with its kind.
AGENTS = (
    ("Iohexol 300 mg I/mL", "iodinated"),
    ("Iohexol 350 mg I/mL", "iodinated"),
    ("Iomeprol 400 mg I/mL", "iodinated"),
    ("Iopromide 370 mg I/mL", "iodinated"),
    ("Gadobutrol 1 mmol/mL", "gadolinium"),
    ("Gadoteric acid 0.5 mmol/mL", "gadolinium"),
    ("Gadoxetic acid 0.25 mmol/mL", "gadolinium"),
    ("Sulphur hexafluoride microbubbles", "ultrasound"),
    ("Barium sulphate suspension", "barium"),
)
# Each with whether the report tells it.
REASONS = (
    ("Patient moved", True),
    ("Breathing", True),
    ("Timing of the contrast", True),
    ("Positioning", False),
    ("Anatomy cut off", False),
    ("Artefact: clothing or jewellery", False),
    ("Over-exposed", False),
    ("Under-exposed", False),
    ("Wrong side or part", False),
    ("Fault of the device", False),
    ("Other", False),
)


def fill(agents: Any, reasons: Any) -> None:
    """Make what is missing; `agents` and `reasons` are the models. What an admin changed stays."""
    for name, kind in AGENTS:
        agents.objects.get_or_create(name=name, defaults={"kind": kind})
    for name, in_report in REASONS:
        reasons.objects.get_or_create(name=name, defaults={"in_report": in_report})

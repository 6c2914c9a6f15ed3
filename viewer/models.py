"""The viewer's rows; each lives with what it belongs to."""

from __future__ import annotations

from viewer.glass.models import EmergencyAccess
from viewer.hanging.models import Hanging, WindowPreset

__all__ = ["EmergencyAccess", "Hanging", "WindowPreset"]

"""The viewer's rows; each lives with what it belongs to."""

from __future__ import annotations

from viewer.hanging.models import Hanging, WindowPreset

__all__ = ["Hanging", "WindowPreset"]

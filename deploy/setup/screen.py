"""What set-up says to the person at the keyboard."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """A line on the screen, at once: the commands that follow write there too."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()

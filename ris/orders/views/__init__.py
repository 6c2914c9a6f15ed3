"""Pages about orders. Each loads what its person may see, calls one action and says what happened."""

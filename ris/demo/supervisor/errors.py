"""The one way in which the demo gives up."""


class DemoError(Exception):
    """One sentence for the person at the keyboard: what is wrong and what to do about it."""


class AskedToStopError(Exception):
    """Somebody asked the demo to stop while it was still being prepared."""

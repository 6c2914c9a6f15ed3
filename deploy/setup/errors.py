"""The one way in which set-up gives up."""


class SetupError(Exception):
    """One sentence for the person at the keyboard: what is wrong and what to do about it."""

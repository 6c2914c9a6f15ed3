"""What stops the preparation of the viewer."""


class PreparationError(Exception):
    """The build is not the one that this recipe knows."""

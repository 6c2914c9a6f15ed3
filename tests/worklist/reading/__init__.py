"""The reading list."""

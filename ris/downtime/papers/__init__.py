"""Downtime forms, and the encrypted list of a day, as PDF: pure functions of frozen content."""

"""Somebody calls about a report: found from any page, and added to with who called and when."""

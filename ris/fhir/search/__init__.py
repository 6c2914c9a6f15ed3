"""Searching: which parameters there are, as a table, and what they mean in the database."""

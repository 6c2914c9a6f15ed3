"""The conformance statement's tables, drawn from the tables that the code itself works by."""

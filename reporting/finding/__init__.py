"""Finding signed reports by their words: one index, the same answers on SQLite (FTS5) and PostgreSQL (tsvector)."""

"""Finding a person by whatever is known: a number, words of a name, how it sounds, a date of birth.

Everything is looked up in sorted keys that are written when a patient is (keys.py), so that a search reads a bounded
number of index entries, however many patients there are, and reads the same ones on SQLite and on PostgreSQL.
"""

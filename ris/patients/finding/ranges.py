"""Reading bounded ranges of the name keys: the one query that search is made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from ris.patients.finding.keys import LAST

# Sorted by the index itself, so that both databases read the same first rows and no more.
BRANCH = """SELECT patient_id FROM (
    SELECT patient_id FROM patients_namekey WHERE site_id = %s AND "key" >= %s AND "key" < %s
    ORDER BY "key", patient_id LIMIT %s) AS part"""
BRANCHES_AT_ONCE = 100


class Prefix(NamedTuple):
    """Keys that begin with `text`, at most `limit` rows of them a site."""

    text: str
    limit: int


def patients_under(prefixes: Iterable[Prefix], sites: Iterable[int]) -> set[int]:
    """The records whose keys begin with any of the prefixes, at any of the sites."""
    wanted = [(site, prefix.text, prefix.text + LAST, prefix.limit) for prefix in prefixes for site in sorted(sites)]
    found: set[int] = set()
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), BRANCHES_AT_ONCE):
            part = wanted[start : start + BRANCHES_AT_ONCE]
            cursor.execute(" UNION ALL ".join([BRANCH] * len(part)), [value for row in part for value in row])
            found.update(row[0] for row in cursor.fetchall())
    return found

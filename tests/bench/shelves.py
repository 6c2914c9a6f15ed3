"""Signed reports by the million, whole: case, report, version, signature, index; two sites, a thousand people."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.utils import timezone

from reporting.finding.query import mark, words_of
from reporting.finding.record import ReportText
from reporting.models import Report, ReportTemplate, ReportVersion, Signature
from ris.accounts.models import Membership
from ris.patients.models import Patient
from tests.bench.caseload import FIRST, PEOPLE, Sql, pour, settle
from tests.world import World
from worklist.models import ReadingTask

WORDS = ("nodule", "effusion", "fracture", "atelectasis")
REST = "the heart is not enlarged and the mediastinum has its usual width without lymph nodes above ten millimetres"
SAID = "CASE i % 4 " + " ".join(f"WHEN {n} THEN '{one}'" for n, one in enumerate(WORDS)) + " END"
RARE, OFTEN, ELSE = (" ".join(words_of(one)) for one in ("肺节病灶", "右肺上叶可见结节", "双肺未见异常"))
CHINESE = f"CASE WHEN i % 997 = 0 THEN '{RARE}' WHEN i % 4 = 0 THEN '{OFTEN}' ELSE '{ELSE}' END"
SENTENCE = f"{SAID} || ' growing in segment ' || (i % 50) || ' {REST} of name' || (i % 1000) || ' ' || {CHINESE}"
NEVER = ("nodule fracture", "nodule -growing", "节肺", "结节 -肺")
ASKED = ("", "nodule", "effusion growing", '"in segment 17"', "atelec", "name777", "effusion name777",
         "结节", "肺", "上叶可见", "肺节病", *NEVER)  # fmt: skip
SOUTH = "i % 3 = 0"


def fill(world: World, count: int) -> None:
    """So many reports; every third is the south's, and the radiologist of the north reads there too.

    A report has one of four words, one of fifty numbers, one of a thousand names, a long sentence, and a short one in
    Chinese.
    """
    settle(world)
    Membership.objects.create(user=world.radiologist, site=world.south, role="radiologist")
    span, now = (1, count), timezone.now()
    site = Sql(f"CASE WHEN {SOUTH} THEN {world.south.pk} ELSE {world.north.pk} END")
    key, person = Sql(f"{FIRST} + i"), Sql(f"1 + i % {PEOPLE}")
    template = ReportTemplate.objects.order_by("pk")[0]
    pour(ReadingTask, span, id=key, site_id=site, patient_id=person, state="reported", created_at=now, changed_at=now,
         exam_at=now)  # fmt: skip
    pour(Report, span, id=key, task_id=key, site_id=site, template_id=template.pk, author_id="1",
         author_name="Bench", created_at=now, content={"sections": {}, "fields": {}})  # fmt: skip
    Report.objects.filter(pk__gt=FIRST).update(state="final")  # the database lets none begin so
    pour(ReportVersion, span, id=key, report_id=key, number=1, kind="final", content=_content(), created_at=now,
         content_sha256=Sql("'bench' || i"), study_instance_uid=Sql("'2.25.9' || i"),
         accession_numbers=_json("""'["B' || i || '"]'"""))  # fmt: skip
    pour(Signature, span, id=key, version_id=key, signer_id="1", signer_name="Bench", meaning="Final", signed_at=now,
         content_sha256=Sql("'bench' || i"))  # fmt: skip
    pour(ReportText, span, report_id=key, site_id=site, modality="CT", year=2026, signer_id="1", signer_name="Bench",
         body=Sql(f"{_marks(world)} || ' ' || {SENTENCE}"))  # fmt: skip
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT gin_clean_pending_list('reporting_reporttext_fts')")
        cursor.execute("ANALYZE")


def misspelt() -> str:
    """A family name of the town as somebody writes it who only heard it: in no report, so that people are asked for."""
    name = max(Patient.objects.values_list("family_name", flat=True)[:PEOPLE], key=len)
    return name[:-2] + name[-1] + name[-2]


def _marks(world: World) -> str:
    sites = [mark("site", site.pk) for site in (world.south, world.north)]
    rest = " ".join(mark(kind, value) for kind, value in (("modality", "CT"), ("year", 2026), ("signer", 1)))
    return f"CASE WHEN {SOUTH} THEN '{sites[0]}' ELSE '{sites[1]}' END || ' {rest}'"


def _content() -> Sql:
    """As much of a frozen content as a list reads."""
    return _json(
        f"""'{{"sections": [{{"title": "Findings", "text": "' || {SENTENCE} || '."}}], "measurements": []}}'"""
    )


def _json(expression: str) -> Sql:
    return Sql(f"CAST({expression} AS jsonb)" if connection.vendor == "postgresql" else expression)


def page_of(client: Any, words: str) -> Any:
    """The archive's page, as a browser asks for it."""
    return client.get("/reports/", {"q": words} if words else {})

"""Reports in Chinese and Japanese are found by a word in the middle of a sentence, also those of before the update."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from reporting.actions import open_report, save_draft
from reporting.finding.query import words_of
from reporting.finding.record import ReportText
from reporting.models import Report
from tests.exam import FINDINGS, case, sign
from tests.reporting.finding.test_search import found
from tests.world import World
from worklist.actions.reading import claim

pytestmark = [pytest.mark.usefixtures("signing_key"), pytest.mark.db]
MIGRATION = import_module("reporting.migrations.0025_words_without_spaces")
CHINESE = {"findings": "CT示右肺上叶可见结节3mm。肝脏未见异常。", "impression": "建议随访。"}
JAPANESE = {"findings": "右上葉にスリガラス陰影を認める。", "impression": "経過観察。"}


def signed(world: World, sections: dict[str, str], family: str = "王", given: str = "小東") -> Report:
    task = claim(case(world, world.requested(world.order(world.patient(family, given)))), by=world.radiologist)
    report = open_report(task, by=world.radiologist)
    return sign(save_draft(report, revision=0, sections=sections, by=world.radiologist), world.radiologist).report


@pytest.mark.parametrize(
    "text",
    ["结节", "右肺", "肺", "上叶可见", "示右肺上叶可见结节", "3mm 结节", '"结节3mm"', "王小東", "小東", "随访 -钙化"],
)
def test_a_word_within_a_chinese_sentence_finds_its_report(world: World, text: str) -> None:
    report = signed(world, CHINESE)
    assert found(text, world.radiologist) == [report.pk]


@pytest.mark.parametrize("text", ["肺节", "结节 -右肺", "异常建议", "节3", "王東"])
def test_characters_that_are_no_neighbours_do_not(world: World, text: str) -> None:
    signed(world, CHINESE)
    assert found(text, world.radiologist) == []


@pytest.mark.parametrize("text", ["陰影", "スリガラス", "ガラス", "ガラス陰影を", "山田たろう", "経過"])
def test_a_word_within_a_japanese_sentence_finds_its_report(world: World, text: str) -> None:
    report = signed(world, JAPANESE, "山田", "たろう")
    assert found(text, world.radiologist) == [report.pk]


def test_reports_of_before_the_update_are_found_after_it_and_a_second_run_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, latin = signed(world, CHINESE), signed(world, FINDINGS, "Wang", "Xiaodong")
    kept = ReportText.objects.get(pk=latin.pk).body
    marks = [word for word in ReportText.objects.get(pk=report.pk).body.split() if word.startswith("zz")]
    before = " ".join([*marks, "王 小東 findings", "ct示右肺上叶可见结节3mm", "肝脏未见异常"])
    ReportText.objects.filter(pk=report.pk).update(body=before)
    assert found("结节", world.radiologist) == []
    monkeypatch.setattr(MIGRATION, "AT_ONCE", 1)
    editor = SimpleNamespace(connection=connection)
    MIGRATION.cut(apps, editor)
    again = ReportText.objects.get(pk=report.pk).body
    MIGRATION.cut(apps, editor)
    assert found("结节", world.radiologist) == found("王小東", world.radiologist) == [report.pk]
    assert ReportText.objects.get(pk=report.pk).body == again == " ".join([*words_of(before), *words_of("王小東")])
    assert ReportText.objects.get(pk=latin.pk).body == kept

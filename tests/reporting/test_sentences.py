"""Figures → sentences (ux P1-P4): every number is one of the figures, every gap is marked, nothing is invented."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest

from reporting.rules.annual_report import compose_report, content_gaps, draft_sentences
from reporting.rules.annual_sentences import NOTICE_NUMBER
from reporting.rules.figures import ReportFigures
from reporting.rules.filenames import document_filename
from reporting.rules.narrative import (
    GAPS,
    default_narrative,
    narrative_keys,
    remaining_gaps,
    split_gaps,
)
from tests.reporting.sample_figures import full_figures, sample_figures, subject

NUMBER = re.compile(r"\d+(?:\.\d+)?%?")


def drafted_text(figures: ReportFigures) -> str:
    return "\n".join(text for section in draft_sentences(figures) for text in section.drafted)


def numbers_in(text: str) -> set[str]:
    """Numbers that count something: dates, the notice's number and standard codes are names, not counts."""
    text = text.replace(NOTICE_NUMBER, "")
    text = re.sub(r"DB37/T \d+—\d+|〔\d+〕\d+号", "", text)
    text = re.sub(r"\d+年\d+月\d+日|\d+年度", "", text)
    return set(NUMBER.findall(text))


def annex_numbers(figures: ReportFigures) -> set[str]:
    annexes = compose_report(figures, {}, date="2026-11-25").annexes
    tables = [table for annex in annexes for table in annex.tables]
    return {cell for table in tables for row in table.rows for cell in row if NUMBER.fullmatch(cell)}


def with_unique_numbers(figures: ReportFigures) -> ReportFigures:
    """Every count replaced by a number that occurs once, so that a swapped or invented one shows."""
    counter = itertools.count(1009, 17)

    def replace(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: replace(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [replace(item) for item in value]
        if isinstance(value, int) and not isinstance(value, bool) and key != "year":
            return next(counter)
        return value

    unique = replace(figures)
    for row in unique["targets"]:
        row["target"] = row["actual"] + 7
    return unique


@pytest.mark.parametrize("unique", [False, True])
def test_numbers_in_the_text_are_numbers_of_the_annex(unique: bool) -> None:
    figures = full_figures(subjects=[subject("山东喆昇机械有限公司")])
    if unique:
        figures = with_unique_numbers(figures)
    quoted = numbers_in(drafted_text(figures))
    assert len(quoted) > (12 if unique else 6)
    assert quoted <= annex_numbers(figures)


def test_each_count_has_its_unit() -> None:
    for number in re.finditer(r"\d+(?:\.\d+)?(?P<after>.)", numbers_and_units(drafted_text(full_figures()))):
        assert number["after"] in "家个人分%对次项场件份篇条", number.group()


def numbers_and_units(text: str) -> str:
    text = text.replace(NOTICE_NUMBER, "").replace("DB37/T 4077—2020", "").replace("=1+1", "")
    return re.sub(r"\d+年\d+月\d+日|\d+年度|〔\d+〕\d+号", "", text)


def test_the_report_has_the_shape_of_the_notice() -> None:
    content = compose_report(sample_figures(), {}, date="2026-11-05")
    assert content.title == "关于滕州市2026年度和谐劳动关系创建活动开展情况的报告"
    assert content.addressee == "市协调劳动关系三方委员会办公室"
    assert [section.heading for section in content.sections if section.level == 1] == [
        "一、总体情况",
        "二、主要做法",
        "三、典型经验",
        "四、存在问题",
        "五、下一步打算",
    ]
    assert content.closing == "特此报告。"
    assert content.date_text == "2026年11月5日"
    assert [annex.title for annex in content.annexes] == [
        "滕州市2026年度重点培育对象台账",
        "滕州市2026年度结对和指导服务情况表",
        "滕州市2026年度目标完成情况表",
    ]


@pytest.mark.parametrize(
    ("place", "first"),
    [
        ("滕州市", "关于滕州市2026年度和谐劳动关系"),
        ("枣庄高新技术产业开发区", "关于枣庄高新技术产业开发区2026年度"),
    ],
)
def test_title_breaks_between_words(place: str, first: str) -> None:
    lines = compose_report(sample_figures(district_name=place), {}, date="2026-11-25").title_lines
    assert lines[0] == first
    assert all(sum(0.5 if char.isascii() else 1 for char in line) <= 20 for line in lines)


def test_sentences_say_what_was_counted() -> None:
    text = drafted_text(sample_figures())
    assert "本年度共确认重点培育对象6个，其中企业5家、乡镇（街道）1个；新增4个、延续培育2个。" in text
    assert "重点培育企业目标不少于4家，已完成5家，达到目标要求" in text
    assert "辖区应参与创建企业120家，已参与87家，参与率72.5%。" in text
    assert "开展自评的重点培育企业5家，4家已提交自评，3家已经区（市）核验，2家达到标准" in text
    assert "重点培育工业园区、乡镇（街道）目标不少于2个，已完成1个，尚差1个" in text
    assert "（重构稿，待官方文本核定）" in text


def test_nothing_enrolled_is_said_and_unknown_is_a_gap_not_a_zero() -> None:
    figures = sample_figures(
        kinds=[],
        subjects=[],
        assessments=[],
        targets=[],
        participation={"participating": None, "expected": None, "rate": None},
    )
    del figures["services"]
    text = drafted_text(figures)
    assert "本年度尚未确认重点培育对象。" in text
    assert "本年度尚未确认重点培育企业。" in text
    assert "【待补充：应参与创建和已参与创建的企业数（未填报）】" in text
    assert not numbers_in(text)
    content = compose_report(figures, {}, date="2026-11-25")
    assert not content.annexes[0].tables[0].rows


def test_unknown_staff_is_not_zero_staff() -> None:
    figures = sample_figures()
    figures["kinds"][0]["employee_count"] = None
    assert "职工人数未填报" in drafted_text(figures)
    assert "职工0人" not in drafted_text(figures)


def test_no_assessment_started() -> None:
    figures = sample_figures()
    figures["assessments"][0] |= {"started": 0, "indicator_label": ""}  # type: ignore[typeddict-item]  # test data
    assert "重点培育企业尚未开展自评。" in drafted_text(figures)


def test_all_targets_reached_and_nothing_contradictory_leaves_no_drafted_problem() -> None:
    figures = sample_figures()
    figures["targets"][1]["actual"] = 2
    figures["assessments"][0]["passed"] = figures["assessments"][0]["verified"]
    for row in figures["subjects"]:
        row["employee_count"] = row["employee_count"] or 40
    problems = next(section for section in draft_sentences(figures) if section.key == "problems")
    assert problems.drafted == ()


def test_narrative_replaces_its_gap_and_only_its_own() -> None:
    figures = sample_figures()
    empty = compose_report(figures, {}, date="2026-11-25")
    assert len(content_gaps(empty)) == len(GAPS)
    written = compose_report(figures, {"plans": "第一段。\n\n第二段。"}, date="2026-11-25")
    assert len(content_gaps(written)) == len(GAPS) - 1
    plans = next(section for section in written.sections if section.key == "plans")
    assert plans.paragraphs == ("第一段。", "第二段。")
    assert compose_report(figures, {"plans": "  "}, date="2026-11-25") == empty


def test_remaining_gaps_by_section() -> None:
    assert set(default_narrative()) == set(narrative_keys()) == set(GAPS)
    narrative = dict.fromkeys(GAPS, "已写。")
    assert remaining_gaps(narrative) == {}
    narrative["plans"] = "一是……；【待补充：二】和【待补充：三】"
    narrative["problems"] = ""
    assert remaining_gaps(narrative) == {
        "plans": ["【待补充：二】", "【待补充：三】"],
        "problems": [f"【待补充：{GAPS['problems']}】"],
    }
    assert "".join(piece for piece, _ in split_gaps(narrative["plans"])) == narrative["plans"]


def test_figures_survive_the_snapshot() -> None:
    figures = full_figures()
    stored = json.loads(json.dumps(figures, ensure_ascii=False))
    assert compose_report(stored, {}, date="2026-11-25") == compose_report(figures, {}, date="2026-11-25")


def test_contacts_stay_out_of_the_report() -> None:
    content = compose_report(sample_figures(), {}, date="2026-11-25")
    assert "13800000000" not in repr(content)
    assert "张喆" not in repr(content)


def test_file_names() -> None:
    from datetime import date

    day = date(2026, 11, 20)
    assert (
        document_filename(year=2026, district="滕州市", label="培育对象台账", day=day, extension="xlsx")
        == "2026年度_滕州市_培育对象台账_20261120.xlsx"
    )
    name = document_filename(
        year=2026,
        district='滕 州/..\\市:*?"<>|\n\u202e',
        label="情况报告（代拟稿）",
        day=day,
        extension=".docx",
        sequence=2,
    )
    assert name == "2026年度_滕州..市_情况报告（代拟稿）_20261120_2.docx"


def test_the_portals_own_clause_numbers_stay_out_of_the_paper() -> None:
    figures = sample_figures()
    figures["targets"][0]["clause"] = "枣人社字〔2023〕34号三（二）2（C074）"
    targets = compose_report(figures, {}, date="2026-11-25").annexes[-1].tables[0]
    assert targets.rows[0][-1] == "枣人社字〔2023〕34号三（二）2"


def test_nothing_started_is_one_line_of_the_annex() -> None:
    figures = sample_figures()
    figures["assessments"][0]["started"] = 0
    facts = compose_report(figures, {}, date="2026-11-25").annexes[-1].tables[1]
    assert [row[1:] for row in facts.rows if row[0] == "企业评价"] == [("开展自评", "0", "家", "", "", "")]

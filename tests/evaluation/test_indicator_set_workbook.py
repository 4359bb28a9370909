"""The authoring workbook: there and back exactly, and problems that name sheet and row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings

from evaluation.rules.indicator_set_json import content_hash
from evaluation.rules.indicator_set_tables import to_tables
from evaluation.rules.indicator_set_workbook import read_indicator_workbook
from evaluation.rules.problems import IndicatorSetError
from evaluation.services.indicator_set_files import read_indicator_set_file, write_indicator_workbook
from tests.evaluation.indicator_set_samples import SHIPPED, check, item, make, shipped
from tests.evaluation.test_scoring_properties import set_and_answers


@dataclass
class Sheet:
    name: str
    rows: list[list[Any]]


def sheets_of(definition: Any) -> list[Sheet]:
    return [Sheet(name, [list(row) for row in rows]) for name, rows in to_tables(definition)]


def edit(name: str = "4077") -> dict[str, Sheet]:
    return {sheet.name: sheet for sheet in sheets_of(shipped(name))}


def refused(sheets: dict[str, Sheet]) -> list[tuple[str, str]]:
    with pytest.raises(IndicatorSetError) as caught:
        read_indicator_workbook(list(sheets.values()))
    return [(problem.code, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_through_a_real_workbook_and_back(name: str) -> None:
    again = read_indicator_set_file(write_indicator_workbook(shipped(name)))
    assert again == shipped(name)
    assert content_hash(again) == content_hash(shipped(name))


@given(set_and_answers())
@settings(max_examples=40, deadline=None)
def test_any_set_there_and_back(case: tuple[Any, dict[str, Any]]) -> None:
    assert read_indicator_workbook(sheets_of(case[0])) == case[0]


def test_a_list_of_one_that_holds_a_comma() -> None:
    definition = make(
        item("A1", 1, check(), evidence=["检测报告、检查报告"]), vetoes=[{"code": "V01", "name": "甲，乙"}]
    )
    assert read_indicator_workbook(sheets_of(definition)) == definition


def test_excel_floats_count_as_what_was_typed() -> None:
    sheets = edit()
    rows = sheets["指标"].rows
    for row in rows[1:]:
        row[rows[0].index("满分")] = float(row[rows[0].index("满分")])
    assert read_indicator_workbook(list(sheets.values())) == shipped("4077")


def test_title_rows_blank_rows_and_other_columns_order() -> None:
    sheets = edit("4076")
    rows = [list(reversed(row)) for row in sheets["一票否决"].rows]
    sheets["一票否决"].rows = [["一票否决项一览"], [], rows[0], *rows[1:], [None, "", "  "]]
    assert read_indicator_workbook(list(sheets.values())) == shipped("4076")


def test_problems_name_the_sheet_and_row() -> None:
    sheets = edit()
    heading = sheets["评分规则"].rows[0]
    sheets["评分规则"].rows[3][heading.index("方式")] = "看心情"
    assert refused(sheets) == [
        (
            "UNKNOWN_KIND",
            "工作表“评分规则”第 4 行，评价指标 D02-01 第 1 条评分规则：没有“看心情”这种规则。"
            "可用：check、slope、bands、count、points、survey。",
        )
    ]


def test_a_rule_of_an_item_that_is_not_there() -> None:
    sheets = edit()
    sheets["评分规则"].rows[1][0] = "D99-01"
    assert refused(sheets) == [
        ("UNKNOWN_PARENT", "工作表“评分规则”第 2 行，指标“D99-01”不在表中。请填写已有的编号。")
    ]


@pytest.mark.parametrize("missing", ["说明", "评价项目", "指标", "评分规则"])
def test_missing_sheets(missing: str) -> None:
    sheets = edit()
    del sheets[missing]
    assert ("MISSING_SHEET", f"缺少工作表“{missing}”。请用导出的样表填写，不要改工作表名称。") in refused(
        sheets
    )


def test_unknown_headings_and_rows() -> None:
    sheets = edit()
    sheets["指标"].rows[0][1] = "代号"
    sheets["说明"].rows.append(["作者", "某人"])
    assert {code for code, _ in refused(sheets)} == {"UNKNOWN_HEADING", "UNKNOWN_ROW", "UNKNOWN_PARENT"}


def test_a_file_that_is_no_workbook() -> None:
    with pytest.raises(IndicatorSetError) as caught:
        read_indicator_set_file(b"PK\x03\x04 nonsense")
    assert len(caught.value.problems) == 1

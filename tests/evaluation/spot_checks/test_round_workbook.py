"""汇总表 of a round: what the page says as sheets; planned days read back, all or nothing."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from evaluation.enums import CheckState
from evaluation.services.spot_checks.workbooks import plan_visits, read_planned
from tests.evaluation.spot_checks.dashboard_builders import AT, Board, make_board
from tests.factories import login, make_actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.spreadsheets import read_workbook

DAY = date(2026, 11, 24)


@pytest.fixture
def board(db: None) -> Board:
    return make_board()


def exported(client: Client, board: Board) -> Workbook:
    answer = client.post(reverse("evaluation:spot_check_workbook", args=[board.held.pk]))
    assert answer.status_code == 200
    return load_workbook(BytesIO(answer.content))


def sent(client: Client, board: Board, book: Workbook) -> tuple[int, str]:
    target = BytesIO()
    book.save(target)
    answer = client.post(
        reverse("evaluation:spot_check_planned", args=[board.held.pk]),
        {"file": SimpleUploadedFile("汇总表.xlsx", target.getvalue())},
        follow=True,
    )
    return answer.status_code, answer.text


@time_machine.travel(AT)
def test_the_workbook_says_what_the_page_says_and_no_telephone(client: Client, board: Board) -> None:
    login(client, board.office)
    shown = client.get(reverse("evaluation:spot_check_round", args=[board.held.pk])).context["board"]
    book = exported(client, board)
    assert book.sheetnames == ["各区（市）", "落实条款", "评价指标", "判断差异", "检查名单", "说明"]
    rows = list(book["各区（市）"].iter_rows(min_row=2, values_only=True))
    assert [list(row[3:]) for row in rows] == [
        [number.value for number in row.numbers] for row in [*shown.units, shown.total]
    ]
    assert book["检查名单"].max_row == len(board.checks) + 1
    words = "".join(
        str(cell)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    )
    assert "0632-5550000" not in words
    login(client, make_actor(Role.DISTRICT_OFFICE, board.districts[0]))
    own = exported(client, board)
    assert "判断差异" not in own.sheetnames and own["各区（市）"].max_row == 2
    assert board.districts[1].name not in "".join(
        str(row) for row in own["检查名单"].iter_rows(values_only=True)
    )


@time_machine.travel(AT)
def test_the_workbook_comes_back_unchanged_or_with_days(client: Client, board: Board) -> None:
    login(client, board.office)
    book = exported(client, board)
    status, text = sent(client, board, book)
    assert status == 200 and "没有改动" in text
    sheet = book["检查名单"]
    column = next(cell.column for cell in sheet[1] if cell.value == "计划检查日期")
    waiting = [one for one in board.checks if one.state in (CheckState.SELECTED, CheckState.ASSIGNED)]
    for row in sheet.iter_rows(min_row=2):
        if row[0].value in [one.number for one in waiting]:
            sheet.cell(row[0].row, column, "2026年11月24日")
    status, text = sent(client, board, book)
    assert status == 200 and f"已安排 {len(waiting)} 项" in text
    for one in waiting:
        one.refresh_from_db()
        assert one.planned_on == DAY


@time_machine.travel(AT)
def test_one_row_at_fault_and_nothing_is_written(client: Client, board: Board) -> None:
    login(client, board.office)
    waiting = next(one for one in board.checks if one.state == CheckState.ASSIGNED)
    told = next(one for one in board.checks if one.state == CheckState.NOTIFIED)
    book = Workbook()
    book.active.append(["编号", "计划检查日期"])
    book.active.append([waiting.number, "2026-11-24"])
    book.active.append([told.number, "2026-11-24"])
    status, text = sent(client, board, book)
    assert status == 422 and told.number in text and "改期请撤回通知书后重发" in text
    book.active.append([waiting.number, "下周"])
    book.active.append([waiting.number, "2026-11-25"])
    status, text = sent(client, board, book)
    assert status == 422 and "第 4 行" in text and "第 5 行" in text
    waiting.refresh_from_db()
    assert waiting.planned_on is None


@time_machine.travel(AT)
def test_days_past_foreign_numbers_and_others_than_the_office(board: Board) -> None:
    waiting = next(one for one in board.checks if one.state == CheckState.ASSIGNED)
    for days in ({waiting.number: date(2026, 11, 19)}, {waiting.number: date(2027, 1, 4)}, {"没有": DAY}):
        with pytest.raises(DomainError):
            plan_visits(actor=board.office, held=board.held, days=days, now=AT)
    with pytest.raises(NotAllowed):
        plan_visits(actor=make_actor(Role.CITY_MEMBER), held=board.held, days={waiting.number: DAY}, now=AT)
    with pytest.raises(DomainError):
        read_planned(read_workbook("单位,日期\n甲,2026-11-24\n".encode()))

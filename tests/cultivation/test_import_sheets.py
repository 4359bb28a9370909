"""Sheets that differ, cells without a heading, an asterisk in a name: asked or refused by name, never read wrong."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from cultivation.enums import ImportState
from cultivation.models import ImportBatch, Subject
from cultivation.rules.imports_headers import holds_data
from tests import factories
from tests.cultivation.import_samples import City, code, make_city
from tests.cultivation.import_steps import bring
from tests.cultivation.test_import_views import confirm, follow, press, upload
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.errors import DomainError

pytestmark = pytest.mark.django_db


def book(**sheets: list[list[Any]]) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()


@pytest.fixture
def city() -> City:
    return make_city()


@pytest.fixture
def browser(city: City) -> Client:
    return factories.login(Client(), factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou))


TWO_ORDERS = {
    "一镇": [
        ["企业名称", "统一社会信用代码", "企业联系人", "法定代表人"],
        ["甲机械有限公司", code(1), "经办甲", "法人甲"],
    ],
    "二镇": [
        ["企业名称", "统一社会信用代码", "法定代表人", "企业联系人"],
        ["乙机械有限公司", code(2), "法人乙", "经办乙"],
    ],
}


def people() -> dict[str, tuple[str, str]]:
    rows = Subject.objects.select_related("profile").order_by("name")
    return {row.name: (row.contact_name, row.profile.legal_representative) for row in rows}


def test_two_sheets_in_another_order_keep_their_persons(browser: Client) -> None:
    """The page shows every sheet's own columns; confirming what it shows swaps nobody."""
    page = upload(browser, book(**TWO_ORDERS))
    batch = ImportBatch.objects.get()
    if batch.state == ImportState.STAGED:
        text = follow(browser, page).content.decode()
        assert "工作表“一镇”" in text and "工作表“二镇”" in text
        page = press(browser, "mapping", batch, **_shown(text))
    follow(browser, page)
    batch.refresh_from_db()
    follow(browser, confirm(browser, batch))
    assert people() == {"甲机械有限公司": ("经办甲", "法人甲"), "乙机械有限公司": ("经办乙", "法人乙")}


def _shown(text: str) -> dict[str, str]:
    """What the selects of the page hold, as a browser would send them."""
    found = {}
    for name, body in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    return found


def test_a_sheet_is_mapped_apart_from_the_others(browser: Client) -> None:
    """Guessed headings on both sheets: a choice for the one says nothing of the other."""
    data = book(
        一镇=[["企业名称", "信用代码", "厂里联系的人"], ["甲机械有限公司", code(1), "经办甲"]],
        二镇=[
            ["企业名称", "信用代码", "法定代表人姓名栏", "厂里联系的人"],
            ["乙机械有限公司", code(2), "法人乙", "经办乙"],
        ],
    )
    follow(browser, upload(browser, data))
    batch = ImportBatch.objects.get()
    chosen = {
        "column-0": "name", "column-1": "credit_code", "column-2": "contact_name",
        "column-1-0": "name", "column-1-1": "credit_code", "column-1-2": "legal_representative",
        "column-1-3": "contact_name",
    }  # fmt: skip
    follow(browser, press(browser, "mapping", batch, **chosen))
    batch.refresh_from_db()
    follow(browser, confirm(browser, batch))
    assert people() == {"甲机械有限公司": ("经办甲", ""), "乙机械有限公司": ("经办乙", "法人乙")}


def test_a_sheet_without_the_columns_is_named_and_can_be_left_out(browser: Client) -> None:
    data = book(
        企业名册=[["企业名称", "统一社会信用代码"], ["甲机械有限公司", code(1)]],
        工业园区=[["序号", "园区名称", "所在镇街"], [1, "案例园区", "荆河街道"]],
    )
    text = follow(browser, upload(browser, data)).content.decode()
    assert "此表不导入" in text
    batch = ImportBatch.objects.get()
    refused = press(browser, "mapping", batch, **_shown(text))
    assert refused.status_code == 422 and "工作表“工业园区”还没有指定" in refused.content.decode()
    follow(browser, press(browser, "mapping", batch, **_shown(text), **{"leave-out-1": "1"}))
    batch.refresh_from_db()
    follow(browser, confirm(browser, batch))
    assert list(Subject.objects.values_list("name", flat=True)) == ["甲机械有限公司"]


def test_the_command_refuses_a_sheet_it_cannot_read_by_name(city: City) -> None:
    data = book(
        企业名册=[["企业名称", "统一社会信用代码"], ["甲机械有限公司", code(1)]],
        工业园区=[["序号", "园区名称", "所在镇街"], [1, "案例园区", "荆河街道"]],
    )
    with pytest.raises(DomainError, match="工作表“工业园区”缺少"):
        bring(city, data)
    assert not Subject.objects.exists()


@pytest.mark.parametrize("order", ["name first", "code first"])
def test_pasted_rows_without_a_heading_lose_no_firm(order: str, browser: Client) -> None:
    """The first firm is a row, not a heading: the columns are guessed by what they hold and asked."""
    firms = [(f"滕州市案例{n}机械有限公司", code(n)) for n in (1, 2, 3)]
    lines = [
        f"{name}\t{number}\t荆河街道" if order == "name first" else f"{number}\t{name}"
        for name, number in firms
    ]
    page = browser.post(reverse("cultivation:import_new"), {"kind": "enterprises", "text": "\n".join(lines)})
    text = follow(browser, page).content.decode()
    batch = ImportBatch.objects.get()
    assert batch.state == ImportState.STAGED and "没有表头" in text
    shown = _shown(text)
    expected = {"name", "credit_code"}
    assert expected <= set(shown.values())
    follow(browser, press(browser, "mapping", batch, **shown))
    batch.refresh_from_db()
    follow(browser, confirm(browser, batch))
    assert set(Subject.objects.values_list("name", "credit_code")) == set(firms)


def test_a_row_with_a_credit_code_is_no_heading() -> None:
    assert holds_data(["滕州市甲机械有限公司", code(1), "荆河街道"])
    assert not holds_data(["企业名称", "统一社会信用代码", "乡镇（街道）", "2025年末职工人数"])


@pytest.mark.parametrize(("kind", "heading"), [("parks", "职工人数"), ("pilots", "年度")])
@pytest.mark.parametrize("star", ["*", "＊", "**"])
def test_an_asterisk_in_a_name_is_an_error_of_its_row(city: City, kind: str, heading: str, star: str) -> None:
    rows: list[list[Any]] = [[f"虚构{star}号工业园", 2026], ["虚构乙工业园", 2026]]
    outcome = bring(city, book(名单=[["名称", heading], *rows]), kind=kind)
    assert [(error.row, error.value) for error in outcome.errors] == [(2, f"虚构{star}号工业园")]
    assert "看不出全称" in outcome.errors[0].message
    assert outcome.created == 1

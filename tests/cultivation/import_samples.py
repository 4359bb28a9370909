"""A district with townships, workbooks as clerks make them, and fictitious credit codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook

from tests import factories
from zaozhuang_portal.accounts.enums import Level, OrganizationKind
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.credit_code import make_credit_code
from zaozhuang_portal.kernel.spreadsheets.cells import put

NOW = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
HEADER = [
    "企业名称",
    "统一社会信用代码",
    "乡镇（街道）",
    "所属行业",
    "经济类型",
    "职工人数",
    "联系人",
    "联系电话",
]


def code(number: int) -> str:
    return make_credit_code(f"91370481MA3F{number:05d}")


def firm(number: int, **changes: Any) -> list[Any]:
    row = dict(
        zip(
            HEADER,
            [
                f"滕州市第{number}机械有限公司",
                code(number),
                "荆河街道",
                "通用设备制造业",
                "民营",
                100 + number,
                "王五",
                "0632-5512345",
            ],
            strict=True,
        )
    )
    return list((row | changes).values())


def workbook(*rows: list[Any], title: str = "企业") -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            put(sheet.cell(number, column), value)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def register(*firms: list[Any]) -> bytes:
    return workbook(HEADER, *firms)


@dataclass
class City:
    tengzhou: Organization
    xuecheng: Organization
    zone: Organization
    jinghe: Organization
    beixin: Organization
    xingren: Organization


def make_city() -> City:
    tengzhou = factories.make_organization(Level.DISTRICT, name="滕州市", code="370481")
    xuecheng = factories.make_organization(Level.DISTRICT, name="薛城区", code="370403")
    zone = factories.make_organization(
        Level.DISTRICT, name="枣庄高新技术产业开发区", code="3704GX", kind=OrganizationKind.FUNCTIONAL_ZONE
    )
    jinghe = factories.make_organization(Level.TOWNSHIP, name="荆河街道", code="370481001", parent=tengzhou)
    beixin = factories.make_organization(Level.TOWNSHIP, name="北辛街道", code="370481003", parent=tengzhou)
    xingren = factories.make_organization(
        Level.TOWNSHIP, name="兴仁街道", code="370403002", parent=zone, legal_parent=xuecheng
    )
    return City(tengzhou, xuecheng, zone, jinghe, beixin, xingren)


def golden() -> bytes:
    """As a district really sends it: title, unit line, two-row heading, total row, signatures, a second sheet."""
    book = Workbook()
    sheet = book.active
    sheet.title = "培育企业名册"
    sheet.append(["滕州市2026年度和谐劳动关系培育企业名册"])
    sheet.merge_cells("A1:J1")
    sheet.append(
        ["填报单位：滕州市协调劳动关系三方机构", *[None] * 6, "填报日期：2026年5月6日　单位：家、人"]
    )
    sheet.append(
        ["序号", "单位名称", "社会信用代码", "镇街", "所属行业", "企业性质", "人数", "联系方式", None, "备注"]
    )
    sheet.append([None] * 7 + ["联系人", "电话", None])
    sheet.merge_cells("H3:I3")
    sheet.append(["甲", "乙", 1, 2, 3, 4, 5, 6, 7, 8])
    sheet.append(
        [
            1,
            "滕州市第1机械有限公司",
            code(1).lower(),
            "荆河街道",
            "C34",
            "私营",
            "１，２００人",
            "张三",
            "138 0632 1234",
            "",
        ]
    )
    sheet.append(
        [
            2,
            "滕州市第2机械有限公司",
            f" {code(2)} ",
            "滕州市北辛街道",
            "通用设备制造",
            "国有控股",
            312,
            "李四",
            "（0632）5512345",
            "",
        ]
    )
    sheet.append(
        ["序号", "单位名称", "社会信用代码", "镇街", "所属行业", "企业性质", "人数", None, None, "备注"]
    )
    sheet.append([3, "滕州市第3机械有限公司", code(3), "370481001", 34, "港资", None, None, None, "新上"])
    sheet.append([None] * 10)
    sheet.append(["合计", "3家", None, None, None, None, 1512])
    sheet.append(["填报人：赵六　审核人：钱七　联系电话：0632-5512345"])
    sheet.append(["注：本表一式四份。"])
    book.create_sheet("封面").append(["本表由区（市）填写"])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()

"""Invented subjects: enterprises with fictitious valid credit codes, the known parks, townships, industry pilots."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from cultivation.enums import SubjectKind
from cultivation.models import Subject
from cultivation.services.subjects import create_subject
from reporting.demo.people import People
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.credit_code import ALPHABET, make_credit_code

_PARKS = Path(__file__).resolve().parent / "parks.csv"
_FIRST = "鲁恒泰瑞丰盛宏华兴隆信达安康诚远嘉禾金锐力新润通博凯利源"
_SECOND = "泰源达昌盛润通和远丰瑞泽恒祥宇创辰星腾跃"
_TRADES = (
    ("34", "机床"),
    ("38", "锂电科技"),
    ("26", "化工"),
    ("35", "矿山机械"),
    ("13", "食品"),
    ("17", "纺织"),
    ("30", "玻璃"),
    ("48", "建筑工程"),
    ("54", "物流运输"),
    ("65", "软件科技"),
    ("51", "商贸"),
    ("21", "家具"),
)
_OWNERSHIP = ("PRIVATE", "PRIVATE", "PRIVATE", "STATE", "FOREIGN", "HK_MACAO_TAIWAN", "COLLECTIVE")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙"
_GIVEN = "建国丽华晓明志强秀英海燕文静立新"
PILOTS = {2023: ("锂电行业",), 2024: ("锂电行业提升", "机床行业"), 2025: ("化工行业", "食品行业")}


@dataclass
class Register:
    """Subjects by district code."""

    enterprises: dict[str, list[Subject]] = field(default_factory=dict)
    places: dict[str, list[Subject]] = field(default_factory=dict)
    pilots: dict[int, list[Subject]] = field(default_factory=dict)


def fictitious_code(number: int) -> str:
    """A valid code that belongs to nobody: the organization part starts with MADE."""
    body = f"91370400MADE{number:05d}"
    assert all(char in ALPHABET for char in body)  # noqa: S101 -- a slip in the literal above would spoil every code
    return make_credit_code(body)


_GROUNDWORK = (
    "已建工会和劳动争议调解组织，签订集体合同。",
    "已建工会，工资专项集体合同每年一签；调解组织今年新设。",
    "工会和职工代表大会制度健全，女职工权益专项合同在有效期内。",
)
_STATUS = (
    "劳动合同全员签订，近三年没有集体争议和欠薪。",
    "总体稳定，个别岗位加班较多，正在调整工时安排。",
    "用工规范，去年有1件劳动争议，经调解结案。",
    "季节性用工较多，社会保险参保率逐年提高。",
)


def person_name(random: Random) -> str:
    return random.choice(_SURNAMES) + random.choice(_GIVEN) + random.choice(_GIVEN)


def enterprise_data(
    random: Random, number: int, district: Organization, townships: list[Organization]
) -> dict[str, Any]:
    industry, trade = random.choice(_TRADES)
    place = district.name.removesuffix("市").removesuffix("区")[:2]
    staff = int(random.lognormvariate(4.6, 1.0)) + 5
    return {
        "name": f"{place}{random.choice(_FIRST)}{random.choice(_SECOND)}{trade}有限公司",
        "credit_code": fictitious_code(number),
        "managing_organization": district,
        "township": random.choice(townships),
        "industry_code": industry,
        "ownership": random.choice(_OWNERSHIP),
        "employee_count": staff,
        "annual_revenue": Decimal(staff * random.randint(20, 90)),
        "total_assets": Decimal(staff * random.randint(30, 120)),
        "legal_representative": person_name(random),
        "contact_name": person_name(random),
        "contact_phone": f"0632-{random.randint(5000000, 5999999)}",
        "groundwork": _GROUNDWORK[number % len(_GROUNDWORK)],
        "labor_relations_status": _STATUS[number % len(_STATUS)],
    }


def create_register(*, people: People, enterprises: int, random: Random, now: datetime) -> Register:
    """`enterprises` in all, spread evenly over the districts that carry a quota."""
    register = Register()
    districts = list(Organization.objects.districts().filter(carries_quota=True))
    number = 0
    for index, district in enumerate(districts):
        office = people.offices[district.code]
        townships = list(Organization.objects.filter(parent=district, level=Level.TOWNSHIP))
        wanted = enterprises // len(districts) + (index < enterprises % len(districts))
        rows, names = [], set()
        while len(rows) < wanted:
            number += 1
            data = enterprise_data(random, number, district, townships)
            if data["name"] in names:
                data["name"] = data["name"].replace("有限公司", f"{chr(0x4E00 + number % 900)}有限公司")
            names.add(data["name"])
            rows.append(create_subject(actor=office, kind=SubjectKind.ENTERPRISE, data=data, now=now))
        register.enterprises[district.code] = rows
        register.places[district.code] = _places(office, district, townships, random, now)
    lead = people.offices["370481"]
    for year, names_of_year in PILOTS.items():
        register.pilots[year] = [
            create_subject(
                actor=lead,
                kind=SubjectKind.INDUSTRY_PILOT,
                data={
                    "name": name,
                    "managing_organization": lead.organization,
                    "pilot_year": year,
                    "groundwork": "行业协会牵头，骨干企业已开展集体协商。",
                },
                now=now,
            )
            for name in names_of_year
        ]
    return register


def _places(
    office: Actor, district: Organization, townships: list[Organization], random: Random, now: datetime
) -> list[Subject]:
    """The district's known parks, then a few of its townships."""
    with _PARKS.open(encoding="utf-8") as file:
        parks = [row for row in csv.DictReader(file) if row["county_code"] == district.code]
    rows = [
        create_subject(
            actor=office,
            kind=SubjectKind.INDUSTRIAL_PARK,
            data={
                "name": row["name"],
                "managing_organization": district,
                "contact_name": person_name(random),
                "groundwork": "已建立协调劳动关系三方机制和园区工会联合会。",
                "labor_relations_status": "园区企业劳动合同签订率95%以上，争议多在园区内调解。",
            },
            now=now,
        )
        for row in parks
    ]
    rows += [
        create_subject(
            actor=office,
            kind=SubjectKind.TOWNSHIP,
            data={
                "name": township.name,
                "managing_organization": district,
                "township": township,
                "contact_name": person_name(random),
                "groundwork": "设有劳动保障服务站和人民调解组织。",
                "labor_relations_status": "辖区企业用工总体稳定，小微企业社会保险参保待提高。",
            },
            now=now,
        )
        for township in townships[:5]
    ]
    return rows

from decimal import Decimal

import pytest

from cultivation.rules.industries import all_industries, find_industry, industry_label
from cultivation.rules.size_class import Size, classify_size, size_table, table_industry


def size(code, section, employees=None, revenue=None, assets=None):
    return classify_size(
        industry_code=code,
        section=section,
        employees=employees,
        revenue=None if revenue is None else Decimal(revenue),
        assets=None if assets is None else Decimal(assets),
    )


@pytest.mark.parametrize(
    ("employees", "revenue", "expected"),
    [
        (1000, 40000, Size.LARGE),
        (999, 40000, Size.MEDIUM),
        (1000, 39999, Size.MEDIUM),
        (300, 2000, Size.MEDIUM),
        (1000, 1999, Size.SMALL),
        (20, 300, Size.SMALL),
        (19, 40000, Size.MICRO),
        (1000, 299, Size.MICRO),
    ],
)
def test_industry_must_meet_both_metrics(employees, revenue, expected):
    assert size("33", "C", employees, revenue).size is expected


def test_missing_figures_are_named():
    result = size("33", "C", employees=500)
    assert (result.size, result.missing) == (None, ("营业收入",))
    assert size("33", "C", employees=19).size is Size.MICRO
    assert size("47", "E", revenue=90000).missing == ("资产总额",)


def test_real_estate_and_storage_need_a_finer_code():
    assert size("70", "K", 500, 5000, 5000).size is None
    assert size("702", "K", employees=300, revenue=1000).size is Size.MEDIUM
    assert table_industry("5910", "G") == "交通运输业"
    assert table_industry("5920", "G") == "仓储业"
    assert size("591", "G", 300, 3000).size is Size.MEDIUM


def test_industries_outside_the_table_say_so():
    assert "不在" in size("66", "J", 5000, 5000).reason
    assert "行业" in size("", "", 5000).reason


def test_every_division_maps_to_a_row_of_the_table_or_to_none():
    rows = {
        table_industry(industry.code, industry.parent) for industry in all_industries() if industry.parent
    }
    assert rows - {""} <= set(size_table())
    assert set(size_table()) - rows == {"仓储业", "房地产开发经营", "物业管理"}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("33", "33"),
        ("C33", "33"),
        ("C", "C"),
        ("制造业", "C"),
        ("金属制品业", "33"),
        ("金属制品", "33"),
        ("33 金属制品业", "33"),
        ("3311", "3311"),
        ("批发和零售业", "F"),
        ("建筑行业", "E"),
        ("农、林、牧、渔业", "A"),
        ("ｃ３３", "33"),
    ],
)
def test_industries_are_found_by_code_or_name(typed, code):
    assert find_industry(typed).code == code


@pytest.mark.parametrize("typed", ["", "炼丹业", "98", "B33", "33111"])
def test_unknown_industries_are_none(typed):
    assert find_industry(typed) is None


def test_label_of_a_code():
    assert industry_label("33") == "33 金属制品业"
    assert industry_label("") == ""

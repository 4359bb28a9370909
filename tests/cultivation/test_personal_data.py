"""No worker is recognisable in the free texts of advisories and mediations (C061)."""

from __future__ import annotations

import pytest

from cultivation.rules.personal_data import personal_data_in, refusal_of
from zaozhuang_portal.kernel.credit_code import make_credit_code


@pytest.mark.parametrize(
    "text",
    [
        "职工张某，身份证370402199001011234，要求支付工资",
        "身份证号：37040219900101123X",
        "号码 370402 1990 0101 123x。",
        "身份证３７０４０２１９９００１０１１２３４",
        "370402-19900101-1234",
        "37040219909901123X",
    ],
)
def test_an_identity_number_is_found_however_it_is_written(text: str) -> None:
    assert personal_data_in(text) == "居民身份证号码"


@pytest.mark.parametrize(
    "text",
    [
        "联系电话13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "+86 13812345678",
        "电话１３８１２３４５６７８",
    ],
)
def test_a_mobile_number_is_found(text: str) -> None:
    assert personal_data_in(text) == "手机号码"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "三名职工反映2026年10月加班费未付，涉及金额138123.45元",
        f"单位代码{make_credit_code('91370400MA3ABCDE1')}",
        "单号20261105000138123456789",
        "电话0632-5512345",
        "订单A13812345678",
    ],
)
def test_other_numbers_pass(text: str) -> None:
    assert personal_data_in(text) == ""


def test_a_credit_code_of_digits_alone_passes_unless_it_holds_a_birthday() -> None:
    codes = [make_credit_code(f"9137040012345{number:04d}") for number in range(40)]
    code = next(code for code in codes if code.isdigit())
    assert personal_data_in(f"代码{code}") == ""
    born = next(
        code
        for code in (make_credit_code(f"91370419900101{number:03d}") for number in range(40))
        if code.isdigit()
    )
    assert personal_data_in(born) == "居民身份证号码"


def test_the_refusal_says_what_where_and_how_to_mend() -> None:
    assert refusal_of("情况摘要", "无") == ""
    sentence = refusal_of("情况摘要", "电话13812345678")
    assert "“情况摘要”" in sentence and "手机号码" in sentence and "某职工" in sentence

"""No worker is recognisable in the free texts of advisories and mediations (C061)."""

from __future__ import annotations

import pytest

from cultivation.rules.personal_data import person_named_in, personal_data_in, question_of, refusal_of
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


@pytest.mark.parametrize(
    "text",
    [
        "职工张伟被拖欠工资3万元",
        "申请人：王小明，要求支付加班费",
        "当事人欧阳建国因工伤",
        "申请人:何平反映",
        "经查，员工李娜、员工赵强均未签合同",
        "农民工刘大海等五人",
    ],
)
def test_what_looks_like_a_name_is_asked_about(text: str) -> None:
    assert person_named_in(text)
    assert "某职工" in question_of("情况摘要", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "某职工反映加班费未付",
        "职工张某要求支付工资，员工王××也提出",
        "职工代表大会审议通过",
        "职工高度重视，职工方代表参加",
        "职工因工受伤，员工安全教育不足",
        "当事人双方达成协议，申请人申请仲裁",
        "职工陈述经过后，职工周末加班属实",
        "通知已向职工张贴公示，员工董事一名",
        "三名职工李姓居多",
    ],
)
def test_everyday_words_are_no_names(text: str) -> None:
    assert person_named_in(text) == ""

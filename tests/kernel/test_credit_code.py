import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaozhuang_portal.kernel.credit_code import (
    ALPHABET,
    Level,
    check_credit_code,
    check_digit,
    make_credit_code,
)
from zaozhuang_portal.kernel.names import bigrams, normalize_name

GOOD = ["91350100M000100Y43", "91110000600037341L", "913704000000000196", "91370402999999998R"]


@pytest.mark.parametrize("code", GOOD)
def test_good_codes(code):
    checked = check_credit_code(code)
    assert (checked.ok, checked.code, checked.message) == (True, code, "")


def test_typing_habits_are_forgiven():
    assert check_credit_code(" ９１３５０１００m000100y43 ").code == "91350100M000100Y43"
    assert check_credit_code("91350100-M000 100Y43").ok


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("91350100M000100Y4Z", "第 18 位‘Z’"),
        ("9135O100M000100Y43", "数字 0"),
        ("91350100M000100Y4", "17 位"),
        ("", "0 位"),
        (9.137040000000002e17, "文本"),
    ],
)
def test_length_and_alphabet_are_errors(typed, words):
    checked = check_credit_code(typed)
    assert checked.level is Level.ERROR
    assert words in checked.message


def test_a_wrong_check_digit_is_a_warning():
    assert check_credit_code("91350100M000100Y44").level is Level.WARNING


@given(st.text(ALPHABET, min_size=17, max_size=17))
def test_made_codes_pass_and_one_changed_letter_does_not(body):
    code = make_credit_code(body)
    assert check_credit_code(code).ok
    changed = ("1" if code[0] != "1" else "2") + code[1:]
    assert check_credit_code(changed).level is Level.WARNING


def test_a_body_must_be_complete():
    with pytest.raises(ValueError):
        check_digit("9135")


@given(st.text(max_size=40))
def test_any_text_gets_an_answer(text):
    check_credit_code(text)


def test_names_are_equal_beyond_brackets_spaces_and_legal_form():
    names = ["滕州市 华泰（机械）有限公司", "滕州市华泰(机械)有限责任公司", "滕州市华泰机械"]
    assert len({normalize_name(name) for name in names}) == 1
    assert normalize_name("有限公司") == "有限公司"
    assert normalize_name("华泰集团有限公司") != normalize_name("华泰有限公司")


def test_bigrams_are_distinct_and_in_order():
    assert bigrams("华 泰华泰") == ["华泰", "泰华"]
    assert bigrams("华") == ["华"]
    assert bigrams("") == []

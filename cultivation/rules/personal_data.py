"""Free texts in which no worker may be recognised (C061): numbers are refused, what looks like a name is asked about."""

from __future__ import annotations

import re
from datetime import date

from zaozhuang_portal.kernel.credit_code import Level, check_credit_code
from zaozhuang_portal.kernel.parsing import to_half_width

# Digits may be grouped by spaces or hyphens; a neighbouring letter or digit makes it another number.
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])(\d{6})[ -]?(\d{4})[ -]?(\d{4})[ -]?(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?![0-9A-Za-z])")

# A word for the person, perhaps a colon, then a surname with one or two more characters.
_ROLES = "职工|员工|工人|农民工|劳动者|申请人|当事人|投诉人|来访人|信访人|咨询人"
_SURNAMES = (
    "张王李刘陈杨赵黄周吴徐孙胡朱林郭罗梁宋郑谢韩唐冯董程曹袁邓傅沈彭吕苏卢蒋蔡贾丁魏薛潘杜戴钟汪田姜范姚谭廖"
    "邹熊陆郝孔崔邱秦侯邵孟龙雷钱汤尹黎武乔贺赖龚高马"
)
# These begin everyday words too: a name only behind a colon.
_RARER = "何许曾任方石金白康毛江史顾万段常文易余夏叶严牛安于向"
_COMPOUND = "欧阳|上官|司马|诸葛|夏侯|东方|皇甫|尉迟|公孙|慕容|令狐|司徒"
_NO_GIVEN = "某一二三四五六七八九十的了在与和因对被为是有等姓×xX*＊"
_NAMED = re.compile(
    rf"(?:{_ROLES})(?:(?:{_COMPOUND}|[{_SURNAMES}])|[：:]\s*(?:{_COMPOUND}|[{_SURNAMES}{_RARER}]))"
    rf"(?![{_NO_GIVEN}])[\u4e00-\u9fa5]"
)
# Everyday words that begin with one of the surnames.
_WORDS = (
    "张贴|张望|陈述|陈列|周末|周边|周转|周期|周知|黄金|林业|林场|徐州|孙子|孙女|郑州|程序|程度|董事|罗列|苏州|沈阳|薛城|"
    "杜绝|戴好|戴安|钟点|田间|范围|范本|范例|邹城|陆续|孔子|孟子|龙头|雷同|钱款|钱物|武装|贺信|高度|高温|高空|高额|高危|"
    "高级|高技|高校|高新|马上|马路|秦皇|汤药|韩国|唐山|谢绝|胡乱|曹操|高处|高峰|高层|高质"
)
_NO_NAME = re.compile(rf"(?:{_ROLES})[：:]?\s*(?:{_WORDS})")


def _is_day(text: str) -> bool:
    try:
        return 1900 <= int(text[:4]) <= 2100 and bool(date(int(text[:4]), int(text[4:6]), int(text[6:])))
    except ValueError:
        return False


def _is_credit_code(number: str) -> bool:
    """A 统一社会信用代码 of digits only is no identity number, unless it also holds a birthday."""
    return check_credit_code(number).level is Level.OK and not _is_day(number[6:14])


def personal_data_in(text: str) -> str:
    """What kind of personal number stands in the text: 居民身份证号码, 手机号码, or "" when there is none."""
    plain = to_half_width(text)
    if any(not _is_credit_code("".join(found)) for found in _IDENTITY.findall(plain)):
        return "居民身份证号码"
    return "手机号码" if _MOBILE.search(plain) else ""


def refusal_of(header: str, text: str) -> str:
    """The sentence that refuses the text of a column, or ""."""
    kind = personal_data_in(text)
    return (
        f"“{header}”中有{kind}。台账不记录劳动者个人信息，请删去后再保存，可改写为“某职工”。" if kind else ""
    )


def person_named_in(text: str) -> str:
    """The first words that look like a person's name (「职工张伟」), "" when none do. A guess: it is asked about, not refused."""
    plain = to_half_width(text)
    return next(
        (found[0] for found in _NAMED.finditer(plain) if not _NO_NAME.match(plain, found.start())), ""
    )


def question_of(header: str, text: str) -> str:
    """The sentence that asks about a name in the text of a column, or ""."""
    found = person_named_in(text)
    return (
        f"“{header}”中的“{found}”像是写了劳动者姓名。台账不记录劳动者姓名，请改写为“某职工”“一名职工”；不是姓名的，请再次保存。"
        if found
        else ""
    )

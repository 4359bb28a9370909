"""One cell to one typed value. Each reader returns (value, cause, what).

Cause and what are empty for a good value; a what without a cause is a warning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final

from cultivation.rules.calendar import YEARS
from cultivation.rules.imports_fields import ImportField
from cultivation.rules.industries import find_industry
from zaozhuang_portal.kernel.credit_code import Level, check_credit_code
from zaozhuang_portal.kernel.names import compact_name
from zaozhuang_portal.kernel.parsing import (
    ParseError,
    cell_text,
    clean_text,
    parse_date,
    parse_decimal,
    parse_int,
    parse_phone,
    quote,
    to_half_width,
)

NEW: Final = object()  # 编号 says 新增: a row of its own, whatever it looks like
NEW_WORD = "新增"
MASKED: Final = object()  # a masked cell of a re-imported export: unchanged
BLANK: Final = None
MOST_EMPLOYEES = 1_000_000
MOST_MONEY = Decimal("99999999999999.99")

Reading = tuple[Any, str, str]
Reader = Callable[[Any], Reading]


@dataclass(frozen=True, slots=True)
class Place:
    """A township or park organization: id, 9-digit code, name and the district that manages it."""

    id: int
    code: str
    name: str
    district_id: int
    district_name: str


@dataclass(frozen=True)
class Reference:
    """What validation needs of the database: the district imported into, and all places of the city.

    `whole_city`: imported into the city's own ledger, where numbered rows of any district may stand.
    """

    district_id: int
    district_name: str
    places: tuple[Place, ...]
    whole_city: bool = False


_OWNERSHIP: Mapping[str, tuple[str, ...]] = {
    "STATE": (
        "国有及国有控股", "国有", "国有企业", "国有控股", "国有独资", "国有独资公司", "国企", "全民所有制", "国有经济",
        "国有及国有控股企业", "国有控股企业", "央企", "中央企业", "公有",
    ),
    "COLLECTIVE": ("集体", "集体企业", "集体所有制", "集体经济", "股份合作", "股份合作企业", "集体控股"),
    "PRIVATE": (
        "民营", "民营（非公有制）", "非公有制", "非公", "非公有", "私营", "私营企业", "民营企业", "私企", "民企", "私有",
        "私人控股", "私营有限责任公司", "私营股份有限公司", "私营独资", "私营合伙", "个体", "个体工商户", "个人独资企业",
        "合伙企业", "非公有制企业", "自然人独资",
    ),
    "HK_MACAO_TAIWAN": (
        "港澳台商投资", "港澳台", "港澳台投资", "港澳台商", "港澳台企业", "港澳台商投资企业", "港资", "台资", "澳资",
        "港澳台投资企业",
    ),
    "FOREIGN": (
        "外商投资", "外资", "外资企业", "外商", "外商投资企业", "中外合资", "中外合作", "外商独资", "中外合资经营",
    ),
}  # fmt: skip
# Legal forms say nothing about ownership: left blank with a warning, no error.
_LEGAL_FORMS = frozenset(
    map(
        compact_name,
        (
            "有限责任公司", "有限公司", "股份有限公司", "其他有限责任公司", "一人有限责任公司", "股份公司", "其他", "其他企业",
            "内资企业", "内资", "公司", "企业",
        ),
    )
)  # fmt: skip
OWNERSHIP_WORDS = {code: words[0] for code, words in _OWNERSHIP.items()}
OWNERSHIP_LABELS = tuple(OWNERSHIP_WORDS.values())
_SIZES = {
    "LARGE": ("大型", "大", "大型企业"),
    "MEDIUM": ("中型", "中", "中型企业"),
    "SMALL": ("小型", "小", "小型企业"),
    "MICRO": ("微型", "微", "微型企业"),
}
SIZE_WORDS = {code: words[0] for code, words in _SIZES.items()}
SIZE_LABELS = tuple(SIZE_WORDS.values())
_TOWNSHIP_ENDINGS = ("街道办事处", "人民政府", "街道", "办事处", "镇", "乡")


@cache
def _words(which: str) -> dict[str, str]:
    table = {"ownership": _OWNERSHIP, "size_class": _SIZES}[which]
    return {compact_name(word): code for code, words in table.items() for word in words}


def is_masked(text: str) -> bool:
    """138****1234, 张*, ＊＊＊: what our exports print in place of a person's data."""
    return "*" in text or "＊" in text


def _bad(column: ImportField, what: str) -> Reading:
    return BLANK, f"{column.header}填写有误", what


def make_readers(columns: Mapping[str, ImportField], reference: Reference) -> dict[str, Reader]:
    """One reader per field key; readers of choices remember what they have seen."""
    return {key: _reader(column, reference) for key, column in columns.items()}


def _reader(column: ImportField, reference: Reference) -> Reader:
    if column.kind == "code":
        return _code_reader(column)
    if column.kind == "phone":
        return lambda cell: _masked_or(cell, lambda: _parsed(column, parse_phone, cell))
    if column.kind == "integer":
        return lambda cell: _parsed(
            column, lambda value: parse_int(value, minimum=0, maximum=MOST_EMPLOYEES, unit=column.unit), cell
        )
    if column.kind == "year":
        return lambda cell: _year(column, cell)
    if column.kind == "decimal":
        return lambda cell: _parsed(
            column,
            lambda value: parse_decimal(value, minimum=0, maximum=MOST_MONEY, places=2, unit=column.unit),
            cell,
        )
    if column.kind == "date":
        return lambda cell: _parsed(column, parse_date, cell)
    if column.key == "township":
        return _remembered(_township_reader(column, reference))
    if column.key == "industry_code":
        return _remembered(lambda cell: _industry(column, cell))
    if column.kind == "choice":
        return _remembered(lambda cell: _choice(column, cell))
    if column.key == "name":
        return lambda cell: _name(column, cell)
    return lambda cell: _masked_or(cell, lambda: _text(column, cell))


def _name(column: ImportField, cell: Any) -> Reading:
    """What a row is known by is never masked in an export: an asterisk in it is no name."""
    text = clean_text(cell)
    if "*" in text or "＊" in text:
        return _bad(column, f"{quote(text)}里有“*”，看不出全称，请填写完整的{column.header}")
    return _text(column, cell)


def _remembered(read: Reader) -> Reader:
    seen: dict[str, Reading] = {}

    def reader(cell: Any) -> Reading:
        text = cell if type(cell) is str else cell_text(cell)
        found = seen.get(text)
        if found is None:
            found = seen[text] = read(text)
        return found

    return reader


def _masked_or(cell: Any, otherwise: Callable[[], Reading]) -> Reading:
    return (MASKED, "", "") if type(cell) is str and is_masked(cell) else otherwise()


def _parsed(column: ImportField, parse: Callable[[Any], Any], cell: Any) -> Reading:
    try:
        return parse(cell), "", ""
    except ParseError as error:
        return _bad(column, str(error))


def _text(column: ImportField, cell: Any) -> Reading:
    text = clean_text(cell)
    if len(text) > column.longest:
        return _bad(column, f"{quote(text)}有 {len(text)} 个字，超过 {column.longest} 个字，请缩短")
    return text, "", ""


def _code_reader(column: ImportField) -> Reader:
    def reader(cell: Any) -> Reading:
        checked = check_credit_code(cell)
        if checked.level is Level.ERROR:
            return BLANK, "统一社会信用代码位数或字符有误", checked.message
        # A wrong check digit is a warning; the row goes on (validate_rows adds it).
        return checked.code, "", checked.message

    return reader


def _year(column: ImportField, cell: Any) -> Reading:
    text = to_half_width(clean_text(cell)).removesuffix("年度").removesuffix("年").strip()
    if not text.isascii() or not text.isdecimal() or int(text) not in YEARS:
        return _bad(column, f"{quote(cell)}不是创建活动的年度，请填 {YEARS[0]} 至 {YEARS[-1]}")
    return int(text), "", ""


def _choice(column: ImportField, text: str) -> Reading:
    code = _words(column.key).get(compact_name(text))
    if code is None and column.key == "ownership" and compact_name(text) in _LEGAL_FORMS:
        return (
            BLANK,
            "",
            f"{quote(text)}是登记形式，看不出经济类型，未导入；请填{'、'.join(OWNERSHIP_LABELS)}之一",
        )
    if code is None:
        labels = OWNERSHIP_LABELS if column.key == "ownership" else SIZE_LABELS
        return _bad(column, f"{quote(text)}不在可选范围内，请填{'、'.join(labels)}之一")
    return code, "", ""


def _industry(column: ImportField, text: str) -> Reading:
    found = find_industry(text)
    if found is None:
        return _bad(
            column,
            f"{quote(text)}不是国民经济行业分类（GB/T 4754—2017）的行业，请填行业大类的名称或代码，如 33 金属制品业",
        )
    return found.code, "", ""


def _bare(name: str) -> str:
    compact = compact_name(name)
    for ending in _TOWNSHIP_ENDINGS:
        if compact.endswith(ending) and len(compact) > len(ending) + 1:
            return compact.removesuffix(ending)
    return compact


def _township_reader(column: ImportField, reference: Reference) -> Reader:
    own: dict[str, Place] = {}
    other: dict[str, Place] = {}
    district = compact_name(reference.district_name)
    for place in reference.places:
        target = own if place.district_id == reference.district_id else other
        for word in (place.code, compact_name(place.name), _bare(place.name)):
            target.setdefault(word, place)

    def reader(text: str) -> Reading:
        compact = compact_name(text)
        for word in (compact, compact.removeprefix("枣庄市").removeprefix(district), _bare(compact)):
            if word in own:
                return own[word], "", ""
        bare = _bare(compact.removeprefix("枣庄市").removeprefix(district))
        if bare in own:
            return own[bare], "", ""
        elsewhere = other.get(compact) or other.get(bare)
        if elsewhere is not None:
            return _bad(
                column,
                f"{quote(text)}由{elsewhere.district_name}管理，不属于{reference.district_name}，请核对后填写本区（市）的乡镇（街道）",
            )
        return _bad(
            column,
            f"{quote(text)}不是{reference.district_name}的乡镇（街道），请从模板的下拉列表中选择，或留空",
        )

    return reader

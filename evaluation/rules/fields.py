"""Typed reading of one mapping of the file: every getter reports what is wrong and goes on."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from evaluation.rules.numbers import is_whole, plain, read_number
from evaluation.rules.problems import Problems

GRADES = ("A", "B", "C", "D")
BASIS_WORDS = {"proposed": "拟定", "qingdao": "青岛表", "suzhou": "苏州表", "parklist": "园区评分表"}


@dataclass(frozen=True)
class Provenance:
    """Where a line of the set comes from. `grade` A official text … D unverified; `basis` e.g. `proposed`."""

    source: tuple[str, ...] = ()
    grade: str = ""
    basis: str = ""

    def __str__(self) -> str:
        """SEED、QD C 拟定: sources, grade, and the basis of the points."""
        words = ("、".join(self.source), self.grade, BASIS_WORDS.get(self.basis, self.basis))
        return " ".join(word for word in words if word)

    def to_json(self) -> dict[str, object]:
        found: dict[str, object] = {"source": list(self.source), "grade": self.grade, "basis": self.basis}
        return {key: value for key, value in found.items() if value}


def show(raw: object) -> str:
    """A value in a message: short, and never a whole structure."""
    if raw is None:
        return "空值"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str):
        return f"“{raw[:30]}{'…' if len(raw) > 30 else ''}”"
    if isinstance(raw, float):
        return "二进制浮点数"
    if isinstance(raw, int | Decimal):
        return str(raw)[:40]
    if isinstance(raw, Mapping):
        return "一组键值"
    return "一个列表" if isinstance(raw, Sequence) else type(raw).__name__


class Fields:
    """One mapping at `path`; `where` names it in Chinese. `numbers_as_text`: the stored JSON form."""

    def __init__(
        self, raw: object, path: str, where: str, problems: Problems, *, numbers_as_text: bool = False
    ) -> None:
        self.path, self.where, self.problems, self.numbers_as_text = path, where, problems, numbers_as_text
        self.known: list[str] = []
        self.is_mapping = isinstance(raw, Mapping)
        self.raw: Mapping[object, object] = raw if isinstance(raw, Mapping) else {}
        if not self.is_mapping:
            problems.add(
                "WRONG_TYPE", path, f"{where}：应为一组“键: 值”，现为{show(raw)}。请按格式说明改写。"
            )

    def child(self, raw: object, step: str, where: str) -> Fields:
        return Fields(raw, self.at(step), where, self.problems, numbers_as_text=self.numbers_as_text)

    def at(self, step: str) -> str:
        return f"{self.path}.{step}" if self.path and not step.startswith("[") else f"{self.path}{step}"

    def report(self, code: str, key: str, message: str) -> None:
        self.problems.add(code, self.at(key) if key else self.path, f"{self.where}：{message}")

    def has(self, key: str) -> bool:
        return self.raw.get(key) is not None

    def take(self, key: str, *, required: bool = False) -> object:
        if key not in self.known:
            self.known.append(key)
        value = self.raw.get(key)
        if value is None and required and self.is_mapping:
            self.report("MISSING_KEY", key, f"缺少 {key}。请补上这一项。")
        return value

    def text(self, key: str, *, required: bool = False, default: str = "", limit: int = 500) -> str:
        """Text; a number written where text is meant (version: 2020) is taken as it was written."""
        value = self.take(key, required=required)
        if value is None:
            return default
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            self.report("WRONG_TYPE", key, f"{key} 应为文字，现为{show(value)}。请改为文字。")
            return default
        value = value.strip()
        if not value and required:
            self.report("MISSING_KEY", key, f"{key} 是空白。请填写。")
        if len(value) > limit:
            self.report("TOO_LONG", key, f"{key} 超过 {limit} 个字。请缩短。")
        return value or default

    def number(
        self,
        key: str,
        *,
        required: bool = True,
        default: Decimal | None = None,
        least: int | None = None,
        above: int | None = None,
        most: int | None = None,
    ) -> Decimal | None:
        value = self.take(key, required=required)
        if value is None:
            return default
        number = self.as_number(value, key)
        if number is None:
            return None
        if least is not None and number < least:
            self.report("OUT_OF_RANGE", key, f"{key} 为 {plain(number)}，不能小于 {least}。请更正。")
            return None
        if above is not None and number <= above:
            self.report("OUT_OF_RANGE", key, f"{key} 为 {plain(number)}，必须大于 {above}。请更正。")
            return None
        if most is not None and number > most:
            self.report("OUT_OF_RANGE", key, f"{key} 为 {plain(number)}，不能大于 {most}。请更正。")
            return None
        return number

    def as_number(self, value: object, key: str) -> Decimal | None:
        number = read_number(value, text_allowed=self.numbers_as_text)
        if number is None:
            self.report("WRONG_TYPE", key, f"{key} 应为数字，现为{show(value)}。请写成不带引号的十进制数。")
        return number

    def whole(self, key: str, *, required: bool = True, least: int = 0) -> int | None:
        number = self.number(key, required=required, least=least)
        if number is None:
            return None
        if not is_whole(number):
            self.report("NOT_WHOLE", key, f"{key} 为 {plain(number)}，应为整数。请更正。")
            return None
        return int(number)

    def choice(self, key: str, choices: Sequence[str], *, required: bool = True, default: str = "") -> str:
        value = self.take(key, required=required)
        if value is None:
            return default
        if not isinstance(value, str) or value not in choices:
            self.report("UNKNOWN_VALUE", key, f"{key} 不能是{show(value)}。可用：{'、'.join(choices)}。")
            return default
        return value

    def items(self, key: str, *, required: bool = False) -> list[object]:
        value = self.take(key, required=required)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.report(
                "WRONG_TYPE", key, f"{key} 应为列表，现为{show(value)}。请写成 [ … ] 或逐行以“- ”开头。"
            )
            return []
        return list(value)

    def texts(self, key: str) -> tuple[str, ...]:
        found = []
        for number, value in enumerate(self.items(key), start=1):
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                found.append(str(value))  # a code written without quotes
            elif isinstance(value, str) and value.strip():
                found.append(value.strip())
            else:
                self.report(
                    "WRONG_TYPE",
                    f"{key}[{number - 1}]",
                    f"{key} 第 {number} 项应为文字，现为{show(value)}。请更正。",
                )
        return tuple(found)

    def provenance(self) -> Provenance:
        return Provenance(
            source=self.texts("source"),
            grade=self.choice("grade", GRADES, required=False),
            basis=self.text("basis"),
        )

    def finish(self) -> None:
        """Call last: every key that no getter asked for is unknown."""
        for key in self.raw:
            if key in self.known:
                continue
            near = difflib.get_close_matches(str(key), self.known, n=1)
            hint = f"是否想写 {near[0]}？" if near else ""
            self.report(
                "UNKNOWN_KEY",
                str(key)[:40],
                f"不认识的键 {show(str(key))}。{hint}可用：{'、'.join(self.known)}。",
            )

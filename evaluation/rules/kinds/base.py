"""What every kind of scoring-rule part can do. One kind is one module; the registry is in `__init__`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Self

from evaluation.rules.fields import Fields, Provenance, show
from evaluation.rules.numbers import plain, read_number
from evaluation.rules.problems import Problems


@dataclass(frozen=True)
class Mark:
    """What one part earned: exact points, the arithmetic, the value found and what would restore the rest."""

    points: Fraction
    arithmetic: str
    is_sum: bool = False
    found: str = ""
    restore: str = ""


@dataclass(frozen=True)
class EntryReader:
    """Reads the entry a person gave for one part; every refusal names the item, the part and the mend."""

    path: str
    where: str
    problems: Problems
    numbers_as_text: bool = False

    def refuse(self, code: str, message: str) -> None:
        self.problems.add(code, self.path, f"{self.where}：{message}")

    def number(self, raw: object, name: str) -> Decimal | None:
        """A number not below 0, or None with the refusal reported."""
        number = read_number(raw, text_allowed=self.numbers_as_text)
        if number is None:
            self.refuse("WRONG_TYPE", f"{name}应为数字，现为{show(raw)}。请填写十进制数。")
            return None
        if number < 0:
            self.refuse("NEGATIVE", f"{name}为 {plain(number)}，不能是负数。请核对后更正。")
            return None
        return number

    def ratio(self, raw: object, numerator: str, denominator: str) -> tuple[Decimal, Decimal] | None:
        """`[numerator, denominator]`; None when one of the two is still blank, or refused."""
        if not isinstance(raw, list | tuple):
            self.refuse("WRONG_TYPE", f"应填写 [{numerator}, {denominator}] 两个数，现为{show(raw)}。")
            return None
        if len(raw) != 2:
            self.refuse("WRONG_COUNT", f"应填写 [{numerator}, {denominator}] 两个数，现有 {len(raw)} 个。")
            return None
        top, bottom = (
            None if value is None else self.number(value, name)
            for value, name in zip(raw, (numerator, denominator), strict=True)
        )
        if bottom is not None and bottom == 0:
            self.refuse(
                "ZERO_DENOMINATOR", f"{denominator}为 0，无法计算比率。请核对；确无此项的，请按“不适用”办理。"
            )
            return None
        return (top, bottom) if top is not None and bottom is not None else None


@dataclass(frozen=True, kw_only=True)
class Part(ABC):
    """One part of an item's rule. Points are on the hundred-point scale of the set."""

    kind: ClassVar[str]
    kind_label: ClassVar[str]
    by_hand: ClassVar[bool] = True

    text: str
    provenance: Provenance = field(default_factory=Provenance)

    @property
    @abstractmethod
    def max_points(self) -> Decimal:
        """The most this part can give."""

    @classmethod
    @abstractmethod
    def parse(cls, fields: Fields, text: str) -> Self | None:
        """From the file; reports to `fields` and returns None when it cannot be built."""

    @abstractmethod
    def rule_to_json(self) -> dict[str, object]:
        """The keys of this kind, numbers as text."""

    @abstractmethod
    def in_words(self) -> str:
        """The rule in a Chinese sentence."""

    @abstractmethod
    def read(self, raw: object, reader: EntryReader) -> object | None:
        """The value a person entered, checked; None when blank or refused."""

    @abstractmethod
    def mark(self, value: object) -> Mark:
        """The points for a value that `read` returned."""

    def to_json(self) -> dict[str, object]:
        return {"kind": self.kind, "text": self.text, **self.rule_to_json(), **self.provenance.to_json()}

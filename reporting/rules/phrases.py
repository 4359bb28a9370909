"""Turns of official prose (公文语体) that every drafted sentence shares: none, one and many are said differently."""

from __future__ import annotations

from collections.abc import Sequence

MAX_NAMED = 8


def named(names: Sequence[str]) -> str:
    """Names in a row, the first eight of a long list."""
    return "、".join(names[:MAX_NAMED]) + ("等" if len(names) > MAX_NAMED else "")


def being(names: Sequence[str]) -> str:
    """「，为甲」, 「，分别为甲、乙」, 「，包括甲……等」; nothing where nothing is named."""
    if not names:
        return ""
    if len(names) == 1:
        return f"，为{names[0]}"
    return f"，{'分别为' if len(names) <= MAX_NAMED else '包括'}{named(names)}"


def counts(pairs: Sequence[tuple[str, int]], unit: str) -> str:
    """「甲3件、乙1件」 of those that are not zero."""
    return "、".join(f"{label}{count}{unit}" for label, count in pairs if count)


def parts_of(pairs: Sequence[tuple[str, int]], unit: str, *, before: str = "其中", verb: str = "") -> str:
    """How a total divides: 「为甲」 of one, 「均为甲」 of one kind, 「其中甲3件、乙1件」 of several; "" of none.

    `verb` stands for 为 where the parts are not what the whole is: 「均涉及甲」, 「其中涉及甲3件、乙1件」.
    """
    present = [(label, count) for label, count in pairs if count]
    if not present:
        return ""
    if len(present) > 1:
        return f"{before}{verb}{counts(present, unit)}"
    label, count = present[0]
    return f"{'均' if count > 1 else ''}{verb or '为'}{label}"


def entries(new: int, continued: int, unit: str) -> str:
    """新增 and 延续 of a year's subjects, both at least 0 and not both 0."""
    all_of = "均为" if new + continued > 1 else "系"
    if not continued:
        return f"{all_of}新增"
    if not new:
        return f"{all_of}延续培育"
    return f"其中新增{new}{unit}、延续培育{continued}{unit}"


def share(done: int, total: int, verb: str, unit: str, *, none: str) -> str:
    """How many of `total` did what `verb` says: 「均已提交」, 「4家已提交」, or `none`; `total` at least 1."""
    if not done:
        return none
    if done >= total:
        return f"{'均' if total > 1 else ''}{verb}"
    return f"{done}{unit}{verb}"

"""Whether two rows with an equal natural key are one thing. True: one; False: two; None: a person has to say.

The rows come as attribute → value, blank as "" (what an import or a form brings, and what is stored).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

Values = Mapping[str, Any]
Sameness = Callable[[Values, Values], bool | None]
_PHONE_END = 4


def surely_the_same(one: Values, other: Values) -> bool | None:
    """The key says it all: an import changes the row, a form asks before a second one is made."""
    return True


def cannot_tell(one: Values, other: Values) -> bool | None:
    """Two works may bear one title: asked about by form and import, never merged."""
    return None


def same_person(one: Values, other: Values) -> bool | None:
    """Namesakes in one unit are told apart by 工号, else by the last four digits of the telephone.

    Who was appointed again after leaving is a new term of office, a row of its own.
    """
    for earlier, later in ((one, other), (other, one)):
        left, appointed = earlier.get("left_on"), later.get("appointed_on")
        if isinstance(left, date) and isinstance(appointed, date) and left < appointed:
            return False
    numbers = {str(person.get("staff_number") or "") for person in (one, other)}
    if "" not in numbers:
        return len(numbers) == 1
    ends = {_digits(person.get("phone"))[-_PHONE_END:] for person in (one, other)}
    return None if "" in ends else len(ends) == 1


def single_case(one: Values, other: Values) -> bool | None:
    """Cases entered one by one may repeat each other; the numbers of a month have a constraint of their own."""
    return False if one.get("tally") or other.get("tally") else None


def _digits(phone: Any) -> str:
    return "".join(char for char in str(phone or "") if char.isdigit())

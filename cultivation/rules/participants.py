"""Who took part in a visit, as one line of words: 「区总工会 张三、李四」. Written and read back without loss."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_BETWEEN = re.compile(r"[、，,；;\n]+")
LONGEST_NAME = 40


@dataclass(frozen=True)
class Participant:
    """A unit, a person, or both; `unit` is the unit's full name or ""."""

    unit: str
    name: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.unit, self.name) if part)


def _person(rest: str) -> str:
    """The person after a unit's name: 「 张三」, 「：张三」, 「（张三）」."""
    rest = rest.strip(" ：:")
    return rest[1:-1].strip() if rest[:1] in {"（", "("} and rest[-1:] in {"）", ")"} else rest


def with_employer(employer: str, name: str) -> str:
    """A person whose employer is no unit of the portal: both as one name, where it reads back as one."""
    words = f"{employer} {name}".strip()
    return words if len(words) <= LONGEST_NAME and not _BETWEEN.search(words) else name


def participants_line(people: Iterable[Participant]) -> str:
    return "、".join(str(person) for person in people)


def read_participants(line: str, units: Sequence[str]) -> list[Participant]:
    """The people of a line, each once, in order. A part that begins with one of `units` names that unit.

    Longer names are tried first; what remains is the person. Raises ValueError with the name that is too long.
    """
    ordered = sorted(units, key=len, reverse=True)
    found: dict[Participant, None] = {}
    for part in _BETWEEN.split(line):
        words = " ".join(part.split())
        if not words:
            continue
        unit = next((name for name in ordered if words.startswith(name)), "")
        name = _person(words[len(unit) :]) if unit else words
        if len(name) > LONGEST_NAME:
            raise ValueError(name)
        found[Participant(unit, name)] = None
    return list(found)

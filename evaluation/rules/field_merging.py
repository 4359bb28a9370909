"""Two devices on one card: the answer as named fields, merged field by field against what each device had been shown.

A field is one control of the card, under the control's name (`D02-02.1.0`). Values are entries of design §10: true / false,
a number, typed text, None for blank.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from evaluation.rules.definitions import Indicator
from evaluation.rules.kinds import CheckPart
from evaluation.rules.self_assessment import NO, YES, is_ratio, normalize_number
from zaozhuang_portal.kernel.conflicts import same_lines

Fields = Mapping[str, object]
# Per field what the device had been shown by the server first, then what it sent without an answer: all of it its own.
Shown = Mapping[str, Collection[object]]


@dataclass(frozen=True)
class FieldMerge:
    """`values`: what is to stand, with the stored value wherever two people clash. `taken`: not touched here, changed
    elsewhere. `clashes`: changed on both sides.
    """

    values: dict[str, object]
    taken: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()


def merge_fields(mine: Fields, stored: Fields, shown: Shown) -> FieldMerge:
    """Three ways, field by field. A field `shown` does not name counts as changed here."""
    values = dict(mine)
    taken: list[str] = []
    clashes: list[str] = []
    for name, now in stored.items():
        sent = values.get(name)
        before = [*shown.get(name, ())]
        if sent == now or now in before:
            continue
        values[name] = now
        (taken if before and sent == before[0] else clashes).append(name)
    return FieldMerge(values, tuple(taken), tuple(clashes))


def fields_of(
    indicator: Indicator, inputs: Sequence[object], not_applicable: bool, reason: str, words: str
) -> dict[str, object]:
    """The fields of one answer, in the order of its card."""
    code = indicator.code
    found: dict[str, object] = {}
    for index, part in enumerate(indicator.parts_by_hand):
        entry = inputs[index] if index < len(inputs) else None
        if is_ratio(part):
            found[f"{code}.{index}.0"], found[f"{code}.{index}.1"] = pair_of(entry)
        else:
            found[f"{code}.{index}"] = entry
    found[f"{code}.na"] = not_applicable
    return found | {f"{code}.na_reason": same_lines(reason), f"{code}.words": same_lines(words)}


def pair_of(entry: object) -> tuple[object, object]:
    """The two numbers of a ratio; what is no pair stands in the first."""
    return (entry[0], entry[1]) if isinstance(entry, list | tuple) and len(entry) == 2 else (entry, None)


def inputs_of(indicator: Indicator, fields: Fields) -> list[object]:
    """The entries of an answer, back from its fields."""
    inputs: list[object] = []
    for index, part in enumerate(indicator.parts_by_hand):
        name = f"{indicator.code}.{index}"
        if is_ratio(part):
            pair = [fields[f"{name}.0"], fields[f"{name}.1"]]
            inputs.append(None if pair == [None, None] else pair)
        else:
            inputs.append(fields[name])
    return inputs


def read_field(indicator: Indicator, name: str, typed: str) -> object:
    """What a control sent, as the value of its field."""
    place = name.removeprefix(f"{indicator.code}.").split(".")
    if place == ["na"]:
        return bool(typed)
    if place in (["na_reason"], ["words"]):
        return same_lines(typed)
    index = int(place[0])
    if isinstance(indicator.parts_by_hand[index], CheckPart):
        return {YES: True, NO: False}.get(typed.strip())
    return normalize_number(typed)


def show_field(name: str, value: object) -> str:
    """The value of a field as its control holds it; a box that is not ticked is blank."""
    if isinstance(value, bool):
        return ("1" if value else "") if name.endswith(".na") else (YES if value else NO)
    return "" if value is None else str(value)

"""Indicator cards: what a stored answer looks like in its controls, and what the controls sent back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from evaluation.enums import Layer
from evaluation.models import Answer, ReturnedItem
from evaluation.rules.definitions import Indicator
from evaluation.rules.field_merging import Shown, fields_of, read_field, show_field
from evaluation.rules.kinds import CheckPart, CountPart, Part, PointsPart, SurveyPart
from evaluation.rules.lengths import MAX_NOT_APPLICABLE, MAX_WORDS
from evaluation.rules.losses import Loss, losses_of_line
from evaluation.rules.marking import NOT_APPLICABLE, UNANSWERED, Line
from evaluation.rules.numbers import plain
from evaluation.rules.problems import Problem
from evaluation.rules.self_assessment import NO, YES, fit_inputs, is_ratio, normalize_entry
from evaluation.selectors.review_pages import ReviewPage
from evaluation.selectors.self_pages import SelfPage
from evaluation.services.answers import AnswerDraft
from zaozhuang_portal.kernel.autosaving import FieldClash, read_shown, write_shown
from zaozhuang_portal.kernel.parsing import whole_number
from zaozhuang_portal.operations.models import Attachment

_PART_PATH = re.compile(r"\[(\d+)\]$")


@dataclass
class PartControl:
    """The control of one part: `kind` check, ratio, points, number or survey; `values` as typed."""

    part: Part
    kind: str
    names: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    error: str = ""

    @property
    def fields(self) -> list[tuple[str, str, str]]:
        """(name, label, value) of its text boxes."""
        return list(zip(self.names, self.labels, self.values, strict=True))

    @property
    def name(self) -> str:
        return self.names[0]

    @property
    def value(self) -> str:
        return self.values[0]


@dataclass
class Card:
    """One indicator card, top to bottom (ux §1.2)."""

    indicator: Indicator
    name: str
    line: Line
    controls: list[PartControl]
    answer: Answer | None
    revision: int
    not_applicable: bool
    not_applicable_reason: str
    words: str
    files: Sequence[Attachment]
    returned: ReturnedItem | None
    locked: bool
    errors: dict[str, str] = field(default_factory=dict)
    losses: Sequence[Loss] = ()
    conflict: str = ""
    shown: str = ""

    @property
    def code(self) -> str:
        return self.indicator.code

    @property
    def allows_not_applicable(self) -> bool:
        return self.indicator.not_applicable != "FORBIDDEN"

    @property
    def na_error(self) -> str:
        return self.errors.get(f"{self.code}.na_reason", "")

    @property
    def words_error(self) -> str:
        return self.errors.get(f"{self.code}.words", "")

    @property
    def room(self) -> dict[str, int]:
        """Most characters of its texts, for the counter."""
        return {"words": MAX_WORDS, "na_reason": MAX_NOT_APPLICABLE}

    @property
    def lost(self) -> bool:
        return bool(self.losses)

    @property
    def state(self) -> tuple[str, str]:
        """(tag kind, words) of ux F7."""
        if self.returned is not None and self.returned.resolved_at is None:
            return "danger", "被退回"
        if self.errors:
            return "warn", "填写有误"
        if self.line.state == UNANSWERED:
            return "neutral", "未答"
        if self.line.state == NOT_APPLICABLE:
            return "info", "不适用"
        if self.indicator.evidence and not self.files and self.line.score and not self.indicator.survey_codes:
            return "warn", "缺材料"
        return "ok", "已答"

    @property
    def filter_states(self) -> str:
        """Words for the toggle 全部 / 只看未答 / 只看失分 / 只看退回."""
        found = []
        if self.line.state == UNANSWERED:
            found.append("unanswered")
        if self.lost:
            found.append("lost")
        if self.returned is not None:
            found.append("returned")
        return " ".join(found)


def _shown(entry: object) -> str:
    if entry is None:
        return ""
    if isinstance(entry, bool):
        return YES if entry else NO
    return str(entry)


def _steps(part: PointsPart) -> tuple[str, ...]:
    """0, step … up to the points, for a part given in steps of at most 20 choices."""
    if part.step is None or part.points / part.step > 20:
        return ()
    count = int(part.points / part.step)
    return tuple(plain(part.step * Decimal(index)) for index in range(count + 1))


def control_of(
    part: Part, code: str, index: int, entry: object, page: SelfPage | ReviewPage | None
) -> PartControl:
    """Without a page (a check on site, judged blind) nothing declared is shown."""
    name = f"{code}.{index}"
    if isinstance(part, SurveyPart):
        row = page.rows.declarations_of(Layer.SELF).get(part.survey) if page is not None else None
        return PartControl(part, "survey", values=(row.value if row else "",), labels=(part.survey,))
    if isinstance(part, CheckPart):
        return PartControl(part, "check", (name,), (_shown(entry),), (part.text,))
    if is_ratio(part):
        pair = entry if isinstance(entry, list) and len(entry) == 2 else [entry, None]
        labels = (str(part.numerator), str(part.denominator))  # type: ignore[attr-defined]  # is_ratio
        return PartControl(
            part, "ratio", (f"{name}.0", f"{name}.1"), (_shown(pair[0]), _shown(pair[1])), labels
        )
    if isinstance(part, PointsPart):
        options = _steps(part)
        return PartControl(
            part, "points" if options else "number", (name,), (_shown(entry),), ("自评得分",), options
        )
    label = "数量（整数）" if isinstance(part, CountPart) else part.text
    return PartControl(part, "number", (name,), (_shown(entry),), (label,))


def controls_of(
    indicator: Indicator, inputs: object, errors: Mapping[str, str], page: SelfPage | ReviewPage | None
) -> list[PartControl]:
    """The controls of an item, filled with its stored or typed entries."""
    entries = iter(fit_inputs(indicator, inputs if isinstance(inputs, list) else []))
    controls = []
    hand = 0
    for part in indicator.parts:
        entry = next(entries) if part.by_hand else None
        control = control_of(part, indicator.code, hand, entry, page)
        control.error = next((errors[name] for name in control.names if name in errors), "")
        controls.append(control)
        hand += part.by_hand
    return controls


def field_errors(indicator: Indicator, problems: Iterable[Problem]) -> dict[str, str]:
    """What cannot be read, by the name of the control it belongs to."""
    found: dict[str, str] = {}
    for problem in problems:
        place = _PART_PATH.search(problem.path)
        message = problem.message.split("：", 1)[-1]
        if place is None:
            found[f"{indicator.code}.na_reason"] = message
            continue
        index = int(place.group(1))
        suffix = ".1" if is_ratio(indicator.parts_by_hand[index]) else ""
        found.setdefault(f"{indicator.code}.{index}{suffix}", message)
    return found


def build_card(
    page: SelfPage,
    indicator: Indicator,
    *,
    draft: AnswerDraft | None = None,
    refused: Mapping[str, str] | None = None,
) -> Card:
    """The card of an item as stored; with `draft`, as just sent: a conflict or a refusal (`refused`, words by the name
    of a control) keeps what was typed."""
    answer = page.rows.answers_of(Layer.SELF).get(indicator.code)
    source: Any = draft or answer
    line = page.lines[indicator.code]
    errors = field_errors(indicator, page.sheet.problems.get(indicator.code, ()))
    own = f"{indicator.code}."
    errors |= {name: words for name, words in (refused or {}).items() if name.startswith(own)}
    shown: dict[str, Any] = dict(field_values(indicator, answer))
    revision = answer.revision if answer else 0
    if (
        refused and draft is not None
    ):  # nothing was stored: the page knows of the others' words what it knew before
        revision = draft.revision
        known = draft.shown or {}
        shown = {name: [show_field(name, one) for one in values] for name, values in known.items()}
    return Card(
        indicator=indicator,
        name=indicator.name_for(page.assessment.subject.kind),
        line=line,
        controls=controls_of(indicator, source.inputs if source else [], errors, page),
        answer=answer,
        revision=revision,
        not_applicable=bool(source and source.not_applicable),
        not_applicable_reason=source.not_applicable_reason if source else "",
        words=source.words if source else "",
        files=page.files.get(indicator.code, ()),
        returned=page.returned.get(indicator.code),
        locked=not page.may_write(indicator.code),
        errors=errors,
        losses=losses_of_line(line),
        shown=write_shown(shown) if shown else "",
    )


def draft_from_post(indicator: Indicator, data: QueryDict, *, whole: bool = False) -> AnswerDraft:
    """What a card sent, whole and nothing refused. `whole`: the revision is named per card."""
    code = indicator.code
    inputs = []
    for index, part in enumerate(indicator.parts_by_hand):
        name = f"{code}.{index}"
        names = [f"{name}.0", f"{name}.1"] if is_ratio(part) else [name]
        inputs.append(normalize_entry(part, [data.get(one, "") for one in names]))
    sent = data.get(f"{code}.revision" if whole else "revision", "0")
    allowed = indicator.not_applicable != "FORBIDDEN"
    return AnswerDraft(
        indicator=code,
        inputs=inputs,
        not_applicable=allowed and bool(data.get(f"{code}.na")),
        not_applicable_reason=data.get(f"{code}.na_reason", "").strip() if allowed else "",
        words=data.get(f"{code}.words", "").strip(),
        revision=whole_number(sent, digits=8) or 0,
        shown=_shown_from(indicator, data.get(f"{code}.shown" if whole else "shown", "")),
    )


def _shown_from(indicator: Indicator, text: str) -> Shown | None:
    """What the device knew of the fields of a card, read as what it sends is read."""
    known = fields_of(indicator, [], False, "", "")
    sent = read_shown(text)
    if sent is None:
        return None
    return {
        name: [read_field(indicator, name, one) for one in values]
        for name, values in sent.items()
        if name in known
    }


def field_values(indicator: Indicator, source: AnswerDraft | Answer | None) -> dict[str, str]:
    """An answer as its controls hold it, by their names."""
    found = fields_of(indicator, [], False, "", "")
    if source is not None:
        inputs = fit_inputs(indicator, source.inputs if isinstance(source.inputs, list) else [])
        found = fields_of(
            indicator, inputs, source.not_applicable, source.not_applicable_reason, source.words
        )
    return {name: show_field(name, value) for name, value in found.items()}


def field_label(indicator: Indicator, name: str) -> str:
    """What a control of the card is called."""
    place = name.removeprefix(f"{indicator.code}.").split(".")
    named = {"na": "本项不适用", "na_reason": "不适用的理由", "words": "文字说明"}.get(place[0])
    if named:
        return named
    part = indicator.parts_by_hand[int(place[0])]
    if len(place) > 1:
        labels = (part.numerator, part.denominator)  # type: ignore[attr-defined]  # is_ratio
        return str(labels[int(place[1])])
    return part.text


def card_clashes(indicator: Indicator, names: Iterable[str], theirs: Answer, by: str) -> list[FieldClash]:
    """The fields of a card two people changed, with what is stored now."""
    stored = field_values(indicator, theirs)
    return [
        FieldClash(
            name,
            field_label(indicator, name),
            stored[name],
            _in_words(name, stored[name]),
            by,
            theirs.updated_at,
        )
        for name in names
    ]


def _in_words(name: str, value: str) -> str:
    if name.endswith(".na"):
        return "已勾选" if value else "未勾选"
    return {YES: "是", NO: "否", "": "未填"}.get(value, value)


def answer_in_words(indicator: Indicator, source: AnswerDraft | Answer | None) -> str:
    """An answer as a person reads it, a line per part: for conflicts, checks and the print."""
    if source is None:
        return "未作答"
    if source.not_applicable:
        lines = [f"不适用：{source.not_applicable_reason or '（未写理由）'}"]
    else:
        lines = []
        entries = fit_inputs(indicator, source.inputs if isinstance(source.inputs, list) else [])
        for part, entry in zip(indicator.parts_by_hand, entries, strict=True):
            lines.append(f"{part.text}：{entry_in_words(part, entry)}")
    if source.words:
        lines.append(f"说明：{source.words}")
    return "\n".join(lines) or "取自测评"


def entry_in_words(part: Part, entry: object) -> str:
    if entry is None:
        return "未填"
    if isinstance(part, CheckPart):
        return "是" if entry is True else "否"
    if is_ratio(part) and isinstance(entry, list):
        labels = (part.numerator, part.denominator)  # type: ignore[attr-defined]  # is_ratio
        return "，".join(
            f"{label} {'未填' if one is None else one}" for label, one in zip(labels, entry, strict=False)
        )
    return f"{entry} 分" if isinstance(part, PointsPart) else str(entry)

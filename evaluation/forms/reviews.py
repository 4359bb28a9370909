"""One item under review as its page shows it: what the subject said beside what each reviewing layer said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from evaluation.enums import Layer, Verdict
from evaluation.forms.cards import answer_in_words
from evaluation.forms.declarations import Declarable, value_in_words
from evaluation.forms.verdicts import VerdictForm, declaration_form, item_form
from evaluation.models import Answer, Declaration, ReturnedItem
from evaluation.rules.definitions import Deduction, Indicator, Veto
from evaluation.rules.marking import Line
from evaluation.rules.reviews import REASON_CODES, gap_between, gap_in_words
from evaluation.rules.self_assessment import YES
from evaluation.rules.self_assessment_checks import EVIDENCE_PREFIX
from evaluation.selectors.review_pages import AnsweredDoubt, ReviewPage
from evaluation.selectors.reviews import REVIEWING_LAYERS
from evaluation.services.answers import AnswerDraft
from zaozhuang_portal.operations.models import Attachment

_UNANSWERED = {True: "未作答", False: "取自测评"}
LAYER_NAMES = {Layer.DISTRICT: "区（市）核验", Layer.CITY: "市级复核"}


@dataclass(frozen=True)
class Opinion:
    """What one reviewing layer said. `content` is what it found instead; empty when it agreed."""

    layer: str
    changed: bool
    content: str
    reason: str
    reason_label: str
    who: str
    at: datetime
    line: Line | None = None

    @property
    def layer_name(self) -> str:
        return LAYER_NAMES[Layer(self.layer)]


@dataclass
class ReviewItem:
    """One indicator or declaration, left and right."""

    code: str
    name: str
    kind: str
    item: Indicator | Declarable
    answer: str
    words: str
    files: Sequence[Attachment]
    judged: bool
    own_line: Line | None = None
    line: Line | None = None
    returned: ReturnedItem | None = None
    before: str = ""
    opinions: list[Opinion] = field(default_factory=list)
    form: VerdictForm | None = None
    doubts: Sequence[AnsweredDoubt] = ()
    biting: bool = False
    tickable: bool = False

    @property
    def anchor(self) -> str:
        return f"item-{self.code}"

    @property
    def rules(self) -> list[str]:
        return [part.in_words() for part in self.item.parts] if isinstance(self.item, Indicator) else []

    @property
    def evidence(self) -> Sequence[str]:
        return self.item.evidence if isinstance(self.item, Indicator) else ()

    @property
    def related(self) -> Sequence[str]:
        return self.item.related if isinstance(self.item, Veto) else ()

    @property
    def gap(self) -> Decimal | None:
        if self.own_line is None or self.line is None or not self.judged:
            return None
        return gap_between(self.own_line, self.line)

    @property
    def changed(self) -> bool:
        return any(opinion.changed for opinion in self.opinions)

    @property
    def state(self) -> tuple[str, str]:
        """(tag kind, words)."""
        if not self.judged:
            return "neutral", "未核"
        if self.gap:
            return ("info" if self.gap > 0 else "warn"), gap_in_words(self.gap)
        return ("info", "已调整") if self.changed else ("ok", "已同意")

    @property
    def filter_states(self) -> str:
        """Words for the toggle 全部 / 只看未核 / 只看失分 / 只看缺材料 / 只看调整 / 只看退回过."""
        found = []
        if not self.judged:
            found.append("open")
        if self.own_line is not None and (self.own_line.score or 0) < self.own_line.max_score:
            found.append("lost")
        if self.evidence and not self.files:
            found.append("bare")
        if self.changed:
            found.append("changed")
        if self.returned is not None:
            found.append("returned")
        return " ".join(found)


@dataclass
class ReviewSection:
    """A dimension, or the declarations of one kind."""

    code: str
    name: str
    items: list[ReviewItem]
    doubts: Sequence[AnsweredDoubt] = ()
    looked: bool = True

    @property
    def unfolded(self) -> bool:
        """Looked at, or an opinion in it was just refused: it stands open."""
        return self.looked or any(item.form and item.form.open for item in self.items)

    @property
    def unjudged(self) -> list[str]:
        """What 本节其余同意 would agree to: the codes shown without an opinion of the page's reviewer."""
        return [item.code for item in self.items if item.form is not None and not item.form.verdict]

    @property
    def total(self) -> int:
        return len(self.items)

    @property
    def judged(self) -> int:
        return sum(item.judged for item in self.items)


def build_sections(page: ReviewPage, *, typed: VerdictForm | None = None) -> list[ReviewSection]:
    """All items in the set's order. `typed`: the form just sent, to be shown again as typed."""
    definition = page.definition
    kind = page.assessment.subject.kind
    sections = [
        ReviewSection(
            dimension.code,
            dimension.name_township if kind == "TOWNSHIP" and dimension.name_township else dimension.name,
            [build_item(page, item, typed=typed) for item in dimension.indicators],
            doubts_about(page, f"{EVIDENCE_PREFIX}{dimension.code}"),
        )
        for dimension in definition.dimensions
    ]
    others: tuple[tuple[str, str, Sequence[Declarable]], ...] = (
        ("VETO", "一票否决事项", definition.vetoes),
        ("DEDUCTION", "扣分事项", definition.deductions),
        ("SURVEY", "职工满意度测评", definition.surveys),
    )
    sections += [
        ReviewSection(code, name, [build_declaration(page, item, code, typed=typed) for item in items])
        for code, name, items in others
        if items
    ]
    for section in sections:
        section.looked = not page.layer or section.code in page.looked
    return sections


def doubts_about(page: ReviewPage, code: str) -> list[AnsweredDoubt]:
    return [doubt for doubt in page.doubts if doubt.code == code]


def find_item(page: ReviewPage, code: str) -> Indicator | Declarable | None:
    definition = page.definition
    others: tuple[Declarable, ...] = (*definition.vetoes, *definition.deductions, *definition.surveys)
    return definition.indicator(code) or next((item for item in others if item.code == code), None)


def kind_of(item: Declarable) -> str:
    return "VETO" if isinstance(item, Veto) else "DEDUCTION" if isinstance(item, Deduction) else "SURVEY"


def build_any(page: ReviewPage, code: str, *, typed: VerdictForm | None = None) -> ReviewItem | None:
    item = find_item(page, code)
    if isinstance(item, Indicator):
        return build_item(page, item, typed=typed)
    return build_declaration(page, item, kind_of(item), typed=typed) if item is not None else None


# --- indicators -----------------------------------------------------------------------------------------------------


def _without_words(indicator: Indicator, source: Any) -> str:
    draft = AnswerDraft(indicator.code, source.inputs, source.not_applicable, source.not_applicable_reason)
    return answer_in_words(indicator, draft)


def build_item(page: ReviewPage, indicator: Indicator, *, typed: VerdictForm | None = None) -> ReviewItem:
    code = indicator.code
    own = page.rows.answers_of(Layer.SELF).get(code)
    form = None
    if page.layer:
        form = typed if typed is not None and typed.code == code else item_form(page, indicator)
    return ReviewItem(
        code=code,
        name=indicator.name_for(page.assessment.subject.kind),
        kind="ITEM",
        item=indicator,
        answer=_without_words(indicator, own) if own else _UNANSWERED[bool(indicator.parts_by_hand)],
        words=own.words if own else "",
        files=[file for one in (code, *indicator.survey_codes) for file in page.files.by_code.get(one, ())],
        judged=code in page.judged,
        own_line=page.own_lines[code],
        line=page.effective_lines[code],
        returned=page.returns.get(code),
        before=_before(page.returns.get(code), indicator),
        opinions=_opinions(page, code, indicator),
        form=form,
        tickable=page.layer == Layer.DISTRICT,
    )


# --- declarations ---------------------------------------------------------------------------------------------------


def build_declaration(
    page: ReviewPage, item: Declarable, kind: str, *, typed: VerdictForm | None = None
) -> ReviewItem:
    code = item.code
    own = page.rows.declarations_of(Layer.SELF).get(code)
    effective = page.rows.effective_declarations().get(code)
    form = None
    if page.layer:
        form = typed if typed is not None and typed.code == code else declaration_form(page, item)
    township = isinstance(item, Veto) and page.assessment.subject.kind == "TOWNSHIP" and item.name_township
    return ReviewItem(
        code=code,
        name=item.name_township if isinstance(item, Veto) and township else item.name,
        kind=kind,
        item=item,
        answer=value_in_words(item, own.value if own else ""),
        words=own.words if own else "",
        files=page.files.by_code.get(code, ()),
        judged=code in page.judged,
        returned=page.returns.get(code),
        before=_before(page.returns.get(code), item),
        opinions=_opinions(page, code, item),
        form=form,
        doubts=doubts_about(page, f"VETO-{code}"),
        biting=isinstance(item, Veto) and effective is not None and effective.value == YES,
        tickable=page.layer == Layer.DISTRICT,
    )


# --- what reviewers and returns said --------------------------------------------------------------------------------


def _opinions(page: ReviewPage, code: str, item: Indicator | Declarable) -> list[Opinion]:
    found = []
    for layer in REVIEWING_LAYERS:
        row: Answer | Declaration | None = page.rows.answers_of(layer).get(code)
        row = row or page.rows.declarations_of(layer).get(code)
        if row is None:
            continue
        lines = page.district_lines if layer == Layer.DISTRICT else page.effective_lines
        found.append(
            Opinion(
                layer=layer,
                changed=row.verdict == Verdict.CHANGED,
                content=_content(item, row) if row.verdict == Verdict.CHANGED else "",
                reason=row.reason,
                reason_label=REASON_CODES.get(row.reason_code, row.reason_code),
                who=str(row.updated_by or ""),
                at=row.updated_at,
                line=lines.get(code),
            )
        )
    return found


def _content(item: Indicator | Declarable, row: Answer | Declaration) -> str:
    if isinstance(item, Indicator):
        return _without_words(item, row)
    return value_in_words(item, row.value) if isinstance(row, Declaration) else ""


def _before(returned: ReturnedItem | None, item: Indicator | Declarable) -> str:
    """What stood there when it was returned, in words."""
    if returned is None or not returned.before:
        return ""
    kept = returned.before
    if isinstance(item, Indicator):
        return answer_in_words(
            item,
            AnswerDraft(
                item.code,
                kept.get("inputs", []),
                kept.get("not_applicable", False),
                kept.get("not_applicable_reason", ""),
                kept.get("words", ""),
            ),
        )
    value = value_in_words(item, kept.get("value", ""))
    return f"{value}\n说明：{kept['words']}" if kept.get("words") else value

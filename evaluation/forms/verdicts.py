"""The reviewer's controls of one item: as stored, what they sent back, and as typed after a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import QueryDict

from evaluation.enums import Verdict
from evaluation.forms.cards import PartControl, controls_of, draft_from_post, field_errors
from evaluation.forms.declarations import Declarable, options_of
from evaluation.rules.definitions import Indicator
from evaluation.rules.kinds import PointsPart
from evaluation.rules.lengths import MAX_NOT_APPLICABLE, MAX_REASON
from evaluation.rules.problems import Problems
from evaluation.rules.self_assessment import StoredAnswer, highest_entered, read_stored
from evaluation.selectors.review_pages import ReviewPage
from evaluation.selectors.reviews import LAYERS_BELOW
from evaluation.services.reviews import DeclarationVerdict, ItemVerdict
from zaozhuang_portal.kernel.parsing import whole_number


@dataclass
class VerdictForm:
    """The reviewer's controls, named like those of a card (templates/evaluation/self/_controls.html).

    `open` shows 调整 unfolded: after an error, with everything as typed.
    """

    code: str
    name: str
    indicator: Indicator | None = None
    controls: list[PartControl] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    value: str = ""
    not_applicable: bool = False
    not_applicable_reason: str = ""
    reason_code: str = ""
    reason: str = ""
    revision: int = 0
    verdict: str = ""
    open: bool = False
    error: str = ""
    error_code: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    locked: bool = False
    reviewing: bool = True

    @property
    def allows_not_applicable(self) -> bool:
        return self.indicator is not None and self.indicator.not_applicable != "FORBIDDEN"

    @property
    def na_error(self) -> str:
        return self.errors.get(f"{self.code}.na_reason", "")

    @property
    def room(self) -> dict[str, int]:
        """Most characters of its texts, for the counter."""
        return {"reason": MAX_REASON, "na_reason": MAX_NOT_APPLICABLE}

    @property
    def can_change(self) -> bool:
        """An item that only takes the value of a survey is changed there."""
        if self.indicator is None:
            return True
        return bool(self.indicator.parts_by_hand) or self.allows_not_applicable

    @property
    def agreed(self) -> bool:
        return self.verdict == Verdict.AGREED

    @property
    def changed(self) -> bool:
        return self.verdict == Verdict.CHANGED


def item_form(page: ReviewPage, indicator: Indicator) -> VerdictForm:
    row = page.rows.answers_of(page.layer).get(indicator.code)
    below = highest_entered(page.rows.answers_of(layer) for layer in LAYERS_BELOW[page.layer])
    source = row or below.get(indicator.code)
    return VerdictForm(
        code=indicator.code,
        name=indicator.name,
        indicator=indicator,
        controls=_controls(page, indicator, source.inputs if source else [], {}),
        not_applicable=bool(source and source.not_applicable),
        not_applicable_reason=source.not_applicable_reason if source else "",
        reason_code=row.reason_code if row else "",
        reason=row.reason if row else "",
        revision=row.revision if row else 0,
        verdict=row.verdict if row else "",
    )


def _controls(
    page: ReviewPage, indicator: Indicator, inputs: object, errors: dict[str, str]
) -> list[PartControl]:
    controls = controls_of(indicator, inputs, errors, page)
    for control in controls:
        if isinstance(control.part, PointsPart):
            control.labels = ("核定得分",)
    return controls


def item_verdict_from_post(indicator: Indicator, data: QueryDict) -> ItemVerdict:
    draft = draft_from_post(indicator, data)
    return ItemVerdict(
        indicator=indicator.code,
        verdict=data.get("verdict", ""),
        inputs=draft.inputs,
        not_applicable=draft.not_applicable,
        not_applicable_reason=draft.not_applicable_reason,
        reason_code=data.get("reason_code", ""),
        reason=data.get("reason", "").strip(),
        revision=draft.revision,
        seen=data.get("seen", ""),
    )


def typed_item_form(
    page: ReviewPage, indicator: Indicator, sent: ItemVerdict, *, error: str, code: str
) -> VerdictForm:
    """The form as sent, with its error, at the newest revision: saving again is a decision made in sight."""
    form = item_form(page, indicator)
    form.error, form.error_code = error, code
    if sent.verdict == Verdict.CHANGED:
        problems = Problems()
        stored = StoredAnswer(sent.inputs, sent.not_applicable, sent.not_applicable_reason)
        read_stored(indicator, stored, problems)
        form.errors = field_errors(indicator, problems.as_tuple()) if code == "unreadable" else {}
        form.controls = _controls(page, indicator, list(sent.inputs), form.errors)
        form.not_applicable = sent.not_applicable
        form.not_applicable_reason = sent.not_applicable_reason
        form.reason_code, form.reason, form.open = sent.reason_code, sent.reason, True
    return form


def declaration_form(page: ReviewPage, item: Declarable) -> VerdictForm:
    row = page.rows.declarations_of(page.layer).get(item.code)
    below = highest_entered(page.rows.declarations_of(layer) for layer in LAYERS_BELOW[page.layer])
    source = row or below.get(item.code)
    return VerdictForm(
        code=item.code,
        name=item.name,
        options=options_of(item),
        value=source.value if source else "",
        reason_code=row.reason_code if row else "",
        reason=row.reason if row else "",
        revision=row.revision if row else 0,
        verdict=row.verdict if row else "",
    )


def declaration_verdict_from_post(code: str, data: QueryDict) -> DeclarationVerdict:
    sent = data.get("revision", "0")
    return DeclarationVerdict(
        code=code,
        verdict=data.get("verdict", ""),
        value=data.get("value", ""),
        reason_code=data.get("reason_code", ""),
        reason=data.get("reason", "").strip(),
        revision=whole_number(sent, digits=8) or 0,
        seen=data.get("seen", ""),
    )


def typed_declaration_form(
    page: ReviewPage, item: Declarable, sent: DeclarationVerdict, *, error: str, code: str
) -> VerdictForm:
    form = declaration_form(page, item)
    form.error, form.error_code = error, code
    if sent.verdict == Verdict.CHANGED:
        form.value, form.reason_code, form.reason, form.open = (
            sent.value,
            sent.reason_code,
            sent.reason,
            True,
        )
    return form

"""提交前检查: 必须修改 blocks, 需说明 asks for words (ux F27). Pure: the facts come in, doubts go out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.kinds import CheckPart
from evaluation.rules.marking import UNANSWERED, Line
from evaluation.rules.self_assessment import NO, YES, DraftSheet

PROFILE, SCAN, ADOPTION, OVERDUE = "PROFILE", "SCAN", "ADOPTION", "OVERDUE"
EVIDENCE_PREFIX = "EVIDENCE-"


@dataclass(frozen=True)
class Doubt:
    """`code` is stable and names an explanation; `target` is the indicator, declaration or step it is about."""

    code: str
    target: str
    message: str


@dataclass(frozen=True)
class CheckFacts:
    """What the check looks at beside the marked sheet.

    `files` counts the files per indicator and declaration code. `returned` are the returned codes not yet
    changed. `adoption` is empty when none is needed or it is recorded, else what is missing. `days_late` above
    0 when the deadline has passed.
    """

    declared: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)
    profile_checked: bool = False
    needs_scan: bool = False
    returned: frozenset[str] = frozenset()
    adoption: str = ""
    days_late: int = 0


@dataclass(frozen=True)
class CheckResult:
    """`errors` 必须修改, `doubts` 需说明, each in the order of the set."""

    errors: tuple[Doubt, ...]
    doubts: tuple[Doubt, ...]

    def unexplained(self, explanations: Mapping[str, str]) -> list[Doubt]:
        return [doubt for doubt in self.doubts if not explanations.get(doubt.code, "").strip()]

    def errors_but(self, *targets: str) -> list[Doubt]:
        return [error for error in self.errors if error.target not in targets]


def check_sheet(definition: IndicatorSetDefinition, sheet: DraftSheet, facts: CheckFacts) -> CheckResult:
    return CheckResult(tuple(_errors(definition, sheet, facts)), tuple(_doubts(definition, sheet, facts)))


def _errors(definition: IndicatorSetDefinition, sheet: DraftSheet, facts: CheckFacts) -> Iterator[Doubt]:
    if not facts.profile_checked:
        yield Doubt(PROFILE, PROFILE, "尚未核对基本信息。请打开“核对基本信息”，核对后确认。")
    if facts.needs_scan:
        yield Doubt(SCAN, SCAN, "代录的自评须上传盖章纸质表的扫描件。请在首页上传。")
    yield from _item_errors(definition, sheet, facts)
    yield from _declaration_errors(definition, sheet, facts)
    if facts.adoption:
        yield Doubt(ADOPTION, ADOPTION, facts.adoption)


def _item_errors(definition: IndicatorSetDefinition, sheet: DraftSheet, facts: CheckFacts) -> Iterator[Doubt]:
    lines = sheet.lines
    for indicator in definition.indicators:
        code = indicator.code
        if code in facts.returned:
            yield Doubt(
                code, code, f"{code}（{indicator.name}）已被退回，尚未修改。请按退回意见修改或补充说明。"
            )
        if code in sheet.problems:
            for problem in sheet.problems[code]:
                yield Doubt(code, code, problem.message)
        elif lines[code].state == UNANSWERED and indicator.parts_by_hand:
            yield Doubt(code, code, f"{code}（{indicator.name}）{lines[code].arithmetic}。请补充作答。")


def _declaration_errors(
    definition: IndicatorSetDefinition, sheet: DraftSheet, facts: CheckFacts
) -> Iterator[Doubt]:
    declarations = [
        *((veto.code, veto.name, "一票否决项") for veto in definition.vetoes),
        *((deduction.code, deduction.name, "扣分项") for deduction in definition.deductions),
        *((survey.code, survey.name, "测评") for survey in definition.surveys),
    ]
    surveys = {survey.code for survey in definition.surveys}
    for code, name, kind in declarations:
        if code in facts.returned:
            yield Doubt(code, code, f"{code}（{name}）已被退回，尚未修改。请按退回意见修改或补充说明。")
        if code in sheet.problems:
            yield Doubt(code, code, sheet.problems[code][0].message)
        elif not facts.declared.get(code):
            yield Doubt(code, code, f"{kind} {code}（{name}）尚未申报。请选择或填写。")
        elif code in surveys and not facts.files.get(code):
            yield Doubt(code, code, f"测评 {code}（{name}）已填数值，缺少测评汇总等证明材料。请上传。")


def _doubts(definition: IndicatorSetDefinition, sheet: DraftSheet, facts: CheckFacts) -> Iterator[Doubt]:
    if facts.days_late > 0:
        yield Doubt(OVERDUE, OVERDUE, f"已超过填报截止日 {facts.days_late} 天，将标为“逾期”。请说明原因。")
    lines = sheet.lines
    for dimension in definition.dimensions:
        bare = [
            item.code
            for item in dimension.indicators
            if item.evidence
            and not any(facts.files.get(code) for code in (item.code, *item.survey_codes))
            and (lines[item.code].score or 0) > 0
        ]
        if bare:
            yield Doubt(
                f"{EVIDENCE_PREFIX}{dimension.code}",
                bare[0],
                f"{dimension.name}：{'、'.join(bare)} 得分但没有佐证材料。请补传，或说明材料在何处可查。",
            )
    for veto in definition.vetoes:
        declared = facts.declared.get(veto.code)
        if declared == YES:
            yield Doubt(
                f"VETO-{veto.code}",
                veto.code,
                f"已申报否决项 {veto.code}（{veto.name}）。总分不变，但不再作为达标依据。请说明情况和整改措施。",
            )
        denied = [
            words
            for code in veto.related
            if declared == NO and code in lines
            for words in _denials(lines[code])
        ]
        if denied:
            yield Doubt(
                f"VETO-{veto.code}",
                veto.code,
                f"否决项 {veto.code}（{veto.name}）申报为“否”，而相关指标{'、'.join(denied)}。请说明为何不构成否决。",
            )


def _denials(line: Line) -> list[str]:
    """What a related item says against a denied veto: every check part answered 否, or a score of 0."""
    refused = [
        f" {line.code} 的“{found.part.text}”答“否”"
        for found in line.parts
        if isinstance(found.part, CheckPart) and found.mark is not None and not found.mark.points
    ]
    return refused or ([f" {line.code} 得 0 分"] if line.score == 0 else [])

"""Annual targets (notice 三（二）2, 3): one pure rule, its sentence, and why each record counts or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# The notice's own place, as the reader knows it; in docs/clauses.md C074, C075, C078–C081.
CLAUSE_ENTERPRISES = "枣人社字〔2023〕34号三（二）2"
CLAUSE_PARKS = "枣人社字〔2023〕34号三（二）2"
CLAUSE_PILOTS = "枣人社字〔2023〕34号三（二）3"
MINIMUM_ENTERPRISES = 4
MINIMUM_PARKS_OR_TOWNSHIPS = 1

# The kinds of subject each metric counts. Keys and members are the stored codes of cultivation.enums.
METRIC_KINDS: dict[str, frozenset[str]] = {
    "KEY_ENTERPRISES": frozenset({"ENTERPRISE"}),
    "KEY_PARKS_OR_TOWNSHIPS": frozenset({"INDUSTRIAL_PARK", "TOWNSHIP"}),
    "KEY_PARKS": frozenset({"INDUSTRIAL_PARK"}),
    "KEY_TOWNSHIPS": frozenset({"TOWNSHIP"}),
    "INDUSTRY_PILOTS": frozenset({"INDUSTRY_PILOT"}),
}
# How parks and townships are asked for: 1 of either (the notice's words), or 1 of each where a year says so.
PARK_METRICS = ("KEY_PARKS_OR_TOWNSHIPS", "KEY_PARKS", "KEY_TOWNSHIPS")
_DUTY: dict[str, str] = {
    "KEY_ENTERPRISES": "每年选取不少于 {minimum} 个企业进行重点培育",
    "KEY_PARKS_OR_TOWNSHIPS": "每年选取不少于 {minimum} 个工业园区或乡镇（街道）进行重点培育",
    "KEY_PARKS": "每年选取不少于 {minimum} 个工业园区进行重点培育",
    "KEY_TOWNSHIPS": "每年选取不少于 {minimum} 个乡镇（街道）进行重点培育",
    "INDUSTRY_PILOTS": "全市选取{range}个重点行业开展试点",
}


def park_metrics(*, separate: bool) -> tuple[str, ...]:
    """The metrics of a year that counts parks and townships separately, or together."""
    return PARK_METRICS[1:] if separate else PARK_METRICS[:1]


class Completion(StrEnum):
    """完成情况 of one target or of a district's year. Derived, never stored."""

    IN_PROGRESS = "IN_PROGRESS"
    MET = "MET"
    NOT_MET = "NOT_MET"
    NOT_APPLICABLE = "NOT_APPLICABLE"

    @property
    def label(self) -> str:
        return {"IN_PROGRESS": "进行中", "MET": "达标", "NOT_MET": "未达标", "NOT_APPLICABLE": "不适用"}[
            self.value
        ]


class Continuity(StrEnum):
    """NEW when the subject was not a confirmed key subject in the year before."""

    NEW = "NEW"
    CONTINUED = "CONTINUED"

    @property
    def label(self) -> str:
        return "延续" if self is Continuity.CONTINUED else "新增"


@dataclass(frozen=True)
class TargetResult:
    """One evaluated target. `gap` is how many are still missing, 0 when met; `warning` never changes the completion."""

    metric: str
    minimum: int
    maximum: int | None
    actual: int
    completion: Completion
    gap: int
    sentence: str
    warning: str = ""

    @property
    def quota(self) -> str:
        """The quota meter, e.g. 3／4."""
        return f"{self.actual}／{self.minimum}"


@dataclass(frozen=True)
class CountReason:
    counts: bool
    why: str


def count_reason(*, state: str, is_key: bool, removal_reason: str = "") -> CountReason:
    """Whether one enrollment counts toward a target, and why. Only confirmed key enrollments count."""
    if state == "REMOVED":
        return CountReason(False, f"已调出：{removal_reason}" if removal_reason else "已调出")
    if not is_key:
        return CountReason(False, "参与创建，不计入重点培育")
    if state == "CANDIDATE":
        return CountReason(False, "候选，名单确认后计入")
    return CountReason(True, "已确认的重点培育对象")


def evaluate_target(
    metric: str, *, minimum: int | None, maximum: int | None = None, actual: int, today: date, cutoff_on: date
) -> TargetResult:
    """Judge one target on the Shanghai day `today`.

    No target (minimum None) is 不适用, never 0 %. Reached is 达标 at once; below it the year is 进行中 up to and
    including `cutoff_on` and 未达标 from the next day. More than `maximum` warns and stays 达标.
    """
    if minimum is None:
        return TargetResult(metric, 0, None, actual, Completion.NOT_APPLICABLE, 0, "本年度未设此项目标。")
    gap = max(minimum - actual, 0)
    if gap == 0:
        completion = Completion.MET
    else:
        completion = Completion.IN_PROGRESS if today <= cutoff_on else Completion.NOT_MET
    numbers = {"minimum": minimum, "range": f" {minimum}—{maximum} " if maximum else f"不少于 {minimum} "}
    duty = _DUTY[metric].format(**numbers)
    state = f"还差 {gap} 个" if gap else "已达到"
    sentence = (
        f"{duty}；已确认 {actual} 个，{state}。只计已确认的重点培育对象，候选和参与创建只展示、不计入。"
    )
    warning = ""
    if maximum is not None and actual > maximum:
        warning = f"已选 {actual} 个，多于通知所列的 {maximum} 个，请核对是否需要。"
    return TargetResult(metric, minimum, maximum, actual, completion, gap, sentence, warning)


def evaluate_district(results: list[TargetResult]) -> Completion:
    """The district's year: met only when every target that applies is met (3+1 and 4+0 are not met, 4+1 is)."""
    applicable = [r.completion for r in results if r.completion != Completion.NOT_APPLICABLE]
    if not applicable:
        return Completion.NOT_APPLICABLE
    if Completion.NOT_MET in applicable:
        return Completion.NOT_MET
    return Completion.IN_PROGRESS if Completion.IN_PROGRESS in applicable else Completion.MET

"""The figures of an annual report as plain JSON data: what a Snapshot stores and every sentence quotes.

Dates are ISO strings (2026-11-20), scores decimal strings with two places;
None means 未填报 and is never shown as 0.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from reporting.rules.activities import ActivityFigures

SubjectKind = Literal["ENTERPRISE", "INDUSTRIAL_PARK", "TOWNSHIP", "INDUSTRY_PILOT"]
Completion = Literal["IN_PROGRESS", "MET", "NOT_MET", "NOT_APPLICABLE"]

KIND_LABELS: dict[SubjectKind, str] = {
    "ENTERPRISE": "企业",
    "INDUSTRIAL_PARK": "工业园区",
    "TOWNSHIP": "乡镇（街道）",
    "INDUSTRY_PILOT": "行业试点",
}
# The label of a breakdown's subjects that did not say.
BLANK = "未填"
KIND_UNITS: dict[SubjectKind, str] = {
    "ENTERPRISE": "家",
    "INDUSTRIAL_PARK": "个",
    "TOWNSHIP": "个",
    "INDUSTRY_PILOT": "个",
}
COMPLETION_LABELS: dict[Completion, str] = {
    "IN_PROGRESS": "进行中",
    "MET": "达标",
    "NOT_MET": "未达标",
    "NOT_APPLICABLE": "不适用",
}


class TargetRow(TypedDict):
    """One annual target (C074, C075). `sentence` says what counts; `target` is None where none is set."""

    metric: str
    name: str
    unit: str
    clause: str
    target: int | None
    actual: int
    completion: Completion
    completion_label: str
    sentence: str


class Breakdown(TypedDict):
    """How many subjects of one kind carry a label (a size class, an industry, a township)."""

    label: str
    count: int


class KindFigures(TypedDict):
    """Confirmed key enrollments of one kind. total = new + continued."""

    kind: SubjectKind
    total: int
    new: int
    continued: int
    by_size: list[Breakdown]
    by_industry: list[Breakdown]
    by_township: list[Breakdown]
    employee_count: int | None


class AssessmentFigures(TypedDict):
    """Assessments of enrolled subjects of one kind under one indicator set.

    The counts nest: passed ≤ verified ≤ submitted ≤ started. `indicator_label` names the set;
    `indicator_notice` is 「重构稿，待官方文本核定」 while the set is a reconstruction, else empty.
    """

    kind: SubjectKind
    started: int
    submitted: int
    verified: int
    passed: int
    average_self_score: str | None
    average_verified_score: str | None
    indicator_label: str
    indicator_notice: str


class ParticipationFigures(TypedDict):
    """参与创建 coverage of enterprises: participating ÷ expected; `rate` such as 「87.5%」."""

    participating: int | None
    expected: int | None
    rate: str | None


class SubjectRow(TypedDict):
    """One enrolled subject: a line of the annex and of the printed ledger."""

    kind: SubjectKind
    name: str
    credit_code: str
    township: str
    industry: str
    size_class: str
    ownership: str
    employee_count: int | None
    entry: Literal["NEW", "CONTINUED"]
    contact_name: str
    contact_phone: str
    assessment_status: str
    self_score: str | None
    verified_score: str | None
    qualification: str
    backfilled: bool


class SubjectServiceRow(TypedDict):
    """One enterprise, park or township of the year: by whom it is looked after, how often it was visited."""

    name: str
    kind: SubjectKind
    partners: list[str]
    visits: int
    on_site: int
    first_on: str | None
    last_on: str | None
    open_follow_ups: int


class ServiceFigures(TypedDict):
    """结对、指导服务和培训 of the year (C046–C051, C072–C073). A visit counts once, whoever took part.

    paired ≤ to_pair and visited ≤ to_pair; visits = on_site + phone + online = guidance + supervision + research;
    `attended_*` are people of the district's firms, at the city's trainings too.
    """

    to_pair: int
    paired: int
    pairings: int
    visited: int
    visits: int
    on_site: int
    phone: int
    online: int
    guidance: int
    supervision: int
    research: int
    with_instructor: int
    follow_ups: int
    follow_ups_done: int
    trainings: int
    attended_managers: int
    attended_hr: int
    subjects: list[SubjectServiceRow]


class RosterFigures(TypedDict):
    """会签 of the year's list: how many seats owe a signature, whose is missing, whose is older than the list."""

    confirmed: bool
    seats: int
    unsigned: list[str]
    stale: list[str]


class SpotCheckRound(TypedDict):
    """One round: checks of this district (of the city: of all) by column of the dashboard, findings and their orders.

    `own`: the conclusion of the district's own inspection, blank without one.
    """

    title: str
    due: int
    told: int
    checked: int
    waiting: int
    qualified: int
    rectify: int
    unqualified: int
    veto: int
    refused: int
    found: int
    closed: int
    overdue: int
    own: str


class SpotCheckFinding(TypedDict):
    """One finding of the year with its order; `state` in words, days ISO or None."""

    unit: str
    source: str
    clause: str
    title: str
    severity: str
    state: str
    due_on: str | None
    closed_on: str | None


class SpotCheckFigures(TypedDict):
    """抽查与整改 (C091, C092): the rounds of the year; orders of other sources; orders of years before not yet over."""

    rounds: list[SpotCheckRound]
    findings: list[SpotCheckFinding]
    other_orders: int
    other_closed: int
    other_overdue: int
    earlier_open: int
    earlier_overdue: int


class ReportFigures(TypedDict):
    """Everything the report of one district and year is drafted from.

    Everything is as at the end of `as_of`, but for what `as_made` names: that is of `made_on`, the day the figures were
    made (制表日). Snapshots of before may lack `services`, `activities` or `spot_checks`; what is drafted from them is then
    left out.
    """

    year: int
    district_code: str
    district_name: str
    signatory: str
    period_start: str
    period_end: str
    as_of: str
    made_on: NotRequired[str]
    as_made: NotRequired[list[str]]
    targets: list[TargetRow]
    kinds: list[KindFigures]
    assessments: list[AssessmentFigures]
    participation: ParticipationFigures
    subjects: list[SubjectRow]
    services: NotRequired[ServiceFigures]
    activities: NotRequired[ActivityFigures]
    spot_checks: NotRequired[SpotCheckFigures]
    roster: NotRequired[RosterFigures]

"""What the ledgers hold of a district's year, as plain JSON data: a part of the figures of the annual report.

Text and integers only; ratios are finished text such as 「87.5%」. None means 未填报 and is never shown as 0.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Labelled(TypedDict):
    label: str
    count: int


class Coverage(TypedDict):
    """`numerator` of `denominator`; `missing` are the names that make the difference."""

    label: str
    numerator: int
    denominator: int
    rate: str
    missing: list[str]


class Answer(TypedDict):
    """One matter of notice 四（一）, answered by the district's own body; `achieved` None: not answered."""

    label: str
    achieved: bool | None
    on: str | None
    document_number: str


class Mechanism(TypedDict):
    """Bodies, people and the three matters (C057, C059–C061, C097–C099).

    `outside_parks`: parks that are cultivated but no places of the district, so that no share here knows them.
    """

    established: bool
    vacant_seats: list[str]
    bodies: Coverage
    coordinated: Coverage
    coordinators: int
    instructors: int
    liaised: int
    answers: list[Answer]
    place_answers: list[Coverage]
    outside_parks: NotRequired[list[str]]


class Work(TypedDict):
    """Plan, task forces, work items, documents, reviews (C045, C056, C065–C071, C102–C104).

    `plan_state` "" where no plan was begun; items = done + open + cancelled, overdue ≤ open.
    """

    plan_state: str
    plan_missing: list[str]
    plan_number: str
    plan_issued_on: str | None
    task_forces: list[str]
    items: int
    done: int
    open: int
    overdue: int
    cancelled: int
    documents: int
    reviews: int


class CaseLine(TypedDict):
    """One topic; `counts` in the order of the outcomes."""

    label: str
    counts: list[int]


class Cases(TypedDict):
    """Advisories or mediations, single and by month together (C061). total = Σ lines = Σ by_outcome.

    `doubles`: what was likely counted twice, in words.
    """

    total: int
    outcomes: list[str]
    lines: list[CaseLine]
    doubles: NotRequired[list[str]]


class PointLine(TypedDict):
    name: str
    township: str
    kinds: list[str]
    staff: int
    months: int
    visitors: int
    advisories: int
    mediations: int
    others: int


class Points(TypedDict):
    """基层公共服务站点 (C032). `total` and the three attributes are of the points in service."""

    total: int
    one_stop: int
    smart: int
    standardized: int
    staff: int
    visitors: int
    advisories: int
    mediations: int
    others: int
    lines: list[PointLine]


class TopicLine(TypedDict):
    """One of the notice's four topics: sessions, people, cultivated firms reached out of all."""

    label: str
    held: int
    joined: int
    people: int
    reached: int
    cultivated: int


class TrainingLine(TypedDict):
    """One session: people of this district; `others` only where the district held it."""

    title: str
    on: str
    holder: str
    topics: list[str]
    managers: int
    hr: int
    others: int


class Trainings(TypedDict):
    """专题培训 (C046–C050). `complete`: cultivated firms without a gap in audience or topic."""

    held: int
    joined: int
    managers: int
    hr: int
    others: int
    firms: int
    complete: int
    topics: list[TopicLine]
    lines: list[TrainingLine]


class PilotLine(TypedDict):
    name: str
    partners: int
    authorities: int
    members: int
    standards: list[str]
    summaries: int
    spreads: int


class Industry(TypedDict):
    """行业试点 and what was done for industries beside them (C035–C040, C076–C082, C106)."""

    pilots: list[PilotLine]
    actions: int
    studies: int
    guides: int


class Measured(TypedDict):
    """认知度、参与度、美誉度: people who answered so, out of people asked."""

    label: str
    numerator: int
    denominator: int
    rate: str
    method: str


class Publicity(TypedDict):
    """宣传报道、特色品牌、先进事迹 (C114–C118). total = Σ by_kind; `stories` are those told with consent."""

    total: int
    by_kind: list[Labelled]
    brands: list[str]
    stories: int
    measured: list[Measured]


class PracticeLine(TypedDict):
    """A practice that may be cited: it names its subject and proof, and the firm's consent is complete."""

    title: str
    subject: str
    summary: str
    adopted: int


class Practices(TypedDict):
    """典型经验 (C089). `uncited`: on record, but not to be cited yet."""

    lines: list[PracticeLine]
    uncited: int


class PeriodLine(TypedDict):
    """One 统计指标: finished numbers; `rate` "" for a count."""

    code: NotRequired[str]
    group: str
    label: str
    numerator: str
    denominator: str
    unit: str
    rate: str


class Period(TypedDict):
    """The latest period the district entered; "" where it entered none."""

    label: str
    code: NotRequired[str]
    lines: list[PeriodLine]


class ActivityFigures(TypedDict):
    mechanism: Mechanism
    work: Work
    mediations: Cases
    advisories: Cases
    points: Points
    trainings: Trainings
    industry: Industry
    publicity: Publicity
    practices: Practices
    period: Period
    culture: list[Labelled]
